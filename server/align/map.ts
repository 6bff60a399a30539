// From facts to a map: a segment's media time → the recording's clock. Pure, so it can be made again when better arithmetic comes along.
// Promise: the map only goes forward, and time that the browser lost is named in `slips`.
import type { ChunkFacts, ClockSample, Gap, SegmentFacts } from "../../protocol/recording.ts";

import type { Clock, Doubt, Knee } from "../../protocol/timeline.ts";
import { type Calibration, calibrationOf, type Zero, zeroOf } from "./calibration.ts";
import { type ClockFit, fitClock, serverMsOf } from "./clock.ts";
import { followingFrom, pictureBends } from "./follow.ts";
import { type Gist, gistOf } from "./gist.ts";
import { lossByReadings } from "./graph.ts";
import type { PacketList } from "./packets.ts";
import { type Began, beganBy, readingsOf } from "./readings.ts";
import { zeroBySightings } from "./sightings.ts";
import { afterMsOf, type Bend, type Loss, lossByChunks, mostUnsure, type Point, type Slip, unsureMs } from "./slip.ts";

/** The recording's clock. */
export interface Origin {
  /** Record was pressed: on the server's clock of this epoch, and on its wall clock. */
  zeroMs: number;
  epoch: string;
  startedAtMs: number;
}

export interface SegmentMap {
  map: Knee[];
  /** The sound's, where it is not the pictures'. */
  soundMap?: Knee[];
  audioShiftMs: number;
  clock: Clock;
  slips: Gap[];
  /** Up to this media time the map stays as it is, but for what pings refine. */
  settledMediaMs: number;
}

/** A browser whose clock was never compared is placed by its wall clock, which people set by hand. */
const wallClockUncertaintyMs = 5000;
/** What one cause adds to the uncertainty before it is called by its name. */
const doubtMs = 15;
/** The far end of a straight line. Fixed, so that the knees of a growing segment stay where they are. */
const farMs = 3_600_000;
/** Readings are not of this recorder when by them chunks were handed over this long before they were recorded, and more than now and then. */
const earlyMs = 60;
const earlyShare = 0.1;
/** So near to a loss it is not known which side of it a chunk ends on. */
const edgeMs = 500;

export function mapOf(
  facts: SegmentFacts,
  chunks: readonly ChunkFacts[],
  samples: readonly ClockSample[],
  packets: PacketList,
  origin: Origin,
): SegmentMap {
  const known = knownOf(facts, chunks, samples, packets);
  const { calibration, gist, points, zero } = known;
  const { firstAudioMs, lastMs } = gist;
  const fit = fitClock(samples, origin.epoch, { fromMs: zero.browserMs, toMs: zero.browserMs + lastMs });
  const atOf = (browserMs: number) => (fit ? serverMsOf(fit, browserMs) - origin.zeroMs : browserMs - origin.startedAtMs);
  const byReadings = readLoss(known, chunks);
  const both = firstAudioMs !== null && gist.hasPictures ? calibration.followSound : null;
  const picturesOf = ({ bends, stamped = bends }: Loss) => (both ? pictureBends(stamped, gist.following, both) : bends);
  const read = byReadings && possible(picturesOf(byReadings), points, zero.browserMs) ? byReadings : null;
  const byChunks = lossByChunks(points, calibration.slipMs);
  const loss = read ?? byChunks;
  const placed = (bends: readonly Bend[]) =>
    forwardOnly(
      knees(bends, clockBends(fit, zero.browserMs)).map(({ mediaMs, afterMs }) => ({
        mediaMs,
        atMs: atOf(zero.browserMs + mediaMs + afterMs),
      })),
    );
  const soundMap = placed(loss.bends);
  // Chunks end on a picture or a sound, whichever is later: what they tell of lost time is of neither alone.
  const map = both && (read || byChunks.bends.length === 0) ? placed(picturesOf(loss)) : soundMap;
  return {
    map,
    ...(map === soundMap ? {} : { soundMap }),
    audioShiftMs: calibration.audioShiftMs,
    clock: {
      offsetMs: atOf(zero.browserMs),
      driftPpm: fit?.driftPpm ?? 0,
      ...uncertaintyOf(
        zero,
        fit,
        lostUncertaintyMs(
          loss,
          lastMs,
          { ...calibration, followSound: both },
          read || !both ? 0 : earliest(points) - zero.browserMs,
          read !== null,
        ),
      ),
    },
    slips: loss.slips.map((slip) => gapOf(slip, soundMap)),
    settledMediaMs: loss.settledMediaMs,
  };
}

