// When a segment's media time 0 was, by pictures that its browser saw pass: the recorder stamps them by the same clock, so what lies between one
// picture and the next is the same in the file, and which is which can be told. Pure.
// Promise: an answer only where one place fits and no other does, so a camera without any unevenness, or with other pictures, says nothing.
import type { ClockSample, Sighting } from "../../protocol/recording.ts";
import type { Zero } from "./calibration.ts";
import type { PacketList } from "./packets.ts";

/** The file tells whole milliseconds, rounded, and a place is first guessed from one of them. */
const sameMs = 1.2;
/** So many at once, and so large a share, do not fall into place by chance: of 3,000 made-up cameras that lost up to 60 % of their pictures none was
 * misplaced, and 2,968 were placed (`sightings.test.ts`, with more runs). */
const leastPictures = 12;
/** So many of the pictures that were seen are in the file as well, and the other way round. */
const leastShare = 0.55;
/** Two places that lie further apart are two; the better one has to fit so much better, or the other has to be impossible. */
const apartMs = 4;
const betterShare = 0.75;
/** What lies between pictures as even as that, of the slowest camera that is told by its neighbours. */
const pictureMs = 34;
/** Packets of the file that are looked at: its first eight seconds or so, which pictures that were seen do not go beyond. */
export const sightingPackets = 400;
/** Pictures come to a page late, never early: the quickest of so many are late by about so much, and by no more than what lies between the quickest
 * few. */
const quickMs = 2;
const quickFew = 5;

/** By a segment's packets, which are one growing list for as long as it lives. */
const known = new WeakMap<PacketList, { key: string; zero: Zero | null }>();

/** `about`: when it was by what else is known; pictures are taken at even distances, more or less, and it decides where several would fit. */
export function zeroBySightings(samples: readonly ClockSample[], packets: PacketList, about: Zero): Zero | null {
  const sightings = samples.flatMap((sample) => sample.sightings ?? []);
  if (sightings.length < leastPictures) return null;
  const key = [sightings.length, Math.min(packets.length, sightingPackets), about.browserMs, about.uncertaintyMs].join();
  const before = known.get(packets);
  if (before?.key === key) return before.zero;
  const zero = zeroBy(sightings, pictureTimes(packets), about);
  known.set(packets, { key, zero });
  return zero;
}

function zeroBy(sightings: readonly Sighting[], media: readonly number[], about: Zero): Zero | null {
  const delays = delaysOf(sightings);
  const place = placeOf(
    sightings.map((sighting) => sighting.stampMs),
    media,
    (zeroStampMs) => zeroStampMs + delays[0]! - about.browserMs,
    about.uncertaintyMs,
  );
  if (place === null) return null;
  const uncertaintyMs = quickMs + (delays[Math.min(quickFew, delays.length) - 1]! - delays[0]!) + place.doubtMs;
  return { browserMs: place.zeroStampMs + delays[0]!, uncertaintyMs };
}

