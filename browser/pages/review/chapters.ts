// Chapters of the film, from the moments that people marked in the call. Pure.
import type * as z from "zod/mini";
import type { Bookmark } from "../../../protocol/call.ts";

export interface Chapter {
  atMs: number;
  /** Where the next one begins, or the film ends. */
  toMs: number;
  /** Who marked it; nobody: it is the beginning. */
  names: string[];
}

/** Two people who mark the same moment do not do so at the same moment. */
const sameMs = 1500;

export function chaptersOf(bookmarks: readonly z.infer<typeof Bookmark>[], lengthMs: number): Chapter[] {
  const chapters: Chapter[] = [];
  for (const { atMs, participant } of bookmarks.filter((one) => one.atMs < lengthMs).toSorted((a, b) => a.atMs - b.atMs)) {
    const last = chapters.at(-1);
    if (last && atMs - last.atMs <= sameMs) {
      if (!last.names.includes(participant.name)) last.names.push(participant.name);
    } else chapters.push({ atMs, toMs: lengthMs, names: [participant.name] });
  }
  if (chapters.length === 0) return [];
  if (chapters[0]!.atMs > sameMs) chapters.unshift({ atMs: 0, toMs: lengthMs, names: [] });
  for (const [index, chapter] of chapters.entries()) chapter.toMs = chapters[index + 1]?.atMs ?? lengthMs;
  return chapters;
}

/** The one that the moment lies in; -1: there are none. */
export function chapterAt(chapters: readonly Chapter[], atMs: number): number {
  return Math.max(
    chapters.length > 0 ? 0 : -1,
    chapters.findLastIndex((one) => one.atMs <= atMs + 1),
  );
}

/** Shortly after a chapter's beginning, back means the one before it. */
const backMs = 2000;

/** Where B leads (`by` 1), or Shift B (-1); null: nowhere. */
export function chapterBeside(chapters: readonly Chapter[], atMs: number, by: 1 | -1): Chapter | null {
  const here = chapterAt(chapters, atMs);
  if (here < 0) return null;
  if (by === 1) return chapters[here + 1] ?? null;
  const begun = atMs - chapters[here]!.atMs;
  return chapters[begun > backMs ? here : here - 1] ?? null;
}
