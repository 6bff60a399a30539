// Plans one window: which faces are where at which tick, and whose sound is heard. Pure; knows no media, only the timeline.
// Promise: every tick of the window lies in exactly one piece, and the same timeline gives the same plan.
import type { Knee, Timeline, TimelineSegment, TimelineTrack } from "../../protocol/recording.ts";
import { type Canvas, layoutOf, type Rect } from "./layout.ts";
import { msOf, tickOf } from "./place.ts";

/** 3.2 s. A multiple of 16, so that a window is also a whole number of AAC frames (150). */
export const windowTicks = 96;
export const windowMs = msOf(windowTicks);

/** Someone whose first picture comes this soon after Record (or whose last one this shortly before Stop) was there from the beginning (to the end). */
const edgeMs = 1000;
/** A hole in a track that is shorter is bridged with the last picture; a card would only flash. */
const bridgeTicks = 15;
/** A segment that is still open is taken to go on as long as its bytes are at most this far behind. */
const openMs = 2000;
/** Sound is needed a little around the window: 85 ms of lead-in for the encoder; 21 ms and what browsers stamp late (57 ms) after it. */
const soundAroundMs = 100;

export interface Tile {
  trackId: string;
  rect: Rect;
  /** Whose picture; null: a card. */
  segment: string | null;
}

export interface Piece {
  fromTick: number;
  toTick: number;
  tiles: Tile[];
}

export interface SegmentSource {
  segment: string;
  trackId: string;
  /** Relative to the recording's folder. */
  file: string;
  bytes: number;
  map: Knee[];
  soundMap?: Knee[] | undefined;
  audioShiftMs: number;
  /** The tick up to which this window can have something of it. */
  toTick: number;
}

export interface WindowJob {
  index: number;
  firstTick: number;
  ticks: number;
  pieces: Piece[];
  /** Ids of the segments to be heard. */
  sounds: string[];
  sources: SegmentSource[];
}

/** Ticks of the whole film; null while it records. */
export function ticksOf(timeline: Timeline): number | null {
  return timeline.durationMs === null ? null : Math.max(1, tickOf(timeline.durationMs));
}

/** Windows of the whole film; null while it records. */
export function windowsOf(timeline: Timeline): number | null {
  const ticks = ticksOf(timeline);
  return ticks === null ? null : Math.ceil(ticks / windowTicks);
}

/** Null when the film has no such window. */
export function windowOf(timeline: Timeline, canvas: Canvas, index: number): WindowJob | null {
  const firstTick = index * windowTicks;
  const total = ticksOf(timeline);
  const lastTick = Math.min(firstTick + windowTicks, total ?? Number.POSITIVE_INFINITY);
  if (lastTick <= firstTick) return null;
  const shown = timeline.tracks.map((track) => ({ track, spans: spansOf(track, timeline.durationMs, total, lastTick) }));
  const cuts = new Set([firstTick, lastTick]);
  for (const { spans } of shown)
    for (const span of spans) for (const tick of [span.fromTick, span.toTick]) if (tick > firstTick && tick < lastTick) cuts.add(tick);
  const ticks = [...cuts].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (const [at, fromTick] of ticks.slice(0, -1).entries()) {
    const here = shown.flatMap(({ track, spans }) => {
      const span = spans.find((candidate) => candidate.fromTick <= fromTick && fromTick < candidate.toTick);
      return span ? [{ track, segment: span.segment }] : [];
    });
    const rects = layoutOf(
      here.map(({ track }) => ({ key: track.id, source: track.source })),
      canvas,
    );
    const tiles = here.map(({ track, segment }, tile) => ({ trackId: track.id, rect: rects[tile]!, segment }));
    pieces.push({ fromTick, toTick: ticks[at + 1]!, tiles });
  }
  const sounds = soundsOf(timeline, firstTick, lastTick);
  return { index, firstTick, ticks: lastTick - firstTick, pieces, sounds, sources: sourcesOf(timeline, pieces, sounds, lastTick) };
}

interface Span {
  fromTick: number;
  toTick: number;
  segment: string | null;
}

