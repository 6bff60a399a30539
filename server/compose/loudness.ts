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

/** K-weighted, in place. */
function weigh(samples: Float32Array): void {
  for (const {
    b: [b0, b1, b2],
    a: [a1, a2],
  } of filters) {
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    for (let at = 0; at < samples.length; at++) {
      const x = samples[at]!;
      const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      samples[at] = y;
    }
  }
}

/** Mean squares of K-weighted left and right together, of each block that lies wholly between two samples. What is before `from` settles the filters. */
export function energiesOf([left, right]: readonly [Float32Array, Float32Array], from: number, to: number): number[] {
  const sides = [left.slice(0, to), right.slice(0, to)];
  for (const side of sides) weigh(side);
  const hops: number[] = [];
  for (let at = from; at + hopSamples <= to; at += hopSamples) {
    let sum = 0;
    for (const side of sides) for (let sample = at; sample < at + hopSamples; sample++) sum += side[sample]! ** 2;
    hops.push(sum / blockSamples);
  }
  const perBlock = blockSamples / hopSamples;
  return Array.from({ length: Math.max(0, hops.length - perBlock + 1) }, (_, at) =>
    hops.slice(at, at + perBlock).reduce((sum, hop) => sum + hop, 0),
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
