import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClockSample } from "../../protocol/recording.ts";
import { fitClock, serverMsOf } from "./clock.ts";

/** A ping every two seconds, each way taking `quickMs` at least and up to `slowMs` more. */
function pings(options: {
  offsetMs: number;
  ppm: number;
  seconds: number;
  quickMs: number;
  slowMs: number;
  seed: number;
  epoch?: string;
}): ClockSample[] {
  let seed = options.seed;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  return Array.from({ length: Math.ceil(options.seconds / 2) }, (_, index) => {
    const sentMs = 1_700_000_000_000 + index * 2000;
    const up = options.quickMs + random() ** 3 * options.slowMs;
    const down = options.quickMs + random() ** 3 * options.slowMs;
    return { sentMs, receivedMs: sentMs + up + down, serverMs: serverTruth(options, sentMs + up), epoch: options.epoch ?? "e" };
  });
}

const serverTruth = ({ offsetMs, ppm }: { offsetMs: number; ppm: number }, browserMs: number) =>
  browserMs + offsetMs + ((browserMs - 1_700_000_000_000) * ppm) / 1e6;

test("an hour of drift and an hour of wrong wall clock leave less than the stated uncertainty", () => {
  const clock = fc.record({
    offsetMs: fc.double({ min: -3.6e6, max: 3.6e6, noNaN: true }),
    ppm: fc.double({ min: -200, max: 200, noNaN: true }),
    seconds: fc.integer({ min: 4, max: 3600 }),
    quickMs: fc.double({ min: 0.2, max: 40, noNaN: true }),
    slowMs: fc.double({ min: 0, max: 80, noNaN: true }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(clock, (options) => {
      const samples = pings(options);
      const fit = fitClock(samples, "e")!;
      for (const sample of [samples[0]!, samples[samples.length >> 1]!, samples.at(-1)!])
        expect(Math.abs(serverMsOf(fit, sample.sentMs) - serverTruth(options, sample.sentMs))).toBeLessThanOrEqual(
          // In less than 20 s no drift is looked for: up to 2 ms. Doubles near 1.7e12 are 0.00024 ms apart.
          fit.uncertaintyMs + 2.001,
        );
    }),
    { numRuns: 200 },
  );
});

test("drift is found to a few parts per million on a quiet network", () => {
  const fit = fitClock(pings({ offsetMs: 5e6, ppm: 150, seconds: 3600, quickMs: 5, slowMs: 20, seed: 1 }), "e")!;
  expect(fit.driftPpm).toBeGreaterThan(148);
  expect(fit.driftPpm).toBeLessThan(152);
});

test("a few seconds of pings claim no drift", () => {
  const fit = fitClock(pings({ offsetMs: 0, ppm: 0, seconds: 20, quickMs: 20, slowMs: 60, seed: 2 }), "e")!;
  expect(fit.driftPpm).toBe(0);
});

test("one slow ping among quick ones says nothing", () => {
  const samples = pings({ offsetMs: 100, ppm: 0, seconds: 20, quickMs: 1, slowMs: 0, seed: 3 });
  samples[4] = { ...samples[4]!, receivedMs: samples[4]!.sentMs + 900, serverMs: samples[4]!.serverMs + 890 };
  expect(serverMsOf(fitClock(samples, "e")!, 1_700_000_000_000)).toBeCloseTo(1_700_000_000_100, 3);
});

test("a clock that is slewed half way through is followed", () => {
  const before = pings({ offsetMs: 0, ppm: 0, seconds: 600, quickMs: 1, slowMs: 1, seed: 4 });
  const after = pings({ offsetMs: -120, ppm: 200, seconds: 1800, quickMs: 1, slowMs: 1, seed: 5 }).slice(300);
  const fit = fitClock([...before, ...after], "e")!;
  for (const [seconds, truth] of [
    [100, 0],
    [500, 0],
    [1200, 120],
    [1700, 220],
  ] as const) {
    const browserMs = 1_700_000_000_000 + seconds * 1000;
    expect(Math.abs(serverMsOf(fit, browserMs) - browserMs - truth)).toBeLessThan(8);
  }
});

test("beyond the last ping a bent clock stays where it was, whatever the last two pings differ by", () => {
  const samples = Array.from({ length: 10 }, (_, index) => {
    const sentMs = 1_700_000_000_000 + index * 5000;
    const offsetMs = index < 5 ? 0 : index === 9 ? 75 : 60;
    return { sentMs, receivedMs: sentMs + 1, serverMs: sentMs + 0.5 + offsetMs, epoch: "e" };
  });
  const lastMs = samples.at(-1)!.sentMs;
  const fit = fitClock(samples, "e")!;
  for (const afterMs of [0, 10_000, 30_000]) expect(serverMsOf(fit, lastMs + afterMs) - lastMs - afterMs).toBeCloseTo(75, 0);
  expect(serverMsOf(fit, samples[0]!.sentMs - 30_000) - samples[0]!.sentMs + 30_000).toBeCloseTo(0, 0);
});

test("samples of another epoch do not count", () => {
  const samples = pings({ offsetMs: 0, ppm: 0, seconds: 20, quickMs: 1, slowMs: 0, seed: 6, epoch: "other" });
  expect(fitClock(samples, "e")).toBeNull();
});

test("two clocks that drift apart by 200 ppm are within 3 ms from half a minute on, on a quick path", () => {
  for (const ppm of [-200, 200])
    for (const seconds of [24, 40, 60, 90]) {
      const options = { offsetMs: -7e5, ppm, seconds, quickMs: 0.4, slowMs: 3, seed: seconds };
      const samples = pings(options);
      const fit = fitClock(samples, "e")!;
      for (const { sentMs } of samples) expect(Math.abs(serverMsOf(fit, sentMs) - serverTruth(options, sentMs))).toBeLessThan(3);
    }
});

test("a path that is slow one way is within what is stated, however it divides", () => {
  const path = fc.record({ upMs: fc.integer({ min: 1, max: 300 }), downMs: fc.integer({ min: 1, max: 300 }), seed: fc.nat() });
  fc.assert(
    fc.property(path, ({ upMs, downMs, seed }) => {
      const options = { offsetMs: 1234, ppm: 40, seconds: 120, quickMs: 0, slowMs: 15, seed };
      const samples = pings(options).map((sample) => ({
        ...sample,
        receivedMs: sample.receivedMs + upMs + downMs,
        serverMs: sample.serverMs + upMs,
      }));
      const fit = fitClock(samples, "e")!;
      for (const { sentMs } of samples)
        expect(Math.abs(serverMsOf(fit, sentMs) - serverTruth(options, sentMs))).toBeLessThanOrEqual(fit.uncertaintyMs + 1);
      expect(fit.uncertaintyMs).toBeLessThan((upMs + downMs) / 2 + 20);
    }),
    { numRuns: 100 },
  );
});
