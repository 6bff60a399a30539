// The error of the voice activity on sound whose truth is known: syllables in noise, made here, told as composing tells loudness.
import { expect, test } from "vitest";
import type { Span } from "../../protocol/feedback.ts";
import { frameMs, speechOf } from "./speech.ts";

/** Reproducible: a linear congruential generator (Numerical Recipes). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A minute or so of phrases of two to six syllables with a breath in between; `truth` where a phrase is. Energy by frame; noise `snrDb` below speech. */
function sample(seed: number, snrDb: number, phrases = 40): { levels: Float32Array; truth: boolean[] } {
  const next = random(seed);
  const energy: number[] = [];
  const truth: boolean[] = [];
  const noise = 10 ** (-(26 + snrDb) / 10);
  const add = (level: number, spoken: boolean) => {
    // The loudness of ten milliseconds of noise is itself noisy: by some 0.5 dB over 480 samples, more for voices.
    energy.push(level * (1 + 0.25 * (next() - 0.5)) + noise * (1 + 0.25 * (next() - 0.5)));
    truth.push(spoken);
  };
  for (let phrase = 0; phrase < phrases; phrase++) {
    for (let frame = 0; frame < 40 + next() * 200; frame++) add(0, false);
    const loudness = 10 ** (-(22 + next() * 8) / 10);
    for (let syllable = 0; syllable < 2 + next() * 5; syllable++) {
      const length = 12 + next() * 14;
      for (let frame = 0; frame < length; frame++) add(loudness * Math.sin((Math.PI * (frame + 0.5)) / length) ** 2, true);
      const pause = next() * 9;
      for (let frame = 0; frame < pause; frame++) add(0, true);
    }
  }
  return { levels: Float32Array.from(energy, (one) => -10 * Math.log10(one)), truth };
}

/** Of all frames, those that are called wrongly. */
function errorOf(spans: Span[], truth: boolean[]): { missed: number; invented: number } {
  const found = truth.map(() => false);
  for (const { fromMs, toMs } of spans) for (let at = fromMs / frameMs; at < toMs / frameMs; at++) found[at] = true;
  const count = (which: (at: number) => boolean) => truth.filter((_, at) => which(at)).length / truth.length;
  return { missed: count((at) => truth[at]! && !found[at]), invented: count((at) => !truth[at]! && found[at]!) };
}

test.each([
  [30, 0.06],
  [20, 0.07],
  [12, 0.12],
])("speech %i dB above its noise is found with at most %f of the frames wrong", (snrDb, most) => {
  for (const seed of [1, 2, 3]) {
    const { levels, truth } = sample(seed, snrDb);
    const { missed, invented } = errorOf(speechOf(levels), truth);
    expect(missed + invented, `seed=${seed} missed=${missed} invented=${invented}`).toBeLessThan(most);
    expect(invented).toBeLessThan(0.02);
  }
});

test("noise alone, digital silence and a click are no speech", () => {
  const next = random(9);
  expect(speechOf(Float32Array.from({ length: 6000 }, () => 45 + next() * 3))).toEqual([]);
  expect(speechOf(new Float32Array(6000).fill(127))).toEqual([]);
  expect(speechOf(Float32Array.from({ length: 3000 }, (_, at) => (at === 1500 || at === 1501 ? 10 : 60)))).toEqual([]);
});

test("somebody who was muted is heard from their first word, and noise that comes up is followed", () => {
  const unmuted = Float32Array.from({ length: 3000 }, (_, at) => (at < 1000 ? 127 : at >= 1200 && at < 1260 ? 25 : 62));
  expect(speechOf(unmuted)).toEqual([{ fromMs: expect.closeTo(12_000, -2), toMs: expect.closeTo(12_600, -2) }]);
  const louder = Float32Array.from({ length: 8000 }, (_, at) => (at < 4000 ? 65 : 48));
  const called = speechOf(louder).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  expect(called, "until the floor has followed").toBeLessThanOrEqual(10_000);
});

test("what was not measured is neither speech nor silence", () => {
  const levels = Float32Array.from({ length: 600 }, (_, at) =>
    at >= 200 && at < 400 ? Number.NaN : (at >= 150 && at < 200) || (at >= 400 && at < 450) ? 20 : 70,
  );
  expect(speechOf(levels)).toHaveLength(2);
});
