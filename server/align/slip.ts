// Finds recording time that a browser lost without a trace in its file, from when each chunk was handed over. Pure.
// Promise: an event that came late (a blocked page, a slow encoder) is no lost time, because what comes after it is on time again.
import type { ChunkFacts } from "../../protocol/recording.ts";
import type { PacketList } from "./packets.ts";

/** One chunk: the last media time in the bytes up to its end, and how long after that its event came. */
export interface Point {
  mediaMs: number;
  levelMs: number;
}

export interface Slip {
  /** The time was lost between these two media times: the ends of two successive chunks. */
  fromMediaMs: number;
  toMediaMs: number;
  lostMs: number;
}

/** A point of the line that lost time makes over media time: how much it is there, all together. */
export interface Bend {
  mediaMs: number;
  afterMs: number;
}

/** What a recorder lost. Between the bends straight lines, outside of them nothing changes. `slips`: what is to be named as missing. */
export interface Loss {
  bends: Bend[];
  /** Where pictures are stamped by how far the recorder's own clock has come just then, however late: what it was behind. Absent: as `bends` say. */
  stamped?: Bend[];
  slips: Slip[];
  /** Where between two facts time was lost nobody knows: how much media lies there, and by how much it may be off. */
  unsure: Unsure[];
  /** The same of pictures that are stamped so, from these media times on. Absent: as of everything. */
  unsureStamped?: (Unsure & { mediaMs: number })[];
  /** Up to here later facts change nothing. */
  settledMediaMs: number;
}

export interface Unsure {
  forMs: number;
  offMs: number;
}

/** Lost time is spread over the media between which it was lost, unless that made it slower than this: then it is one jump in its middle. */
const slowest = 1.5;

/** What is recorded while time is lost all has the same time; not much is. */
export const stillMs = 125;
/** A page that was blocked gets its events in one burst, of which only the last came in time. */
const burstMs = 250;
/** Fewer chunks on a new level are no level. */
const chunksMin = 3;
/** How far back the last picture and the last sound of a chunk are looked for. */
const lookBack = 200;

export function lossByChunks(points: readonly Point[], slipMs: number): Loss {
  const slips = slipsOf(points, slipMs);
  const bends: Bend[] = [];
  // An event may be late by as much as is not called lost yet, before a loss and after it, and hide in which of several chunks it was and how much.
  const lostMs = slips.reduce((sum, slip) => sum + slip.lostMs, 0);
  const unsure = slips.map(({ fromMediaMs, toMediaMs }) => ({ forMs: toMediaMs - fromMediaMs, offMs: 1.25 * lostMs + 2 * slipMs }));
  unsure.push(...unsureAtEnd(points, lostMs, slipMs));
  let afterMs = 0;
  for (const slip of slips) {
    bends.push(...bendsOf(slip, afterMs));
    afterMs += slip.lostMs;
  }
  return { bends, slips, unsure, settledMediaMs: Number.POSITIVE_INFINITY };
}

/** The last chunks are too few for a level of their own: what they came late by may be lost time. */
function unsureAtEnd(points: readonly Point[], lostMs: number, slipMs: number): Unsure[] {
  if (!Number.isFinite(slipMs) || points.length <= chunksMin) return [];
  const firstMs = points.reduce((least, { levelMs }) => Math.min(least, levelMs), Number.POSITIVE_INFINITY);
  const last = points.slice(1 - chunksMin);
  const offMs = Math.max(...last.map(({ levelMs }) => levelMs)) - firstMs - lostMs;
  return offMs > slipMs ? [{ forMs: last.at(-1)!.mediaMs - points.at(-chunksMin)!.mediaMs, offMs }] : [];
}

/** It was lost all at once or bit by bit, anywhere between the two: a slope is off by up to all of it, a jump in the middle on one of its sides. */
export function unsureOf(slip: Slip): Unsure {
  const forMs = slip.toMediaMs - slip.fromMediaMs + Math.min(stillMs, Math.abs(slip.lostMs));
  return { forMs, offMs: Math.abs(slip.lostMs) };
}

/** What hardly one part in a hundred of so much media is off by more than: one in two hundred, for the stretches are estimates themselves. */
export function unsureMs(unsure: readonly Unsure[], mediaMs: number): number {
  const most = mostUnsure(unsure, mediaMs);
  return most.reduce((sum, { forMs }) => sum + forMs, 0) > mediaMs * unsureShare ? most.at(-1)!.offMs : 0;
}

/** Those by which that is told: by how much they may be off, largest first, until there is too much of them. */
export function mostUnsure<T extends Unsure>(unsure: readonly T[], mediaMs: number): T[] {
  let leftMs = mediaMs * unsureShare;
  const sorted = unsure.toSorted((a, b) => b.offMs - a.offMs);
  const count = sorted.findIndex(({ forMs }) => {
    leftMs -= forMs;
    return leftMs < 0;
  });
  return count < 0 ? sorted : sorted.slice(0, count + 1);
}

