// What a new timeline means for windows that are composed already: the places they were composed with hold as long as they are good enough. Pure.
// Promise: a map that is refined a little moves nothing; one that moves by half a picture or more moves everything it touches.
import type { Gap } from "../../protocol/recording.ts";
import type { Knee, Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import type { LedgerWindow, Placed } from "./ledger.ts";
import { apart, follow, mapAt, mediaAt, msOf } from "./place.ts";
import { type WindowJob, windowMs } from "./window.ts";

/** Half a picture: nobody sees or hears less. */
export const movedMs = msOf(1) / 2;
/** The next window is composed by the map of the windows before it while the fresh one is no further away. */
const closeMs = 4;
/** A start or an end that moves by so little stays, so that it does not hop from tick to tick. */
const stillMs = 5;

/** The timeline to plan by. `placed`: the entries of the ledger; `front`: the first window that is not composed yet. */
export function settle(timeline: Timeline, placed: readonly Placed[], front: number): Timeline {
  const last = new Map(placed.map((entry) => [entry.segment, entry]));
  return {
    ...timeline,
    tracks: timeline.tracks.map((track) => {
      const segments = track.segments.map((segment) => settleSegment(segment, last.get(segment.id), front * windowMs));
      return { ...track, segments, gaps: track.gaps.map((gap) => settleGap(gap, track.segments, segments)) };
    }),
  };
}

/** Damage lies where its segment's media lie: between two packets, whose times are whole milliseconds. */
function settleGap(gap: Gap, fresh: readonly TimelineSegment[], settled: readonly TimelineSegment[]): Gap {
  if (gap.reason !== "damaged") return gap;
  const index = fresh.findIndex(({ startMs, endMs }) => startMs <= gap.fromMs && gap.toMs <= endMs);
  const [from, to] = [fresh[index]?.map, settled[index]?.map];
  if (!from || !to || from === to) return gap;
  const settle = (atMs: number) => Math.round(mapAt(to, Math.round(mediaAt(from, atMs))));
  return { ...gap, fromMs: settle(gap.fromMs), toMs: settle(gap.toMs) };
}

function settleSegment(segment: TimelineSegment, used: Placed | undefined, frontMs: number): TimelineSegment {
  if (!used) return segment;
  const composedMs = Math.min(frontMs, used.endMs);
  const moved = apart(used.map, segment.map, used.startMs, composedMs);
  const [usedSound, sound] = [used.soundMap ?? used.map, segment.soundMap ?? segment.map];
  if (
    moved > movedMs ||
    apart(usedSound, sound, used.startMs, composedMs) > movedMs ||
    Math.abs(used.audioShiftMs - segment.audioShiftMs) > movedMs
  )
    return segment;
  return {
    ...segment,
    map: goneOn(used.map, segment.map, frontMs),
    ...(used.soundMap || segment.soundMap ? { soundMap: goneOn(usedSound, sound, frontMs) } : {}),
    audioShiftMs: used.audioShiftMs,
    startMs: Math.abs(used.startMs - segment.startMs) <= movedMs ? used.startMs : segment.startMs,
    endMs: Math.abs(used.endMs - segment.endMs) <= stillMs ? used.endMs : segment.endMs,
    ...(segment.off ? { off: segment.off.map((off, index) => settleOff(off, used.off?.[index])) } : {}),
  };
}

type Off = NonNullable<TimelineSegment["off"]>[number];

/** A clock that is known better by a little moves no camera's switching. */
function settleOff(off: Off, used: Off | undefined): Off {
  const near = (one: number, other: number) => Math.abs(one - other) <= movedMs;
  if (!used || !near(used.fromMs, off.fromMs)) return off;
  return { fromMs: used.fromMs, toMs: off.toMs !== null && used.toMs !== null && near(used.toMs, off.toMs) ? used.toMs : off.toMs };
}

function goneOn(used: Knee[], fresh: Knee[], frontMs: number): Knee[] {
  const close = apart(used, fresh, frontMs, frontMs + windowMs) <= closeMs;
  return close ? used : follow(used, fresh, frontMs, frontMs + windowMs);
}

/** Whether what a composed window was made by is too far from what it would be made by now. */
export function hasMoved(window: LedgerWindow, job: WindowJob, placed: readonly Placed[]): boolean {
  const fromMs = msOf(job.firstTick);
  const toMs = msOf(job.firstTick + job.ticks);
  return window.placed.some((index) => {
    const used = placed[index];
    const now = job.sources.find((source) => source.segment === used?.segment);
    if (!used || !now) return false;
    const from = Math.max(fromMs, used.startMs);
    const until = Math.max(from, toMs);
    if (apart(used.soundMap ?? used.map, now.soundMap ?? now.map, from, until) > movedMs) return true;
    return apart(used.map, now.map, from, until) > movedMs || Math.abs(used.audioShiftMs - now.audioShiftMs) > movedMs;
  });
}
