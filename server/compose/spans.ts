// When a track is on screen, and as what: its pictures, its name because the camera is off, or a card that says why there is nothing. Pure.
// Promise: spans do not overlap and come in order; what is known while it records holds afterwards too, so that little is composed again.
import type { Gap } from "../../protocol/recording.ts";
import type { Timeline, TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import { frozenOf, withCards } from "./frozen.ts";
import { msOf, tickOf } from "./place.ts";

/** Someone whose first picture comes this soon after Record (or whose last one this shortly before Stop) was there from the beginning (to the end). */
export const edgeMs = 1000;
/** A segment that is still open is taken to go on as long as its bytes are at most this far behind. */
export const openMs = 2000;
/** A hole in a track that is shorter is bridged with the last picture; a card would only flash. */
const bridgeTicks = 15;
/** A hole that is longer is somebody who left and came back: their tile goes meanwhile. */
export const holeMostMs = 20_000;
/** Whoever broke off without a word has a card for so long; then their tile goes. */
const goodbyeTicks = 150;
/** A browser tells of a camera that was switched off about when it was; black pictures begin no earlier than this before, and end by that after. */
const blackBeforeMs = 70;
const blackAfterMs = 130;

export interface Span {
  fromTick: number;
  toTick: number;
  /** Null: a card. */
  segment: string | null;
  /** The camera was off: the name is shown, and the voice moves a ring. */
  off: boolean;
  /** What the card says; null where there is none. */
  why: string | null;
}

/** In short words, for people who watch. */
const words: Record<Gap["reason"], string> = {
  rejoined: "connection to the device lost",
  device: "changing camera or microphone",
  slip: "the device stood still",
  lost: "the rest did not arrive",
  damaged: "the recording is damaged here",
  paused: "paused",
};

/** `total`: ticks of the whole film, null while it records. `windowEnd`: the tick up to which is asked. */
export function spansOf(track: TimelineTrack, durationMs: number | null, total: number | null, windowEnd: number): Span[] {
  const segments = inTurn(track.segments, (segment) => durationMs === null && isOpen(segment, windowEnd));
  const spans: Span[] = [];
  const add = (span: Span) => {
    if (span.toTick > span.fromTick) spans.push(span);
  };
  let tick = 0;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    const from = index === 0 && segment.startMs < edgeMs ? 0 : Math.max(tick, tickOf(segment.startMs));
    let to = next
      ? Math.min(tickOf(segment.endMs), Math.max(from, tickOf(next.startMs)))
      : endTickOf(segment, durationMs, total, windowEnd);
    if (next && tickOf(next.startMs) - to < bridgeTicks) to = tickOf(next.startMs);
    for (const span of shownOf(segment, from, to)) add(span);
    tick = Math.max(to, from);
    const hole = holeAfter(track, segment, next ?? null, tick, windowEnd);
    if (hole) add(total === null ? hole : { ...hole, toTick: Math.min(hole.toTick, total) });
  }
  return withCards(spans, frozenOf(track), words);
}

/** One after the other: a segment that begins within another one is shown instead of it, and if it ends within it, the other one comes back.
 * `goesOn`: more of it is on its way. */
function inTurn(segments: readonly TimelineSegment[], goesOn: (segment: TimelineSegment) => boolean): TimelineSegment[] {
  const turns: TimelineSegment[] = [];
  const outer: TimelineSegment[] = [];
  const comeBack = (untilMs: number) => {
    for (let last = turns.at(-1); last && last.endMs < untilMs && !goesOn(last); last = turns.at(-1)) {
      const back = outer.pop();
      if (!back) return;
      if (back.endMs > last.endMs) turns.push({ ...back, startMs: last.endMs });
    }
  };
  for (const segment of segments.toSorted((a, b) => a.startMs - b.startMs)) {
    comeBack(segment.startMs);
    const last = turns.at(-1);
    if (last && last.endMs > segment.endMs) outer.push(last);
    turns.push(segment);
  }
  comeBack(Number.POSITIVE_INFINITY);
  return turns;
}

/** The card that follows a segment; null: none. */
function holeAfter(
  track: TimelineTrack,
  segment: TimelineSegment,
  next: TimelineSegment | null,
  tick: number,
  windowEnd: number,
): Span | null {
  const card = (toTick: number, why: string): Span => ({ fromTick: tick, toTick, segment: null, off: false, why });
  if (next && next.startMs - segment.endMs <= holeMostMs) {
    const middleMs = (segment.endMs + next.startMs) / 2;
    const gap = track.gaps.find(({ fromMs, toMs }) => fromMs <= middleMs && middleMs <= toMs);
    return card(tickOf(next.startMs), words[gap?.reason ?? "rejoined"]);
  }
  const lost = !next && track.gaps.some(({ reason, toMs }) => reason === "lost" && toMs > segment.endMs);
  if (!lost && (segment.sealed || isOpen(segment, windowEnd))) return null;
  const goodbye = Math.min(tick + goodbyeTicks, next ? tickOf(next.startMs) : Number.POSITIVE_INFINITY);
  return card(goodbye, words[lost ? "lost" : "rejoined"]);
}