interface Known {
  calibration: Calibration;
  gist: Gist;
  /** None of a browser that loses no time. */
  points: readonly Point[];
  zero: Zero;
  /** What the recorder's own clock told, where it loses time; null: it does not, or nothing was told. */
  told: Told | null;
}

interface Told {
  began: Began | null;
  /** By the zero that is known; null: the readings cannot be of this recorder. */
  lossFrom: (zeroMs: number) => Loss | null;
}

/** By the samples that are left of a segment that has ended. */
const kept = new WeakMap<readonly ClockSample[], Told>();

function knownOf(facts: SegmentFacts, chunks: readonly ChunkFacts[], samples: readonly ClockSample[], packets: PacketList): Known {
  const calibration = calibrationOf(facts);
  const gist = gistOf(chunks, packets, calibration);
  const loses = Number.isFinite(calibration.slipMs);
  const points = loses ? gist.points : [];
  const told = loses ? (kept.get(samples) ?? toldBy(facts, samples)) : null;
  const byFacts = zeroOf(facts, gist.firstAudioMs, earliest(points), told?.began);
  return { calibration, gist, points, told, zero: zeroBySightings(samples, gist.head, byFacts) ?? byFacts };
}

function toldBy(facts: SegmentFacts, samples: readonly ClockSample[]): Told {
  const readings = readingsOf(samples);
  const handedMs = calibrationOf(facts).followSound?.handedMs ?? null;
  return { began: beganBy(readings, facts), lossFrom: (zeroMs) => lossByReadings(readings, zeroMs, handedMs) };
}

function readLoss({ told, points, zero }: Known, chunks: readonly ChunkFacts[]): Loss | null {
  return !told || (points.length === 0 && chunks.length > 0) ? null : told.lossFrom(zero.browserMs);
}

/** The samples of a segment that has ended and is all here, without their readings, of which there are ten thousand. Promise: the same map by them. */
export function withoutReadings(
  facts: SegmentFacts,
  chunks: readonly ChunkFacts[],
  samples: readonly ClockSample[],
  packets: PacketList,
): ClockSample[] {
  const rest = samples.map(({ graph: _, pulses: __, ...sample }) => sample);
  const known = knownOf(facts, chunks, samples, packets);
  const loss = thinned(readLoss(known, chunks), known);
  kept.set(rest, { began: known.told?.began ?? null, lossFrom: () => loss });
  return rest;
}

/** Of a segment that has ended so much is known of it that what pictures are unsure by can be counted, and the rest of it let go. */
function thinned(loss: Loss | null, { calibration, gist }: Known): Loss | null {
  return loss && { ...loss, unsureStamped: mostUnsure(unsureFollowing(loss, calibration), gist.lastMs) };
}

/** What pictures are unsure by that follow the sound. */
function unsureFollowing(
  { bends, stamped = bends, unsureStamped = [] }: Loss,
  { followSound }: Calibration,
): NonNullable<Loss["unsureStamped"]> {
  if (!followSound || unsureStamped.length === 0) return [];
  const fromMs = followingFrom(stamped, followSound);
  return unsureStamped.filter(({ mediaMs }) => mediaMs > fromMs);
}

/** What lost time leaves uncertain, whether it was put right or not seen at all. `firstMs`: so long after media time 0 the first chunk came at most;
 * what was lost before it no chunk can show. 0: there is nothing to be lost, or it was read. */
function lostUncertaintyMs(loss: Loss, lastMs: number, calibration: Calibration, firstMs: number, read: boolean): number {
  const { readUncertaintyMs, chunkUncertaintyMs, unseenMs } = calibration;
  const { unsure } = loss;
  const unseen = firstMs === 0 ? 0 : Math.max(unseenMs, Number.isFinite(firstMs) ? firstMs : 0);
  const stamped = unsureFollowing(loss, calibration);
  const { followSound } = calibration;
  if (unsure.length + stamped.length === 0)
    return unseen + (loss.stamped && followSound && lastMs > followSound.afterMs ? followSound.uncertaintyMs : 0);
  return unseen + (read ? readUncertaintyMs : chunkUncertaintyMs) + Math.max(unsureMs(unsure, lastMs), unsureMs(stamped, lastMs));
}

