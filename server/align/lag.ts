// How much later a voice was heard than it was spoken: by laying two loudness curves over one another. Pure.
// Promise: a lag that is certain, or null. Silence, noise, and what repeats itself (beeps) give null.

/** A few seconds of what was heard, in the order of time. Times on the recording's clock, by the listener's; loudness from 0 (nothing) to 1. */
export interface Block {
  atMs: Float64Array;
  loudness: Float32Array;
}

/** A voice as it was recorded: one loudness every `gridMs` from `fromMs` on; NaN where nothing is known. */
export interface Voice {
  fromMs: number;
  loudness: Float32Array;
}

export interface Lag {
  lagMs: number;
  /** What the two halves of the material differ by, and how well a peak can be placed. */
  uncertaintyMs: number;
  /** How alike the curves are at the lag, 1: the same. */
  likeness: number;
}

export const gridMs = 5;
/** From here on it is somebody speaking: 36 dB below full scale. */
const spoken = 0.4;
/** Speech in both curves, at least. Noise against noise reaches a likeness of about 3.3/√(10·seconds): 0.37 here. */
const spokenMinMs = 6000;
const likenessMin = 0.5;
/** The next best lag, further off than a syllable lasts, is less alike than this share: else it could as well be that one. */
const rivalMax = 0.75;
const syllableMs = 250;
const coarseMs = 20;
const fineMs = 2.5;
/** Halves that differ by more do not tell of one lag. */
const spreadMaxMs = 25;
/** A packet's loudness stands for 20 ms, a look for 25: their middle is known to about this. */
const placeMs = 3;

/** Loudness of a level in dB below full scale. */
export const loudnessOf = (level: number): number => Math.max(0, Math.min(1, (60 - level) / 60));

export function lagOf(blocks: readonly Block[], voice: Voice, range: { fromMs: number; toMs: number }): Lag | null {
  const rough = peakOf(blocks, voice, range, coarseMs);
  if (!rough || rough.likeness < likenessMin || rough.rival > rivalMax * rough.likeness) return null;
  if (spokenMs(blocks, voice, rough.lagMs) < spokenMinMs) return null;
  const near = { fromMs: rough.lagMs - 3 * coarseMs, toMs: rough.lagMs + 3 * coarseMs };
  const peak = peakOf(blocks, voice, near, fineMs);
  // Every second block, so that both halves see the whole recording.
  const [one, other] = [0, 1].map((half) =>
    peakOf(
      blocks.filter((_, index) => index % 2 === half),
      voice,
      near,
      fineMs,
    ),
  );
  if (!peak || !one || !other) return null;
  const spreadMs = Math.max(Math.abs(one.lagMs - peak.lagMs), Math.abs(other.lagMs - peak.lagMs));
  if (spreadMs > spreadMaxMs) return null;
  return { lagMs: peak.lagMs, uncertaintyMs: placeMs + spreadMs, likeness: peak.likeness };
}

interface Peak {
  lagMs: number;
  likeness: number;
  /** Of the best lag that is another one. */
  rival: number;
}

function peakOf(blocks: readonly Block[], voice: Voice, { fromMs, toMs }: { fromMs: number; toMs: number }, stepMs: number): Peak | null {
  const count = Math.floor((toMs - fromMs) / stepMs) + 1;
  const likeness = Array.from({ length: count }, (_, index) => likenessAt(blocks, voice, fromMs + index * stepMs));
  const best = likeness.reduce((at, value, index) => (value > likeness[at]! ? index : at), 0);
  if (!(likeness[best]! > 0)) return null;
  const rivals = likeness.filter((_, index) => Math.abs(index - best) * stepMs > syllableMs);
  // A peak at the rim is the flank of one outside.
  if (best === 0 || best === count - 1) return null;
  const [before, top, after] = [likeness[best - 1]!, likeness[best]!, likeness[best + 1]!];
  const bend = before - 2 * top + after;
  const aside = bend < 0 ? (before - after) / (2 * bend) : 0;
  return { lagMs: fromMs + (best + aside) * stepMs, likeness: top, rival: Math.max(0, ...rivals) };
}

/** Correlation of what was heard with what was said `lagMs` earlier, each block about its own mean: talk and pauses of minutes say nothing. */
function likenessAt(blocks: readonly Block[], voice: Voice, lagMs: number): number {
  let both = 0;
  let heard = 0;
  let said = 0;
  for (const { atMs, loudness } of blocks) {
    let [n, sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0, 0];
    for (let index = 0; index < atMs.length; index++) {
      const y = at(voice, atMs[index]! - lagMs);
      if (Number.isNaN(y)) continue;
      const x = loudness[index]!;
      n += 1;
      sumX += x;
      sumY += y;
      sumXX += x * x;
      sumYY += y * y;
      sumXY += x * y;
    }
    if (n < 8) continue;
    both += sumXY - (sumX * sumY) / n;
    heard += sumXX - (sumX * sumX) / n;
    said += sumYY - (sumY * sumY) / n;
  }
  return heard > 1e-6 && said > 1e-6 ? both / Math.sqrt(heard * said) : 0;
}

function at({ fromMs, loudness }: Voice, ms: number): number {
  const place = (ms - fromMs) / gridMs;
  const index = Math.floor(place);
  const [before, after] = [loudness[index] ?? Number.NaN, loudness[index + 1] ?? Number.NaN];
  return before + (after - before) * (place - index);
}

/** For how long somebody speaks in both. */
function spokenMs(blocks: readonly Block[], voice: Voice, lagMs: number): number {
  let ms = 0;
  for (const { atMs, loudness } of blocks)
    for (let index = 1; index < atMs.length; index++)
      if (loudness[index]! > spoken && at(voice, atMs[index]! - lagMs) > spoken) ms += Math.min(100, atMs[index]! - atMs[index - 1]!);
  return ms;
}
