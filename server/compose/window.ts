// Plans one window: which faces are where at which tick, and whose sound is heard. Pure; knows no media, only the timeline.
// Promise: every tick of the window lies in exactly one piece, and the same timeline gives the same plan.
import { windowMs, windowTicks } from "../../protocol/film.ts";
import type { Knee, Timeline } from "../../protocol/timeline.ts";
import { type Canvas, type Layout, layoutOf, type Rect } from "./layout.ts";
import { msOf, tickOf } from "./place.ts";
import { isOpen, spansOf } from "./spans.ts";

export { windowMs, windowTicks };

/** Sound is needed a little around the window: 85 ms of lead-in for the encoder; 21 ms and what browsers stamp late (57 ms) after it. */
const soundAroundMs = 100;

export interface Tile {
  trackId: string;
  rect: Rect;
  /** Whose picture; null: a card. */
  segment: string | null;
  /** The camera was off: the name instead of the picture. */
  off: boolean;
  /** What the card says beside the name; null: nothing. */
  why: string | null;
}

/** From this tick on this track is large, where nothing is shared. */
export interface Turn {
  fromTick: number;
  trackId: string;
}

/** How a film looks: what does not change from window to window. */
export interface Look extends Canvas {
  /** "side-by-side" unless said. */
  layout?: Layout | undefined;
  /** Whether names are drawn; they are, unless said. */
  names?: boolean | undefined;
  /** For "speaker": in order. */
  turns?: readonly Turn[] | undefined;
}

/** A name to be drawn. `plate`: file with how its owner's browser draws it, relative to the recording's folder, and then `name` is null. */
export interface Named {
  trackId: string;
  name: string | null;
  plate: string | null;
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
  /** Whose names are drawn in it; nobody's when names are off. */
  named: Named[];
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
export function windowOf(timeline: Timeline, look: Look, index: number): WindowJob | null {
  const firstTick = index * windowTicks;
  const total = ticksOf(timeline);
  const lastTick = Math.min(firstTick + windowTicks, total ?? Number.POSITIVE_INFINITY);
  if (lastTick <= firstTick) return null;
  const shown = timeline.tracks.map((track) => ({ track, spans: spansOf(track, timeline.durationMs, total, lastTick) }));
  const turns = look.layout === "speaker" ? (look.turns ?? []) : [];
  const cuts = new Set([firstTick, lastTick]);
  const cut = (tick: number) => tick > firstTick && tick < lastTick && cuts.add(tick);
  for (const { spans } of shown) for (const span of spans) for (const tick of [span.fromTick, span.toTick]) cut(tick);
  for (const turn of turns) cut(turn.fromTick);
  const ticks = [...cuts].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (const [at, fromTick] of ticks.slice(0, -1).entries()) {
    const here = shown.flatMap(({ track, spans }) => {
      const span = spans.find((candidate) => candidate.fromTick <= fromTick && fromTick < candidate.toTick);
      return span ? [{ track, span }] : [];
    });
    const faces = here.map(({ track }) => ({ key: track.id, source: track.source }));
    const rects = layoutOf(faces, look, look.layout === "speaker" ? largeOf(faces, turns, fromTick) : null);
    const tiles = here.map(({ track, span: { segment, off, why } }, tile) => ({
      trackId: track.id,
      rect: rects[tile]!,
      segment,
      off,
      why,
    }));
    pieces.push({ fromTick, toTick: ticks[at + 1]!, tiles });
  }
  const sounds = soundsOf(timeline, firstTick, lastTick);
  const named = look.names === false ? [] : namedIn(timeline, pieces);
  return { index, firstTick, ticks: lastTick - firstTick, pieces, named, sounds, sources: sourcesOf(timeline, pieces, sounds, lastTick) };
}

/** Whose turn it is, if they are there; else whoever comes first. */
function largeOf(faces: readonly { key: string; source: string }[], turns: readonly Turn[], tick: number): string | null {
  const turn = turns.findLast(({ fromTick }) => fromTick <= tick);
  const cameras = faces.filter(({ source }) => source === "camera");
  return (cameras.find(({ key }) => key === turn?.trackId) ?? cameras[0])?.key ?? null;
}

function namedIn(timeline: Timeline, pieces: readonly Piece[]): Named[] {
  const here = new Set(pieces.flatMap(({ tiles }) => tiles.map(({ trackId }) => trackId)));
  return timeline.tracks
    .filter(({ id }) => here.has(id))
    .map(({ id, participant, plate }) => ({ trackId: id, name: plate ? null : participant.name, plate: plate ?? null }));
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
  return JSON.stringify([job.ticks, job.pieces, job.named, job.sounds, job.sources.map(({ segment, toTick }) => [segment, toTick])]);
}
