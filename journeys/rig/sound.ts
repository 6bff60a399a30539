// Finds beeps in a sound: how loud one pitch is at every millisecond, and when it sets in.
export interface Sound {
  sampleRate: number;
  /** Film time of the first sample. */
  startMs: number;
  samples: Float32Array;
}

/** Long enough to tell pitches 220 Hz apart (its first zero lies 83 Hz away), short enough to place an onset within a few ms. */
const filterMs = 24;

/** Amplitude of one pitch, one value a millisecond, the first at `startMs`. The filter is centred: a beep rises through half its height at its onset. */
export function loudness(sound: Sound, hz: number): Float32Array {
  const { sampleRate, samples } = sound;
  const length = Math.round((filterMs * sampleRate) / 1000);
  const cosine = new Float64Array(length);
  const sine = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const hann = (1 - Math.cos((2 * Math.PI * (i + 0.5)) / length)) / length;
    cosine[i] = hann * Math.cos((2 * Math.PI * hz * i) / sampleRate) * 2;
    sine[i] = hann * Math.sin((2 * Math.PI * hz * i) / sampleRate) * 2;
  }
  const out = new Float32Array(Math.floor((samples.length * 1000) / sampleRate));
  for (let ms = 0; ms < out.length; ms++) {
    const from = Math.round((ms * sampleRate) / 1000) - (length >> 1);
    let re = 0;
    let im = 0;
    for (let i = Math.max(0, -from); i < length && from + i < samples.length; i++) {
      const value = samples[from + i]!;
      re += value * cosine[i]!;
      im += value * sine[i]!;
    }
    out[ms] = Math.hypot(re, im) / 2;
  }
  return out;
}

/** Film times at which a pitch sets in after at least 300 ms of rest. Empty when the pitch is never clearly there. */
export function onsetsOf(sound: Sound, hz: number): number[] {
  const level = loudness(sound, hz);
  // Beeps fill 12 % of the time, so the loudest 5 % are all beep.
  const height = percentile([...level], 95);
  if (height < 0.01) return [];
  const onsets: number[] = [];
  let restMs = 0;
  for (let ms = 1; ms < level.length; ms++) {
    const before = level[ms - 1]!;
    const now = level[ms]!;
    if (before < height / 2 && now >= height / 2) {
      if (restMs >= 300) onsets.push(sound.startMs + ms - (now - height / 2) / Math.max(now - before, 1e-9));
      restMs = 0;
    } else if (now < height / 2) restMs++;
  }
  return onsets;
}

/** Root mean square between two film times. */
export function power(sound: Sound, fromMs: number, toMs: number): number {
  const place = (ms: number) => Math.round(((ms - sound.startMs) * sound.sampleRate) / 1000);
  const part = sound.samples.subarray(Math.max(0, place(fromMs)), Math.max(0, place(toMs)));
  return part.length === 0 ? 0 : Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
}

/** The value that `share` percent do not exceed. NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * share) / 100) - 1)] ?? Number.NaN;
}
