// Where the pictures of a file begin to follow its sound. Firefox stamps pictures by the browser's clock until there are ten seconds of sound, and by
// the recorder's own from then on: what that clock had lost by then, the pictures lose all at once. Pure.
// Promise: the hop is put between the two pictures where the file shows it; where it does not, where it is as a rule.
import type { Calibration } from "./calibration.ts";
import type { PacketList } from "./packets.ts";
import { afterMsOf, type Bend } from "./slip.ts";

/** Between one picture and the next, where nothing tells. */
const pictureMs = 33;
/** Less is no hop that anything would show. */
const hopMs = 20;
/** Ahead by less, pictures do not leap. */
const leapMs = 5;
/** The first that follows is stamped a whole picture after the last that did not, and the second where it belongs: they stand closer together than
 * pictures do there, and by an amount that had not been seen for so long. Of 65 hops (`calibration.ts`) 61 are found to the picture. */
const unlikeMs = 1.6;
const earlierMs = 2000;
/** Kept of a file: around where pictures may begin to follow. More than that is lost in ten seconds by no machine that records. */
const keptFrom = earlierMs + 200;
const keptTo = 6000;
/** A camera of 120 pictures a second has no more. */
const keptMost = 1000;

const known = new WeakMap<PacketList, { read: number; times: number[] }>();

/** Media times of the pictures around where they may begin to follow. Read once: a list only grows. */
export function followingPictures(packets: PacketList, { afterMs }: NonNullable<Calibration["followSound"]>): readonly number[] {
  const seen = known.get(packets) ?? { read: 0, times: [] };
  known.set(packets, seen);
  for (; seen.read < packets.length; seen.read += 1) {
    const packet = packets.at(seen.read)!;
    if (packet.mediaMs > afterMs + keptTo || seen.times.length === keptMost) break;
    if (packet.kind === "video" && packet.mediaMs >= afterMs - keptFrom) seen.times.push(packet.mediaMs);
  }
  return seen.times;
}

/** What of the sound's lost time the pictures lost: none of it until they follow the sound, all of it from then on. `sound`: how far the recorder's own
 * clock had come, just then. */
export function pictureBends(
  sound: readonly Bend[],
  pictures: readonly number[],
  followSound: NonNullable<Calibration["followSound"]>,
): Bend[] {
  const following = sound.map((bend) => stampedBy(bend, followSound));
  const lostAt = (mediaMs: number) => ({ mediaMs, afterMs: following.length > 0 ? afterMsOf(following, mediaMs) : followSound.shiftMs });
  const aheadMs = -lostAt(followSound.afterMs).afterMs;
  if (aheadMs > leapMs) {
    const { beforeMs, firstMs } = leapNear(pictures, aheadMs, followSound);
    return [{ mediaMs: beforeMs, afterMs: 0 }, lostAt(firstMs), ...following.filter(({ mediaMs }) => mediaMs > firstMs)];
  }
  const { hop, firstMs } = hopOf(sound, pictures, followSound);
  const fromMs = hop?.beforeMs ?? firstMs;
  const toMs = hop?.nextMs ?? firstMs + pictureMs;
  const bends = [{ mediaMs: fromMs, afterMs: 0 }];
  // The one in between was taken a picture before the next one, and says that it was taken later.
  if (hop) bends.push({ mediaMs: hop.firstMs, afterMs: lostAt(hop.nextMs).afterMs - (hop.usualMs - (hop.nextMs - hop.firstMs)) });
  bends.push(lostAt(toMs), ...following.filter(({ mediaMs }) => mediaMs > toMs));
  return bends;
}

/** Where nothing was lost the recorder's clock is ahead: by the block of sound that it counts before it was heard, and by what its first iteration was late.
 * Pictures leap then, and what lies between the two is wider than elsewhere near there by all of it or, where the camera is uneven, most of it. Where no gap
 * tells (yet), the last one that does not follow is looked for so far back that none that does is placed before it. */
function leapNear(pictures: readonly number[], aheadMs: number, { afterMs, withinMs }: NonNullable<Calibration["followSound"]>) {
  let [beforeMs, firstMs] = [afterMs - 2 * aheadMs, afterMs];
  let widestMs = pictureMs + aheadMs / 2;
  for (const [index, mediaMs] of pictures.entries()) {
    const before = pictures[index - 1] ?? mediaMs;
    if (Math.abs(mediaMs - afterMs) > withinMs || mediaMs - before <= widestMs) continue;
    [beforeMs, firstMs, widestMs] = [before, mediaMs, mediaMs - before];
  }
  return { beforeMs, firstMs };
}

/** A picture is stamped when it is encoded, some time after it was taken, by the share of the time since the start that had become sound by then. So a
 * moment of the recorder's clock stands on the pictures that were taken so much earlier, and their stamps are as much earlier of that share. */
function stampedBy({ mediaMs, afterMs }: Bend, { shiftMs, encodedMs }: NonNullable<Calibration["followSound"]>): Bend {
  const share = mediaMs > 0 ? mediaMs / (mediaMs + afterMs) : 1;
  return { mediaMs: mediaMs - share * encodedMs, afterMs: afterMs - (1 - share) * encodedMs + shiftMs };
}

/** Where the file shows the hop, null where it does not; and its first picture as it is as a rule. */
export function hopOf(
  sound: readonly Bend[],
  pictures: readonly number[],
  followSound: NonNullable<Calibration["followSound"]>,
): { hop: Hop | null; firstMs: number } {
  const { afterMs, shiftMs, withinMs } = followSound;
  const lostMs = afterMsOf(sound, afterMs);
  const firstMs = followingFrom(sound, followSound);
  return { hop: lostMs + shiftMs > hopMs ? hopNear(pictures, firstMs, withinMs) : null, firstMs };
}

/** Media time of the first picture that follows the sound, as a rule: those between are left out, for they would lie before what is there. */
export function followingFrom(sound: readonly Bend[], { afterMs, leadMs }: NonNullable<Calibration["followSound"]>): number {
  return afterMs + Math.max(0, afterMsOf(sound, afterMs) - leadMs);
}

export interface Hop {
  /** The last picture that does not follow, the first that does, and the next one. */
  beforeMs: number;
  firstMs: number;
  nextMs: number;
  /** What lies between pictures there. */
  usualMs: number;
}

/** The first pair of pictures around there that stands as close together as none did before; else the closest one. */
function hopNear(pictures: readonly number[], aboutMs: number, nearMs: number): Hop | null {
  const near = pictures.findIndex((mediaMs) => mediaMs >= aboutMs - nearMs);
  const between = pictures.slice(1).map((mediaMs, index) => mediaMs - pictures[index]!);
  const earlier = between.slice(0, Math.max(0, near - 1)).filter((_, index) => pictures[index]! >= aboutMs - nearMs - earlierMs);
  const usualMs = earlier.toSorted((a, b) => a - b)[earlier.length >> 1] ?? pictureMs;
  let closest: Hop | null = null;
  for (let index = Math.max(1, near); near >= 0 && index < pictures.length - 1 && pictures[index]! <= aboutMs + nearMs; index += 1) {
    const betweenMs = between[index]!;
    const hop = { beforeMs: pictures[index - 1]!, firstMs: pictures[index]!, nextMs: pictures[index + 1]!, usualMs };
    if (betweenMs < usualMs && earlier.every((one) => Math.abs(one - betweenMs) > unlikeMs)) return hop;
    if (betweenMs < (closest ? closest.nextMs - closest.firstMs : usualMs)) closest = hop;
  }
  // More may come that stand closer.
  return (pictures.at(-1) ?? 0) > aboutMs + nearMs ? closest : null;
}