function uncertaintyOf(zero: Zero, fit: ClockFit | null, slipped: number): Pick<Clock, "uncertaintyMs" | "doubts"> {
  const parts: [Doubt, number][] = [
    ["start", zero.uncertaintyMs],
    ["busy", slipped],
    fit ? ["path", fit.uncertaintyMs] : ["undated", wallClockUncertaintyMs],
  ];
  const doubts = parts.filter(([, ms]) => ms > doubtMs).map(([doubt]) => doubt);
  const uncertaintyMs = parts.reduce((sum, [, ms]) => sum + ms, 0);
  return { uncertaintyMs, ...(doubts.length > 0 ? { doubts } : {}) };
}

/** Least time between media and its chunk's event; nothing when there is no chunk. */
function earliest(points: readonly Point[]): number {
  return points.reduce((least, { levelMs }) => Math.min(least, levelMs), Number.POSITIVE_INFINITY);
}

/** Nothing is handed over before it was recorded. */
function possible(bends: readonly Bend[], points: readonly Point[], zeroMs: number): boolean {
  const early = points.filter(({ mediaMs, levelMs }) => levelMs - zeroMs < afterMsOf(bends, mediaMs - edgeMs) - earlyMs);
  return early.length <= points.length * earlyShare;
}

/** Recording time of a media time. */
export function atMsOf(map: readonly Knee[], mediaMs: number): number {
  if (map.length === 0) return mediaMs;
  let index = 1;
  while (index < map.length - 1 && map[index]!.mediaMs < mediaMs) index += 1;
  const from = map[index - 1]!;
  const to = map[index];
  if (!to || to.mediaMs <= from.mediaMs) return from.atMs + mediaMs - from.mediaMs;
  return from.atMs + ((mediaMs - from.mediaMs) * (to.atMs - from.atMs)) / (to.mediaMs - from.mediaMs);
}

/** Recording time of a moment on the browser's clock, by the same pings: for what is known of a chunk beside its bytes. */
export function atMsOfBrowser(samples: readonly ClockSample[], origin: Origin, browserMs: number): number {
  const fit = fitClock(samples, origin.epoch);
  return fit ? serverMsOf(fit, browserMs) - origin.zeroMs : browserMs - origin.startedAtMs;
}

/** Media times at which the clock fit changes its slope. */
function clockBends(fit: ClockFit | null, zeroMs: number): number[] {
  return fit && fit.points.length > 2 ? fit.points.map((point) => point.atMs - zeroMs).filter((mediaMs) => mediaMs > 0) : [];
}

/** Lost time at every media time where something bends, from 0 to the far end. */
function knees(bends: readonly Bend[], clock: readonly number[]): Bend[] {
  const last = bends.at(-1) ?? { mediaMs: 0, afterMs: 0 };
  const out = [
    { mediaMs: 0, afterMs: afterMsOf(bends, 0) },
    ...bends.filter(({ mediaMs }) => mediaMs > 0),
    { mediaMs: Math.max(0, last.mediaMs) + farMs, afterMs: last.afterMs },
  ];
  // The clock's own bends sit on straight stretches; on one that is already bent they change nothing that could be heard.
  for (const bend of clock) {
    const index = out.findIndex((knee) => knee.mediaMs > bend);
    const before = out[index - 1];
    if (before && out[index]!.afterMs === before.afterMs) out.splice(index, 0, { mediaMs: bend - before.afterMs, afterMs: before.afterMs });
  }
  return out.sort((a, b) => a.mediaMs - b.mediaMs);
}

function forwardOnly(map: readonly Knee[]): Knee[] {
  const knees: Knee[] = [];
  for (const knee of map) {
    const before = knees.at(-1);
    if (before && (knee.mediaMs <= before.mediaMs || knee.atMs <= before.atMs)) continue;
    knees.push(knee);
  }
  return knees;
}

function gapOf({ fromMediaMs, toMediaMs, lostMs }: Slip, map: readonly Knee[]): Gap {
  const middle = (atMsOf(map, fromMediaMs) + atMsOf(map, toMediaMs)) / 2;
  return { fromMs: Math.round(middle - lostMs / 2), toMs: Math.round(middle + lostMs / 2), reason: "slip" };
}
