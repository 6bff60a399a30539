// From facts to a map: a segment's media time → the recording's clock. Pure, so it can be made again when better arithmetic comes along.
// Promise: the map only goes forward, and time that the browser lost is named in `slips`.
import type { ChunkFacts, Clock, ClockSample, Gap, Knee, SegmentFacts } from "../../protocol/recording.ts";
import { calibrationOf, zeroOf } from "./calibration.ts";
import { type ClockFit, fitClock, serverMsOf } from "./clock.ts";
import type { Packet } from "./container.ts";
import { type Slip, slipsOf } from "./slip.ts";

/** The recording's clock. */
export interface Origin {
  /** Record was pressed: on the server's clock of this epoch, and on its wall clock. */
  zeroMs: number;
  epoch: string;
  startedAtMs: number;
}

export interface SegmentMap {
  map: Knee[];
  audioShiftMs: number;
  clock: Clock;
  slips: Gap[];
}

/** A browser whose clock was never compared is placed by its wall clock, which people set by hand. */
const wallClockUncertaintyMs = 5000;
/** Re-timed by its chunks a track is off by this (measured on a run that lost 7.9 s in 300 s: ±35 ms, p95). */
const slippedUncertaintyMs = 35;
/** Lost time up to this is spread over the chunk in which it was lost; more is one jump in its middle: nobody wants to hear sound that slow. */
const spreadMaxMs = 250;
/** The far end of a straight line. Fixed, so that the knees of a growing segment stay where they are. */
const farMs = 3_600_000;

export function mapOf(
  facts: SegmentFacts,
  chunks: readonly ChunkFacts[],
  samples: readonly ClockSample[],
  packets: readonly Packet[],
  origin: Origin,
): SegmentMap {
  const calibration = calibrationOf(facts);
  const firstAudio = packets.slice(0, 200).find((packet) => packet.kind === "audio");
  const zero = zeroOf(facts, firstAudio?.mediaMs ?? null);
  const fit = fitClock(samples, origin.epoch);
  const atOf = (browserMs: number) => (fit ? serverMsOf(fit, browserMs) - origin.zeroMs : browserMs - origin.startedAtMs);
  const slips = slipsOf(chunks, packets, calibration.slipMs);
  const bends = browserKnees(slips, bendsOf(fit, zero.browserMs));
  const map = bends.map(({ mediaMs, afterMs }) => ({ mediaMs, atMs: atOf(zero.browserMs + mediaMs + afterMs) }));
  return {
    map: forwardOnly(map),
    audioShiftMs: calibration.audioShiftMs,
    clock: {
      offsetMs: atOf(zero.browserMs),
      driftPpm: fit?.driftPpm ?? 0,
      uncertaintyMs:
        Math.max(zero.uncertaintyMs, slips.length > 0 ? slippedUncertaintyMs : 0) + (fit?.uncertaintyMs ?? wallClockUncertaintyMs),
    },
    slips: slips.map((slip) => gapOf(slip, map)),
  };
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

/** A point of the map before the clock: media time, and lost time so far. */
interface Bend {
  mediaMs: number;
  afterMs: number;
}

/** Media times at which the clock fit changes its slope. */
function bendsOf(fit: ClockFit | null, zeroMs: number): number[] {
  return fit && fit.points.length > 2 ? fit.points.map((point) => point.atMs - zeroMs).filter((mediaMs) => mediaMs > 0) : [];
}

function browserKnees(slips: readonly Slip[], clockBends: readonly number[]): Bend[] {
  const knees: Bend[] = [{ mediaMs: 0, afterMs: 0 }];
  let afterMs = 0;
  for (const { fromMediaMs, toMediaMs, lostMs } of slips) {
    const middle = (fromMediaMs + toMediaMs) / 2;
    const spread = lostMs <= spreadMaxMs && toMediaMs > fromMediaMs;
    knees.push({ mediaMs: spread ? fromMediaMs : middle - 0.5, afterMs });
    afterMs += lostMs;
    knees.push({ mediaMs: spread ? toMediaMs : middle + 0.5, afterMs });
  }
  const last = knees.at(-1)!;
  knees.push({ mediaMs: last.mediaMs + farMs, afterMs });
  // The clock's own bends sit on straight stretches; on one that is already bent they change nothing that could be heard.
  for (const bend of clockBends) {
    const index = knees.findIndex((knee) => knee.mediaMs > bend);
    const before = knees[index - 1];
    if (before && knees[index]!.afterMs === before.afterMs)
      knees.splice(index, 0, { mediaMs: bend - before.afterMs, afterMs: before.afterMs });
  }
  return knees.sort((a, b) => a.mediaMs - b.mediaMs);
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
