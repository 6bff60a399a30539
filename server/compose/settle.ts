// What a new timeline means for windows that are composed already: the places they were composed with hold as long as they are good enough. Pure.
// Promise: a map that is refined a little moves nothing; one that moves by half a picture or more moves everything it touches.
import type { Timeline, TimelineSegment } from "../../protocol/recording.ts";
import type { LedgerWindow, Placed } from "./ledger.ts";
import { apart, follow, msOf } from "./place.ts";
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
    tracks: timeline.tracks.map((track) => ({
      ...track,
      segments: track.segments.map((segment) => settleSegment(segment, last.get(segment.id), front * windowMs)),
    })),
  };
}

function settleSegment(segment: TimelineSegment, used: Placed | undefined, frontMs: number): TimelineSegment {
  if (!used) return segment;
  const moved = apart(used.map, segment.map, used.startMs, Math.min(frontMs, used.endMs));
  if (moved > movedMs || Math.abs(used.audioShiftMs - segment.audioShiftMs) > movedMs) return segment;
  const close = apart(used.map, segment.map, frontMs, frontMs + windowMs) <= closeMs;
  return {
    ...segment,
    map: close ? used.map : follow(used.map, segment.map, frontMs, frontMs + windowMs),
    audioShiftMs: used.audioShiftMs,
    startMs: Math.abs(used.startMs - segment.startMs) <= movedMs ? used.startMs : segment.startMs,
    endMs: Math.abs(used.endMs - segment.endMs) <= stillMs ? used.endMs : segment.endMs,
  };
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
    return apart(used.map, now.map, from, Math.max(from, toMs)) > movedMs || Math.abs(used.audioShiftMs - now.audioShiftMs) > movedMs;
  });
}
