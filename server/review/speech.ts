// When somebody spoke, from how loud their own microphone was: energy against an adaptive noise floor, with hysteresis and hangover. Pure.
//
// The floor is followed by minimum statistics (R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum statistics",
// IEEE Trans. Speech Audio Process. 9(5), 2001), here on the full band and with a low percentile in place of the minimum, because all of the sound is
// there before anybody asks. Two thresholds and a hangover that bridges the weak ends of words follow ITU-T G.729 Annex B and ETSI EN 301 708.
import type { Span } from "../../protocol/feedback.ts";

/** One level stands for so long, ms. */
export const frameMs = 10;
/** Below full scale: softer than this nobody speaks into a microphone, whatever its noise. */
const faintestDb = 58;
/** The floor is what this share of the levels around a moment stay below … */
const floorShare = 0.1;
/** … among so many before and after it: long enough that somebody who talks on takes a breath. */
const floorAroundMs = 10_000;
/** Every so often is enough, for it moves slowly. */
const floorEveryMs = 500;
/** Digital silence of a muted microphone is no noise to compare with: the floor is never taken to be softer than this. */
const quietestDb = 75;
/** Speech begins so far above the floor, and ends when it falls below this. dB. */
const beginsDb = 9;
const endsDb = 6;
/** A click is shorter than any syllable. */
const shortestMs = 80;
/** Stops and weak endings inside and after words: shorter pauses are none. */
const hangoverMs = 200;
/** Levels are averaged over so many frames, as energy. */
const smoothFrames = 3;

/** `levels`: dB below full scale, 127 for silence, one each `frameMs` from 0 on; NaN where nothing was measured. */
export function speechOf(levels: Float32Array): Span[] {
  const smooth = smoothed(levels);
  const floor = floorsOf(smooth);
  const spans: Span[] = [];
  let from: number | null = null;
  let lastLoud = 0;
  const end = (at: number) => {
    if (from !== null && lastLoud + 1 - from >= shortestMs / frameMs)
      spans.push({ fromMs: from * frameMs, toMs: Math.min(at, lastLoud + 1) * frameMs });
    from = null;
  };
  for (let at = 0; at < smooth.length; at++) {
    const level = smooth[at]!;
    const above = (floor[Math.floor((at * frameMs) / floorEveryMs)] ?? quietestDb) - level;
    if (Number.isNaN(level)) end(at);
    else if (level < faintestDb && above >= (from === null ? beginsDb : endsDb)) {
      from ??= at;
      lastLoud = at;
    } else if (from !== null && (at - lastLoud) * frameMs > hangoverMs) end(at);
  }
  end(smooth.length);
  return joined(spans, hangoverMs);
}

/** Where no track has a level, for `leastMs` or more, up to `lengthMs`. */
export function unheardOf(tracks: readonly Float32Array[], lengthMs: number, leastMs: number): Span[] {
  const spans: Span[] = [];
  const end = Math.ceil(lengthMs / frameMs);
  let from: number | null = null;
  for (let at = 0; at <= end; at++) {
    if (at < end && tracks.every((levels) => Number.isNaN(levels[at] ?? Number.NaN))) from ??= at;
    else if (from !== null) {
      if ((at - from) * frameMs >= leastMs) spans.push({ fromMs: from * frameMs, toMs: at * frameMs });
      from = null;
    }
  }
  return spans;
}

/** As energy, for loudness does not average as decibels do. */
function smoothed(levels: Float32Array): Float32Array {
  const out = new Float32Array(levels.length);
  const side = (smoothFrames - 1) / 2;
  for (let at = 0; at < levels.length; at++) {
    let sum = 0;
    let count = 0;
    for (let near = Math.max(0, at - side); near <= Math.min(levels.length - 1, at + side); near++) {
      if (Number.isNaN(levels[near])) continue;
      sum += 10 ** (-levels[near]! / 10);
      count++;
    }
    out[at] = count === 0 || Number.isNaN(levels[at]) ? Number.NaN : -10 * Math.log10(sum / count + 1e-13);
  }
  return out;
}

/** One each `floorEveryMs`: the dB below full scale that most of the levels around it are louder than. */
function floorsOf(levels: Float32Array): Float32Array {
  const step = floorEveryMs / frameMs;
  const around = floorAroundMs / frameMs;
  const floors = new Float32Array(Math.ceil(levels.length / step));
  // How many of each whole decibel are in sight: moving on costs what comes in and goes out, not the whole stretch.
  const counts = new Uint32Array(129);
  let total = 0;
  let [first, next] = [0, 0];
  const count = (at: number, by: 1 | -1) => {
    const level = levels[at]!;
    if (Number.isNaN(level)) return;
    counts[Math.max(0, Math.min(128, Math.round(level)))]! += by;
    total += by;
  };
  for (let index = 0; index < floors.length; index++) {
    const middle = index * step;
    while (next < Math.min(levels.length, middle + around)) count(next++, 1);
    while (first < middle - around) count(first++, -1);
    let db = 128;
    for (let softer = counts[db]!; db > 0 && softer < total * floorShare; softer += counts[db]!) db--;
    floors[index] = Math.min(quietestDb, db);
  }
  return floors;
}

/** Spans with shorter gaps between them than `withinMs` become one. In order. */
export function joined(spans: readonly Span[], withinMs: number): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last && span.fromMs - last.toMs < withinMs) last.toMs = Math.max(last.toMs, span.toMs);
    else out.push({ ...span });
  }
  return out;
}
