// What a film is judged by: who is where when, how far apart two people are, how far a voice is from its face.
// Two cameras that run free on a grid of 30 pictures a second differ by up to 33 ms in a perfect film; the bounds of journeys stand above that.
import { type Code, difference, toneHz } from "./code.ts";
import type { Film, Picture } from "./film.ts";
import { onsetsOf, percentile } from "./sound.ts";

/** Pictures between two film times. */
export function between(film: Film, fromMs: number, toMs: number): Picture[] {
  return film.pictures.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
}

/** Who is seen in each rectangle of a layout, in how large a share of the pictures: `[{ 1: 0.99 }, { 2: 1 }]`. */
export function sharesOf(pictures: Picture[], layout: number): Record<number, number>[] {
  const shares: Record<number, number>[] = [];
  for (const { codes } of pictures) {
    for (const [index, code] of (codes[layout] ?? []).entries()) {
      const share = shares[index] ?? {};
      shares[index] = share;
      if (code) share[code.participant] = (share[code.participant] ?? 0) + 1 / pictures.length;
    }
  }
  return shares;
}

const codeOf = (picture: Picture, layout: number, participant: number): Code | undefined =>
  picture.codes[layout]?.find((code) => code?.participant === participant) ?? undefined;

/** True time of `a` minus that of `b`, one value for each picture that shows both. `fresh`: only where both came into the film with this picture or
 * the one before. A camera that a starved machine stalls is held by any film; what is left is what the film got wrong. */
export function skewsOf(pictures: Picture[], layout: number, a: number, b: number, fresh = false): number[] {
  const ages = new Map<number, { trueMs: number; pictures: number }>();
  const ageOf = (participant: number, trueMs: number): number => {
    const before = ages.get(participant);
    const age = before?.trueMs === trueMs ? before.pictures + 1 : 0;
    ages.set(participant, { trueMs, pictures: age });
    return age;
  };
  return pictures.flatMap((picture) => {
    const codeA = codeOf(picture, layout, a);
    const codeB = codeOf(picture, layout, b);
    if (!codeA || !codeB) return [];
    const age = Math.max(ageOf(a, codeA.trueMs), ageOf(b, codeB.trueMs));
    return fresh && age > 1 ? [] : [difference(codeA.trueMs, codeB.trueMs)];
  });
}

/** How far apart the pictures are that this participant's camera gave, ms of true time: 33 at thirty a second, more where a machine starves it. */
export function intervalsOf(pictures: Picture[], layout: number, participant: number): number[] {
  const times = pictures.flatMap((picture) => codeOf(picture, layout, participant)?.trueMs ?? []);
  const distinct = times.filter((trueMs, index) => trueMs !== times[index - 1]);
  return distinct.slice(1).map((trueMs, index) => difference(trueMs, distinct[index]!));
}

/** True time minus film time, the middle of all pictures, each where it first stands in the film: where this participant's film stands in the true time. A
 * picture that is held because the camera gives no other is late on purpose. NaN when never seen. */
export function anchorOf(pictures: Picture[], layout: number, participant: number): number {
  let first: number | undefined;
  let last: number | undefined;
  const offsets: number[] = [];
  for (const picture of pictures) {
    const code = codeOf(picture, layout, participant);
    if (!code || code.trueMs === last) continue;
    last = code.trueMs;
    const offset = code.trueMs - picture.atMs;
    first ??= offset;
    offsets.push(difference(offset, first));
  }
  return first === undefined ? Number.NaN : first + percentile(offsets, 50);
}

/** Sound minus picture of one participant, one value for each beep, ms; positive when the sound is late. `beeps`: the true times at which they
 * set in, whole seconds when left out. */
export function soundLags(film: Film, pictures: Picture[], layout: number, participant: number, beeps?: number[]): number[] {
  const anchor = anchorOf(pictures, layout, participant);
  const fromMs = pictures[0]?.atMs ?? 0;
  const toMs = pictures.at(-1)?.atMs ?? 0;
  if (!film.sound || Number.isNaN(anchor)) return [];
  return onsetsOf(film.sound, toneHz(participant))
    .filter((onset) => onset >= fromMs && onset <= toMs)
    .flatMap((onset) => lagOf(onset + anchor, beeps) ?? []);
}

/** A true time, told modulo or not, minus that of the beep it belongs to; null when nobody heard that one truly. */
export function lagOf(trueMs: number, beeps?: number[]): number | null {
  if (!beeps) return trueMs - Math.round(trueMs / 1000) * 1000;
  const lags = beeps.map((beep) => difference(trueMs, beep)).filter((lag) => Math.abs(lag) < 500);
  return lags.reduce<number | null>((least, lag) => (least === null || Math.abs(lag) < Math.abs(least) ? lag : least), null);
}

/** Longest time that a participant's picture stood still, ms. */
export function longestStill(pictures: Picture[], layout: number, participant: number): number {
  let longest = 0;
  let sinceMs: number | undefined;
  let last: number | undefined;
  for (const picture of pictures) {
    const trueMs = codeOf(picture, layout, participant)?.trueMs;
    if (trueMs !== undefined && trueMs !== last) {
      last = trueMs;
      sinceMs = picture.atMs;
    }
    if (sinceMs !== undefined) longest = Math.max(longest, picture.atMs - sinceMs);
  }
  return longest;
}

export const absolute = (values: number[]): number[] => values.map(Math.abs);
export { percentile };
