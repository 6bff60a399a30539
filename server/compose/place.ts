// Where media lies on the recording's clock: pictures on ticks (1/30 s), sound on samples (1/48000 s).
// Promise: pure functions of the index, so that a window needs to know nothing of the window before it.
import { mapAt, mediaAt } from "../../protocol/knees.ts";
import type { Knee } from "../../protocol/timeline.ts";

export { mapAt, mediaAt };

export const ticksPerSecond = 30;
export const sampleRate = 48_000;
export const samplesPerTick = sampleRate / ticksPerSecond;

export function tickOf(atMs: number): number {
  // To the nearest: recorders stamp whole milliseconds, and 67 ms is meant to be two frames (66.67).
  return Math.round((atMs * ticksPerSecond) / 1000);
}

export function msOf(tick: number): number {
  return (tick * 1000) / ticksPerSecond;
}

/** How far two maps of one segment are apart, at most, between two moments of the recording; ms. */
export function apart(one: readonly Knee[], other: readonly Knee[], fromMs: number, toMs: number): number {
  if (toMs < fromMs) return 0;
  const from = mediaAt(one, fromMs);
  const to = mediaAt(one, toMs);
  let most = 0;
  for (const mediaMs of [from, to, ...one.map(mediaOf), ...other.map(mediaOf)]) {
    if (mediaMs < from || mediaMs > to) continue;
    most = Math.max(most, Math.abs(mapAt(one, mediaMs) - mapAt(other, mediaMs)));
  }
  return most;
}

/** Longer ago than this a knee of the fresh map is no neighbour of the bend any more. */
const bendMs = 50;

/** The map to go on with from `fromMs`: what was used so far stays as it was, and from the end of the window the fresh one holds.
 * A map that is refined while the recording goes on would otherwise move the sound by a few samples at a join, which clicks. */
export function follow(used: readonly Knee[], fresh: readonly Knee[], fromMs: number, toMs: number): Knee[] {
  const fromMedia = mediaAt(used, fromMs);
  const toMedia = Math.max(mediaAt(used, toMs), fromMedia + 2 * bendMs);
  const kept = used.filter((knee) => knee.mediaMs < fromMedia);
  const first = used[0];
  // A line before the first knee has that knee's slope; keep it when everything so far lies before it.
  if (kept.length === 0 && first) kept.push({ mediaMs: fromMedia - 1000, atMs: mapAt(used, fromMedia - 1000) });
  const ahead = fresh.filter((knee) => knee.mediaMs > fromMedia + bendMs && knee.mediaMs < toMedia);
  const after = fresh.filter((knee) => knee.mediaMs > toMedia);
  const knees = [
    ...kept,
    { mediaMs: fromMedia, atMs: fromMs },
    ...ahead,
    { mediaMs: toMedia, atMs: mapAt(fresh, toMedia) },
    ...(after.length > 0 ? after : [{ mediaMs: toMedia + 1000, atMs: mapAt(fresh, toMedia + 1000) }]),
  ];
  return knees.filter((knee, index) => index === 0 || knee.atMs > knees[index - 1]!.atMs || index <= kept.length);
}

/** Samples that a packet of sound covers on the recording's clock. Whole numbers as long as the sound is at 48 kHz. */
export interface SoundPlace {
  start: number;
  length: number;
  /** False: it does not touch the packet before it. */
  joined: boolean;
  /** How far behind its place sound has been of late, samples: the mean, in which what recorders round and hand over late cancels out. */
  lean: number;
}

/** Less than 10 ms off is a recorder's jitter: the packets touch. */
const jitter = sampleRate * 0.01;
/** More than 60 ms off is sound that was lost (or, backwards, a clock that was set): there is a hole. */
const hole = sampleRate * 0.06;
/** In between something is wrong: stretch by a share that nobody hears. */
const stretch = 1 / 480;
/** Clocks drift apart, and the mean shows it: sound follows by half of that share. The mean is that of so many samples. */
const leanMost = sampleRate * 0.001;
const leanOver = sampleRate * 2;

/** A map steeper than this is no clock that drifts (1000 ppm at most) and no map that is being refined, but time that the recorder lost. */
const steepest = 1.01;

/** Whether the map jumps between two media times. */
export function steps(map: readonly Knee[], fromMediaMs: number, toMediaMs: number): boolean {
  return mapAt(map, toMediaMs) - mapAt(map, fromMediaMs) > (toMediaMs - fromMediaMs) * steepest + 1e-6;
}

/** `before`: the packet before it; null for the first. `stepped`: time was lost since then, so it is to be heard where it belongs at once; stretching
 * would take half a minute to get there. */
export function placeSound(before: SoundPlace | null, atMs: number, samples: number, rate: number, stepped = false): SoundPlace {
  const natural = rate === sampleRate ? samples : (samples * sampleRate) / rate;
  const wanted = (atMs * sampleRate) / 1000;
  const end = before ? before.start + before.length : wanted;
  const off = wanted - end;
  if (!before || Math.abs(off) > hole || (stepped && off > jitter))
    return { start: Math.round(wanted), length: natural, joined: false, lean: 0 };
  const lean = before.lean + ((off - before.lean) * natural) / (natural + leanOver);
  const share = Math.abs(off) > jitter ? stretch : Math.abs(lean) > leanMost ? stretch / 2 : 0;
  if (share === 0) return { start: end, length: natural, joined: true, lean };
  const change = Math.max(1, Math.floor(natural * share));
  return { start: end, length: natural + (share === stretch ? Math.sign(off) : Math.sign(lean)) * change, joined: true, lean };
}

function mediaOf(knee: Knee): number {
  return knee.mediaMs;
}