/** The stamp of media time 0; null when no place or more than one fits. `doubtMs`: another one may be right all the same. */
function placeOf(
  stamps: readonly number[],
  media: readonly number[],
  offMs: (zeroStampMs: number) => number,
  possibleMs: number,
): { zeroStampMs: number; doubtMs: number } | null {
  // Where hardly half of the pictures are common to both, a wrong place may fit as well as the right one: what fits too little to be the answer
  // still stands against it.
  const fits = candidates(stamps, media)
    .map((zeroStampMs) => ({ zeroStampMs, ...fitOf(stamps, media, zeroStampMs) }))
    .filter(({ pairs }) => pairs >= leastPictures)
    .toSorted((a, b) => b.share - a.share || a.spreadMs - b.spreadMs);
  const [best] = fits;
  if (!best || best.share < leastShare) return null;
  const rivals = fits.filter(
    ({ zeroStampMs, share }) => Math.abs(zeroStampMs - best.zeroStampMs) > apartMs && share > best.share * betterShare,
  );
  if (rivals.length === 0) return { zeroStampMs: best.zeroStampMs + best.shiftMs, doubtMs: 0 };
  // As even as a metronome: only what else is known tells them apart.
  const near = [best, ...rivals].filter(({ zeroStampMs }) => Math.abs(offMs(zeroStampMs)) <= possibleMs);
  const spread = near.some(({ zeroStampMs }) => Math.abs(zeroStampMs - near[0]!.zeroStampMs) > apartMs);
  if (near.length > 0) return spread ? null : { zeroStampMs: near[0]!.zeroStampMs + near[0]!.shiftMs, doubtMs: 0 };
  // One of the two around it, then: the later, for the first sound comes late, never early.
  const around = [best, ...rivals].toSorted((a, b) => a.zeroStampMs - b.zeroStampMs);
  const later = around.find(({ zeroStampMs }) => offMs(zeroStampMs) > 0);
  const earlier = around.findLast(({ zeroStampMs }) => offMs(zeroStampMs) <= 0);
  if (!later || !earlier || later.zeroStampMs - earlier.zeroStampMs > pictureMs) return null;
  return { zeroStampMs: later.zeroStampMs + later.shiftMs, doubtMs: later.zeroStampMs - earlier.zeroStampMs };
}

/** One of so many pictures from the middle of those that were seen is in the file, also where the recorder dropped more than half. */
const triedEachWay = 8;

function* pairsOf(stamps: readonly number[], media: readonly number[]): Iterable<number> {
  const middle = Math.floor(stamps.length / 2);
  for (const stamp of stamps.slice(Math.max(0, middle - triedEachWay), middle + triedEachWay))
    for (const mediaMs of media) yield stamp - mediaMs;
}

function candidates(stamps: readonly number[], media: readonly number[]): number[] {
  const found: number[] = [];
  for (const place of [...pairsOf(stamps, media)].toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last === undefined || place - last > sameMs / 2) found.push(place);
  }
  return found;
}

interface Fit {
  pairs: number;
  /** Of the pictures in the time that both saw, those that both have; of whichever has fewer. */
  share: number;
  /** Median of what lies between the two of a pair, to be added to the place, and how far pairs stray from it. */
  shiftMs: number;
  spreadMs: number;
}

function fitOf(stamps: readonly number[], media: readonly number[], zeroStampMs: number): Fit {
  const rest: number[] = [];
  let index = 0;
  let seen = 0;
  const lastMs = media.at(-1) ?? 0;
  for (const stamp of stamps) {
    const mediaMs = stamp - zeroStampMs;
    if (mediaMs < (media[0] ?? 0) - sameMs || mediaMs > lastMs + sameMs) continue;
    seen += 1;
    while (index + 1 < media.length && Math.abs(media[index + 1]! - mediaMs) <= Math.abs(media[index]! - mediaMs)) index += 1;
    const off = mediaMs - media[index]!;
    if (Math.abs(off) <= sameMs) rest.push(off);
  }
  const from = (stamps[0] ?? 0) - zeroStampMs - sameMs;
  const to = (stamps.at(-1) ?? 0) - zeroStampMs + sameMs;
  const there = media.filter((mediaMs) => mediaMs >= from && mediaMs <= to).length;
  const sorted = rest.toSorted((a, b) => a - b);
  return {
    pairs: rest.length,
    share: rest.length / Math.max(1, Math.min(seen, there)),
    shiftMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    spreadMs: (sorted.at(-1) ?? 0) - (sorted[0] ?? 0),
  };
}

/** In order of the clock, as some stamp their pictures out of order. */
function pictureTimes(packets: PacketList): number[] {
  const times: number[] = [];
  for (let index = 0; index < Math.min(sightingPackets, packets.length); index += 1) {
    const packet = packets.at(index)!;
    if (packet.kind === "video") times.push(packet.mediaMs);
  }
  return times.toSorted((a, b) => a - b);
}

/** How long after it was taken each picture came, on the scale of the stamps' own zero; the quickest first. */
const delaysOf = (sightings: readonly Sighting[]) =>
  sightings.map(({ stampMs, browserMs }) => browserMs - stampMs).toSorted((a, b) => a - b);
