// Comments in order: threads by time, who comes next, and dots on the timeline. Pure.
import type { Colour, Comment, Reviewer } from "../../../protocol/feedback.ts";
import { colours } from "../../../protocol/feedback.ts";

export interface Thread {
  first: Comment;
  replies: Comment[];
}

/** By time in the recording, replies by when they were written. A reply whose thread is not there stands for itself. */
export function threadsOf(comments: readonly Comment[]): Thread[] {
  const threads = new Map<string, Thread>();
  for (const comment of comments) if (comment.parentId === null) threads.set(comment.id, { first: comment, replies: [] });
  for (const comment of comments) {
    if (comment.parentId === null) continue;
    const thread = threads.get(comment.parentId);
    if (thread) thread.replies.push(comment);
    else threads.set(comment.id, { first: comment, replies: [] });
  }
  for (const { replies } of threads.values()) if (replies.length > 1) replies.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  return [...threads.values()].sort((a, b) => a.first.atMs - b.first.atMs || (a.first.id < b.first.id ? -1 : 1));
}

/** The list with this comment in it as it is now. */
export function withComment(comments: readonly Comment[], comment: Comment): Comment[] {
  const known = comments.find(({ id }) => id === comment.id);
  // What was read later may be told earlier.
  if (known && known.version > comment.version) return [...comments];
  return known ? comments.map((one) => (one === known ? comment : one)) : [...comments, comment];
}

/** The thread after (`by` 1) or before (-1) the selected one; without one, after or before the moment on the screen. Null: there is none. */
export function neighbour(threads: readonly Thread[], selected: string | null, atMs: number, by: 1 | -1): Thread | null {
  const at = threads.findIndex(({ first }) => first.id === selected);
  if (at >= 0) return threads[at + by] ?? null;
  if (by === 1) return threads.find(({ first }) => first.atMs > atMs) ?? null;
  return threads.findLast(({ first }) => first.atMs < atMs) ?? null;
}

export interface Face {
  letter: string;
  colour: Colour;
}

/** The letter and colour somebody has wherever they appear; by the order in which they came, so that neighbours differ. */
export function faceOf(name: string | null, reviewerId: string | null, reviewers: readonly Pick<Reviewer, "id">[]): Face {
  const index = reviewers.findIndex(({ id }) => id === reviewerId);
  const letter = [...(name ?? "").trim()][0]?.toLocaleUpperCase() ?? "?";
  const place = index >= 0 ? index : [...(name ?? "")].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0);
  return { letter, colour: colours[place % colours.length]! };
}

/** Those that would lie on one another on the timeline, as one dot. */
export interface Dot {
  /** 0 to 1. */
  place: number;
  threads: Thread[];
}

export function dotsOf(threads: readonly Thread[], lengthMs: number, most: number): Dot[] {
  const dots = new Map<number, Dot>();
  for (const thread of threads) {
    const place = Math.min(1, thread.first.atMs / lengthMs);
    const bucket = Math.floor(place * most);
    const dot = dots.get(bucket);
    if (dot) dot.threads.push(thread);
    else dots.set(bucket, { place, threads: [thread] });
  }
  return [...dots.values()];
}

/** Those that are about a range, as bands; where they would begin in one place, as one that reaches as far as the longest. */
export interface Band extends Dot {
  /** How long it is, 0 to 1. */
  share: number;
}

export function bandsOf(threads: readonly Thread[], lengthMs: number, most: number): Band[] {
  const ranged = threads.filter(({ first }) => first.endMs !== null);
  return dotsOf(ranged, lengthMs, most).map((dot) => {
    const end = Math.max(...dot.threads.map(({ first }) => first.endMs ?? 0));
    return { ...dot, share: Math.max(0, Math.min(1, end / lengthMs) - dot.place) };
  });
}
