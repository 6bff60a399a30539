// How loud a voice is to people: ITU-R BS.1770-4 (K-weighting, 400 ms blocks every 100 ms, gates at −70 LUFS and 10 LU below the mean), as EBU R128
// has it for a programme. Promise: pure, and a window needs nothing of the one before; blocks that cross a window's edge are left out.
import { sampleRate } from "./place.ts";

/** Samples of a block, and from one block's beginning to the next one's. */
export const blockSamples = sampleRate * 0.4;
export const hopSamples = sampleRate * 0.1;
/** Blocks that are quieter say nothing, LUFS. */
export const absoluteGate = -70;
/** LU below the mean of what passed the first gate. */
const relativeGate = -10;

/** BS.1770-4, tables 1 and 2, for 48 kHz: a shelf for the head, then a high-pass. */
const filters = [
  { b: [1.53512485958697, -2.69169618940638, 1.19839281085285], a: [-1.69065929318241, 0.73248077421585] },
  { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] },
] as const;

/** K-weighted energies of every 100 ms from a sample on, added to `hops`. What is before `from` settles the filters. */
function addEnergies(samples: Float32Array, from: number, hops: Float64Array): void {
  const [
    {
      b: [b0, b1, b2],
      a: [a1, a2],
    },
    {
      b: [c0, c1, c2],
      a: [d1, d2],
    },
  ] = filters;
  // Both filters at once, in the form that keeps two numbers each.
  let [s1, s2, t1, t2, sum, hop] = [0, 0, 0, 0, 0, 0];
  let next = from + hopSamples;
  for (let at = 0; hop < hops.length; at++) {
    const x = samples[at]!;
    const y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b2 * x - a2 * y;
    const z = c0 * y + t1;
    t1 = c1 * y - d1 * z + t2;
    t2 = c2 * y - d2 * z;
    if (at < from) continue;
    sum += z * z;
    if (at + 1 < next) continue;
    hops[hop]! += sum / blockSamples;
    sum = 0;
    hop += 1;
    next += hopSamples;
  }
}

/** Mean squares of K-weighted left and right together, of each block that lies wholly between two samples. What is before `from` settles the filters.
 * A voice with one channel is the same array twice. */
export function energiesOf([left, right]: readonly [Float32Array, Float32Array], from: number, to: number): number[] {
  const hops = new Float64Array(Math.max(0, Math.floor((to - from) / hopSamples)));
  addEnergies(left, from, hops);
  if (right === left) for (let hop = 0; hop < hops.length; hop++) hops[hop]! *= 2;
  else addEnergies(right, from, hops);
  const perBlock = blockSamples / hopSamples;
  return Array.from({ length: Math.max(0, hops.length - perBlock + 1) }, (_, at) =>
    hops.subarray(at, at + perBlock).reduce((sum, hop) => sum + hop, 0),
  );
}

/** LUFS. */
export function loudnessOf(energy: number): number {
  return energy > 0 ? -0.691 + 10 * Math.log10(energy) : Number.NEGATIVE_INFINITY;
}

/** Blocks by loudness, one LU apart: what is needed of them to say the loudness of all so far. Kept in a file, so small and plain: LUFS of the
 * bin's lower edge, how many blocks, sum of their energies. */
export type Histogram = [number, number, number][];

export function addBlocks(histogram: Histogram, energies: readonly number[]): Histogram {
  const bins = new Map(histogram.map(([edge, count, energy]) => [edge, { count, energy }]));
  for (const energy of energies) {
    const loudness = loudnessOf(energy);
    if (loudness < absoluteGate) continue;
    const edge = Math.floor(loudness);
    const bin = bins.get(edge) ?? { count: 0, energy: 0 };
    bins.set(edge, { count: bin.count + 1, energy: bin.energy + energy });
  }
  return [...bins].map(([edge, { count, energy }]): Histogram[number] => [edge, count, energy]).sort((a, b) => a[0] - b[0]);
}

/** Integrated loudness, LUFS; null: nothing passed the gates. `blocks`: of how many. The second gate is as fine as the bins: a block less than 1 LU above
 * or below it may fall on the other side, which moves the result by a few hundredths. */
export function integrated(histogram: Histogram): { lufs: number; blocks: number } | null {
  const mean = (bins: Histogram) => {
    const [count, energy] = bins.reduce(([blocks, sum], [, more, energy]) => [blocks + more, sum + energy], [0, 0]);
    return count > 0 ? { lufs: loudnessOf(energy / count), blocks: count } : null;
  };
  const first = mean(histogram);
  return first && mean(histogram.filter(([, count, energy]) => loudnessOf(energy / count) > first.lufs + relativeGate));
}