/** When the track is on screen, and with which segment: without a hole from its first start to its last end. */
function spansOf(track: TimelineTrack, durationMs: number | null, total: number | null, windowEnd: number): Span[] {
  const segments = track.segments.toSorted((a, b) => a.startMs - b.startMs);
  const spans: Span[] = [];
  let tick = 0;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    const from = index === 0 && segment.startMs < edgeMs ? 0 : Math.max(tick, tickOf(segment.startMs));
    let to = next
      ? Math.min(tickOf(segment.endMs), Math.max(from, tickOf(next.startMs)))
      : endTickOf(segment, durationMs, total, windowEnd);
    if (next && tickOf(next.startMs) - to < bridgeTicks) to = tickOf(next.startMs);
    if (index > 0 && from > tick) spans.push({ fromTick: tick, toTick: from, segment: null });
    if (to > from) spans.push({ fromTick: from, toTick: to, segment: segment.id });
    tick = Math.max(to, from);
  }
  return spans;
}

function endTickOf(last: TimelineSegment, durationMs: number | null, total: number | null, windowEnd: number): number {
  const end = tickOf(last.endMs);
  if (durationMs !== null && total !== null) return durationMs - last.endMs < edgeMs ? total : end;
  return isOpen(last, windowEnd) ? Math.max(end, windowEnd) : end;
}

/** While it records: whether more of this segment is expected in a window that ends there. */
function isOpen(segment: TimelineSegment, windowEnd: number): boolean {
  return !segment.sealed && segment.endMs >= msOf(windowEnd) - openMs;
}

function soundsOf(timeline: Timeline, firstTick: number, lastTick: number): string[] {
  const fromMs = msOf(firstTick) - soundAroundMs;
  const toMs = msOf(lastTick) + soundAroundMs;
  return timeline.tracks.flatMap((track) =>
    track.segments.filter((segment) => segment.startMs < toMs && segment.endMs > fromMs).map((segment) => segment.id),
  );
}

function sourcesOf(timeline: Timeline, pieces: Piece[], sounds: string[], lastTick: number): SegmentSource[] {
  const used = new Set(sounds);
  for (const piece of pieces) for (const tile of piece.tiles) if (tile.segment) used.add(tile.segment);
  return timeline.tracks.flatMap((track) =>
    track.segments
      .filter((segment) => used.has(segment.id))
      .map((segment) => ({
        segment: segment.id,
        trackId: track.id,
        file: segment.file,
        bytes: segment.bytes,
        map: segment.map,
        soundMap: segment.soundMap,
        audioShiftMs: segment.audioShiftMs,
        // The watermark has passed: what an open segment has not given by now (a still screen gives no pictures) lies after the window.
        toTick: timeline.durationMs === null && isOpen(segment, lastTick) ? lastTick : Math.min(tickOf(segment.endMs), lastTick),
      })),
  );
}

/** What decides how a window looks and sounds, apart from the maps: two plans with the same shape need not both be composed. */
export function shapeOf(job: WindowJob): string {
  return JSON.stringify([job.ticks, job.pieces, job.sounds, job.sources.map(({ segment, toTick }) => [segment, toTick])]);
}

/** The earliest moment at which two timelines of one recording may differ in what is shown or heard, maps aside; Infinity: nowhere. */
export function changedFromMs(before: Timeline, after: Timeline): number {
  let from = Number.POSITIVE_INFINITY;
  const mark = (atMs: number) => {
    from = Math.min(from, atMs < edgeMs ? 0 : atMs);
  };
  if (before.durationMs !== after.durationMs) mark(Math.min(before.durationMs ?? Infinity, after.durationMs ?? Infinity) - openMs - edgeMs);
  const old = new Map(before.tracks.flatMap((track) => track.segments).map((segment) => [segment.id, segment]));
  for (const segment of after.tracks.flatMap((track) => track.segments)) {
    const was = old.get(segment.id);
    old.delete(segment.id);
    if (!was) mark(segment.startMs - openMs);
    else if (was.startMs !== segment.startMs) mark(Math.min(was.startMs, segment.startMs));
    else if (was.endMs !== segment.endMs) mark(Math.min(was.endMs, segment.endMs) - openMs);
    else if (was.sealed !== segment.sealed) mark(segment.endMs - openMs);
  }
  for (const gone of old.values()) mark(gone.startMs);
  // A tile's place depends on who else is there and in which order, from the first of them on.
  if (before.tracks.map(({ id }) => id).join() !== after.tracks.map(({ id }) => id).join()) {
    const known = new Set(before.tracks.map(({ id }) => id));
    const kept = after.tracks.filter(({ id }) => known.has(id)).map(({ id }) => id);
    if (kept.join() !== before.tracks.map(({ id }) => id).join()) mark(0);
  }
  return from;
}
