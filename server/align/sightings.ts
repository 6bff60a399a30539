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
/** Of several places the one so near to what else is known is taken, and how far the others are is stated: the first sound is late itself now and then. It
 * was off by less in 19 of 20 starts of a file of 30 pictures a second on two busy cores, and by 22 once, halfway to nowhere. */
const clearMs = 10;
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
  const stamps = sightings.map((sighting) => sighting.stampMs);
  const places = placesOf(stamps, media).map((stampMs) => stampMs + delays[0]!);
  const uncertaintyMs = quickMs + (delays[Math.min(quickFew, delays.length) - 1]! - delays[0]!);
  const near = places.length === 1 ? places : places.filter((place) => Math.abs(place - about.browserMs) <= about.uncertaintyMs);
  if (near.length === 1) return { browserMs: near[0]!, uncertaintyMs };
  const knownMs = about.bySoundMs ?? about.browserMs;
  const [nearest, next] = places.toSorted((a, b) => Math.abs(a - knownMs) - Math.abs(b - knownMs));
  if (nearest === undefined || next === undefined) return null;
  const others = [next, ...near].map((place) => Math.abs(place - nearest));
  if (Math.abs(nearest - knownMs) <= clearMs) return { browserMs: nearest, uncertaintyMs: Math.max(...others) + uncertaintyMs };
  // Between two of them: one of the two it is, and what else is known is less sure than it seemed.
  const [before, after] = [nearest, next].map((place) => Math.abs(place - about.browserMs));
  if (near.length > 0 || !(before! + after! <= pictureMs)) return null;
  return { browserMs: about.browserMs, uncertaintyMs: Math.max(before!, after!) + uncertaintyMs };
}

/** Stamps that media time 0 may have, in order: none where no place fits, more than one where the camera is as even as a metronome. */
function placesOf(stamps: readonly number[], media: readonly number[]): number[] {
  // Where hardly half of the pictures are common to both, a wrong place may fit as well as the right one: what fits too little to be the answer
  // still stands against it.
  const fits = candidates(stamps, media)
    .map((zeroStampMs) => ({ zeroStampMs, ...fitOf(stamps, media, zeroStampMs) }))
    .filter(({ pairs }) => pairs >= leastPictures)
    .toSorted((a, b) => b.share - a.share || a.spreadMs - b.spreadMs);
  const [best] = fits;
  if (!best || best.share < leastShare) return [];
  const places: number[] = [];
  for (const { zeroStampMs, shiftMs, share } of fits)
    if (share > best.share * betterShare && places.every((place) => Math.abs(place - zeroStampMs) > apartMs))
      places.push(zeroStampMs + shiftMs);
  return places.sort((a, b) => a - b);
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