const unsureShare = 1 / 200;

const spreads = ({ fromMediaMs, toMediaMs, lostMs }: Slip) => lostMs <= (toMediaMs - fromMediaMs) * (slowest - 1);

/** The two bends of one loss; `afterMs`: what was lost before. */
export function bendsOf(slip: Slip, afterMs: number): Bend[] {
  const { fromMediaMs, toMediaMs, lostMs } = slip;
  const middle = (fromMediaMs + toMediaMs) / 2;
  const spread = spreads(slip);
  return [
    { mediaMs: spread ? fromMediaMs : middle - 0.5, afterMs },
    { mediaMs: spread ? toMediaMs : middle + 0.5, afterMs: afterMs + lostMs },
  ];
}

/** Lost time at a media time. */
export function afterMsOf(bends: readonly Bend[], mediaMs: number): number {
  let low = 0;
  let high = bends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bends[middle]!.mediaMs <= mediaMs) low = middle + 1;
    else high = middle;
  }
  const from = bends[low - 1];
  const to = bends[low];
  if (!from || !to) return (from ?? to)?.afterMs ?? 0;
  return from.afterMs + ((to.afterMs - from.afterMs) * (mediaMs - from.mediaMs)) / (to.mediaMs - from.mediaMs);
}

/** In order. Lost time only ever adds up, so a level that comes down again was lateness: that is what the minimum over
 * everything later says. */
function slipsOf(points: readonly Point[], slipMs: number): Slip[] {
  if (points.length <= chunksMin) return [];
  const smooth = smoothed(points.map((point) => point.levelMs));
  const least = [...smooth];
  for (let index = least.length - 2; index >= 0; index -= 1) least[index] = Math.min(least[index]!, least[index + 1]!);
  const slips: Slip[] = [];
  let levelMs = least[0]!;
  for (let index = 1; index <= points.length - chunksMin; index += 1) {
    const lostMs = least[index]! - levelMs;
    if (lostMs <= slipMs) continue;
    const at = jumpNear(points, index, levelMs + lostMs / 2);
    const fromMediaMs = Math.max(points[at - 1]!.mediaMs, slips.at(-1)?.toMediaMs ?? Number.NEGATIVE_INFINITY);
    slips.push({ fromMediaMs, toMediaMs: Math.max(points[at]!.mediaMs, fromMediaMs), lostMs });
    levelMs += lostMs;
  }
  return slips;
}

/** Medians of three. The ends take their neighbour's: the chunk that `stop()` flushes comes earlier than any other. */
function smoothed(levels: readonly number[]): number[] {
  return levels.map((_, index) => {
    const middle = Math.min(Math.max(index, 1), levels.length - 2);
    const [before, level, after] = [levels[middle - 1]!, levels[middle]!, levels[middle + 1]!];
    return Math.max(Math.min(before, level), Math.min(Math.max(before, level), after));
  });
}

/** Smoothing may have moved the step by one chunk: the first one next to it that is past half of it. */
function jumpNear(points: readonly Point[], index: number, halfMs: number): number {
  for (const at of [index - 1, index]) if (at >= 1 && points[at]!.levelMs > halfMs && points[at - 1]!.levelMs <= halfMs) return at;
  return index;
}

/** `chunks` in order. */
export function pointsOf(chunks: readonly ChunkFacts[], packets: PacketList): Point[] {
  const points: Point[] = [];
  let lastEventMs = Number.NEGATIVE_INFINITY;
  let index = 0;
  for (const { endOffset, eventMs } of chunks) {
    index = countWithin(packets, endOffset, index);
    const mediaMs = lastMediaMs(packets, index);
    if (mediaMs === null) continue;
    if (eventMs - lastEventMs < burstMs) points.pop();
    if (points.length === 0 || mediaMs > points.at(-1)!.mediaMs) points.push({ mediaMs, levelMs: eventMs - mediaMs });
    lastEventMs = eventMs;
  }
  return points;
}

/** How many packets end at or before this offset; `from` of them are known to. */
function countWithin(packets: PacketList, endOffset: number, from: number): number {
  let low = from;
  let high = packets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const packet = packets.at(middle)!;
    if (packet.offset + packet.size <= endOffset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastMediaMs(packets: PacketList, count: number): number | null {
  let latest: number | null = null;
  const seen = new Set<number>();
  for (let index = count - 1; index >= Math.max(0, count - lookBack) && seen.size < 2; index -= 1) {
    const packet = packets.at(index)!;
    if (seen.has(packet.stream)) continue;
    seen.add(packet.stream);
    latest = Math.max(latest ?? packet.mediaMs, packet.mediaMs);
  }
  return latest;
}
