// Sound at another rate, or stretched a little: windowed-sinc interpolation of a run of samples at any position. Pure.

/** Samples on each side that one output sample is made of. */
export const taps = 16;
/** Positions between two samples for which the filter is worked out beforehand. */
const phases = 512;

const filters = new Map<number, Float32Array>();

/** `cutoff`: 1, or less where the output has fewer samples than the input. */
function filterFor(cutoff: number): Float32Array {
  const known = filters.get(cutoff);
  if (known) return known;
  const filter = new Float32Array((phases + 1) * taps * 2);
  for (let phase = 0; phase <= phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps * 2; tap++) {
      const x = tap - taps + 1 - phase / phases;
      const sinc = x === 0 ? cutoff : Math.sin(Math.PI * x * cutoff) / (Math.PI * x);
      const value = sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / (taps + 1)));
      filter[phase * taps * 2 + tap] = value;
      sum += value;
    }
    // Every phase lets a constant through unchanged.
    for (let tap = 0; tap < taps * 2; tap++) filter[phase * taps * 2 + tap]! /= sum;
  }
  filters.set(cutoff, filter);
  return filter;
}

/** The value at a fractional position of `samples`; silence lies around them. `step`: input samples per output sample. */
export function sampleAt(samples: Float32Array, position: number, step: number): number {
  const filter = filterFor(step > 1.01 ? Math.round((0.97 / step) * 1000) / 1000 : 1);
  const whole = Math.floor(position);
  const from = Math.round((position - whole) * phases) * taps * 2;
  let sum = 0;
  for (let tap = 0; tap < taps * 2; tap++) {
    const at = whole + tap - taps + 1;
    if (at >= 0 && at < samples.length) sum += samples[at]! * filter[from + tap]!;
  }
  return sum;
}
