import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, gridMs, lagOf, type Voice } from "./lag.ts";

const range = { fromMs: -1000, toMs: 2000 };

/** Syllables, words and pauses, as loudness every 5 ms. */
function speech(seed: number, seconds: number): Voice {
  const random = generator(seed);
  const loudness = new Float32Array((seconds * 1000) / gridMs).fill(0.05);
  let at = random() * 1000;
  while (at < seconds * 1000) {
    const phraseEnd = at + 800 + random() * 2500;
    while (at < phraseEnd) {
      const end = at + 80 + random() * 180;
      loudness.fill(0.5 + random() * 0.4, Math.round(at / gridMs), Math.round(end / gridMs));
      at = end + 30 + random() * 120;
    }
    at += 300 + random() * 1200;
  }
  return { fromMs: 0, loudness };
}

function generator(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What is heard of it `lagMs` later, looked at about every 25 ms in spans of 2 s. */
function heardOf(voice: Voice, lagMs: number, options: { seed: number; noise?: number; echo?: Voice }): Block[] {
  const random = generator(options.seed + 77);
  const blocks: Block[] = [];
  const endMs = voice.loudness.length * gridMs;
  for (let fromMs = 0; fromMs + 2000 < endMs; fromMs += 2000) {
    const atMs = Float64Array.from({ length: 80 }, (_, index) => fromMs + index * 25 + random() * 4);
    const loudness = Float32Array.from(atMs, (at) => {
      const place = Math.round((at - lagMs) / gridMs);
      const own = voice.loudness[place] ?? 0;
      const echo = options.echo?.loudness[place] ?? 0;
      return Math.max(0, Math.min(1, Math.max(own, echo * 0.6) + (random() - 0.5) * (options.noise ?? 0.1)));
    });
    blocks.push({ atMs, loudness });
  }
  return blocks;
}

test("the lag of speech is found within 8 ms, or not at all", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: -800, max: 1800 }), fc.integer({ min: 1, max: 6 }), (seed, lagMs, noise) => {
      const voice = speech(seed, 30);
      const lag = lagOf(heardOf(voice, lagMs, { seed, noise: noise / 10 }), voice, range);
      if (!lag) return;
      found += 1;
      expect(Math.abs(lag.lagMs - lagMs)).toBeLessThanOrEqual(Math.min(8, lag.uncertaintyMs + 3));
    }),
    { numRuns: 60 },
  );
  expect(found).toBeGreaterThan(50);
});

test("two who talk at once do not disturb one another", () => {
  fc.assert(
    fc.property(fc.nat(100_000), (seed) => {
      const voice = speech(seed, 40);
      const lag = lagOf(heardOf(voice, 140, { seed, echo: speech(seed + 1, 40) }), voice, range);
      if (lag) expect(Math.abs(lag.lagMs - 140)).toBeLessThanOrEqual(8);
    }),
    { numRuns: 30 },
  );
});

test("somebody else's voice gives no lag", () => {
  fc.assert(
    fc.property(fc.nat(100_000), (seed) => {
      expect(lagOf(heardOf(speech(seed, 30), 100, { seed }), speech(seed + 1, 30), range)).toBeNull();
    }),
    { numRuns: 60 },
  );
});

test("silence gives no lag, and neither does noise", () => {
  const quiet: Voice = { fromMs: 0, loudness: new Float32Array(6000) };
  expect(lagOf(heardOf(quiet, 100, { seed: 1, noise: 0 }), quiet, range)).toBeNull();
  expect(lagOf(heardOf(quiet, 100, { seed: 2, noise: 0.1 }), quiet, range)).toBeNull();
  const loud: Voice = { fromMs: 0, loudness: quiet.loudness.map(generator(3)) };
  const other: Voice = { fromMs: 0, loudness: quiet.loudness.map(generator(4)) };
  expect(lagOf(heardOf(loud, 100, { seed: 5 }), other, range)).toBeNull();
});

test("beeps on the second give no lag: it could be another second", () => {
  const beeps: Voice = {
    fromMs: 0,
    loudness: Float32Array.from({ length: 6000 }, (_, index) => ((index * gridMs) % 1000 < 300 ? 0.9 : 0.05)),
  };
  expect(lagOf(heardOf(beeps, 140, { seed: 1 }), beeps, range)).toBeNull();
});

test("a few words are not enough", () => {
  const voice = speech(1, 30);
  voice.loudness.fill(0.05, 1000);
  expect(lagOf(heardOf(voice, 140, { seed: 1 }), voice, range)).toBeNull();
});

test("what was never decoded is passed over", () => {
  const voice = speech(3, 60);
  const blocks = heardOf(voice, 140, { seed: 3 });
  voice.loudness.fill(Number.NaN, 3000, 6000);
  expect(lagOf(blocks, voice, range)?.lagMs).toBeCloseTo(140, -1);
});

test("a lag that changes in the middle is no lag", () => {
  const voice = speech(5, 60);
  const blocks = [0, 1].flatMap((half) => {
    const heard = heardOf(voice, 100 + half * 300, { seed: 5 });
    return heard.slice(half * 14, half * 14 + 14);
  });
  expect(lagOf(blocks, voice, range)).toBeNull();
});