/** A segment on screen, cut where its camera was off. */
function shownOf(segment: TimelineSegment, from: number, to: number): Span[] {
  const spans: Span[] = [];
  let tick = from;
  const add = (toTick: number, off: boolean) => {
    const until = Math.min(to, toTick);
    if (until <= tick) return;
    spans.push({ fromTick: tick, toTick: until, segment: segment.id, off, why: null });
    tick = until;
  };
  for (const { fromMs, toMs } of segment.off ?? []) {
    add(fromMs <= segment.startMs ? from : tickOf(fromMs - blackBeforeMs), false);
    add(toMs === null ? to : tickOf(toMs + blackAfterMs), true);
  }
  add(to, false);
  return spans;
}

function endTickOf(last: TimelineSegment, durationMs: number | null, total: number | null, windowEnd: number): number {
  const end = tickOf(last.endMs);
  if (durationMs !== null && total !== null) return durationMs - last.endMs < edgeMs ? total : end;
  return isOpen(last, windowEnd) ? Math.max(end, windowEnd) : end;
}

/** While it records: whether more of this segment is expected in a window that ends there. */
export function isOpen(segment: TimelineSegment, windowEnd: number): boolean {
  return !segment.sealed && segment.endMs >= msOf(windowEnd) - openMs;
}

/** The earliest moment at which two timelines of one recording may differ in what is shown or heard, maps aside; Infinity: nowhere. */
export function changedFromMs(before: Timeline, after: Timeline): number {
  let from = Number.POSITIVE_INFINITY;
  const mark = (atMs: number) => {
    from = Math.min(from, atMs < edgeMs ? 0 : atMs);
  };
  if (before.durationMs !== after.durationMs) mark(Math.min(before.durationMs ?? Infinity, after.durationMs ?? Infinity) - openMs - edgeMs);
  const old = new Map(before.tracks.flatMap((track) => track.segments).map((segment) => [segment.id, segment]));
  for (const track of after.tracks)
    for (const segment of track.segments) {
      const was = old.get(segment.id);
      old.delete(segment.id);
      // What lay before it was a hole's beginning, or a goodbye.
      if (!was) mark(Math.min(segment.startMs, lastEndBefore(track, segment)) - openMs);
      else if (was.startMs !== segment.startMs) mark(Math.min(was.startMs, segment.startMs, lastEndBefore(track, segment)));
      else if (was.endMs !== segment.endMs) mark(Math.min(was.endMs, segment.endMs) - openMs);
      else if (was.sealed !== segment.sealed) mark(segment.endMs - openMs);
      if (was) mark(offChangedFrom(was, segment));
    }
  for (const gone of old.values()) mark(gone.startMs);
  for (const track of after.tracks) {
    const was = before.tracks.find(({ id }) => id === track.id);
    if (!was) continue;
    if (was.plate !== track.plate) mark(0);
    mark(gapsChangedFrom(was.gaps, track.gaps) - openMs);
  }
  // A tile's place depends on who else is there and in which order, from the first of them on.
  if (before.tracks.map(({ id }) => id).join() !== after.tracks.map(({ id }) => id).join()) {
    const known = new Set(before.tracks.map(({ id }) => id));
    const kept = after.tracks.filter(({ id }) => known.has(id)).map(({ id }) => id);
    if (kept.join() !== before.tracks.map(({ id }) => id).join()) mark(0);
  }
  return from;
}

/** The end of the segment before it, when that is near enough for a card between the two. */
function lastEndBefore({ segments }: TimelineTrack, { id, startMs }: TimelineSegment): number {
  const ends = segments.filter((other) => other.id !== id && other.startMs <= startMs).map(({ endMs }) => endMs);
  const last = Math.max(Number.NEGATIVE_INFINITY, ...ends);
  return startMs - last <= holeMostMs ? Math.min(last, startMs) : startMs;
}

/** Those between segments move with them, which is looked at there. */
function gapsChangedFrom(before: readonly Gap[], after: readonly Gap[]): number {
  const [was, is] = [before, after].map((gaps) => gaps.toSorted((a, b) => a.fromMs - b.fromMs)) as [Gap[], Gap[]];
  for (let index = 0; index < Math.max(was.length, is.length); index++) {
    const [one, other] = [was[index], is[index]];
    const moved = one?.reason === "damaged" && (one.fromMs !== other?.fromMs || one.toMs !== other?.toMs);
    if (one?.reason !== other?.reason || moved) return Math.min(one?.fromMs ?? Infinity, other?.fromMs ?? Infinity);
  }
  return Number.POSITIVE_INFINITY;
}

function offChangedFrom(before: TimelineSegment, after: TimelineSegment): number {
  const [was, is] = [before.off ?? [], after.off ?? []];
  for (let index = 0; index < Math.max(was.length, is.length); index++) {
    const [one, other] = [was[index], is[index]];
    if (one?.fromMs !== other?.fromMs) return Math.min(one?.fromMs ?? Infinity, other?.fromMs ?? Infinity) - blackBeforeMs;
    if (one?.toMs !== other?.toMs) return Math.min(one?.toMs ?? Infinity, other?.toMs ?? Infinity) - blackBeforeMs;
  }
  return Number.POSITIVE_INFINITY;
}
