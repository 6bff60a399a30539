import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Hush, hushed, hushesOf, type Stretch } from "./takeover.ts";

const span = (from: number, to: number): Stretch => ({ from, to });
const gainsOf = (stretches: Stretch[], length: number): Float32Array[] =>
  hushesOf(stretches).map((hushes: Hush[], index) => {
    const side = new Float32Array(length);
    side.fill(1, stretches[index]!.from, stretches[index]!.to);
    hushed(side, 0, hushes);
    return side;
  });
/** Samples at which they are not as loud as one. */
const notOne = (gains: Float32Array[], length: number) =>
  Array.from({ length }, (_, at) => at).filter((at) => Math.abs(sumAt(gains, at) - 1) > 1e-4);
const sumAt = (gains: Float32Array[], at: number) => gains.reduce((sum, side) => sum + side[at]!, 0);

test("one recorder after another is left as it is", () => {
  expect(hushesOf([span(0, 1000), span(1000, 2000), span(2500, 3000)])).toEqual([[], [], []]);
});

test("the one that began later takes over, and together they are one voice all the way", () => {
  const gains = gainsOf([span(0, 20_000), span(10_000, 40_000)], 40_000);
  expect([gains[0]![9999], gains[1]![10_000]]).toEqual([1, 0]);
  expect([gains[0]![13_000], gains[1]![13_000]]).toEqual([0, 1]);
  expect(notOne(gains, 40_000)).toEqual([]);
});

test("when that one ends first, the earlier one is heard again", () => {
  const gains = gainsOf([span(0, 60_000), span(10_000, 30_000)], 60_000);
  expect([gains[0]![20_000], gains[1]![20_000]]).toEqual([0, 1]);
  expect([gains[0]![35_000], gains[1]![35_000]]).toEqual([1, 0]);
  expect(notOne(gains, 60_000)).toEqual([]);
});

test("an overlap of a few samples leaves no hole", () => {
  for (const overlap of [1, 2, 7, 100, 480]) {
    const gains = gainsOf([span(0, 10_000 + overlap), span(10_000, 20_000)], 20_000);
    expect(notOne(gains, 20_000)).toEqual([]);
  }
});

test("where two ran at once, one voice is heard, wherever they lie", () => {
  const times = fc.record({ from: fc.integer({ min: 0, max: 9000 }), length: fc.integer({ min: 1, max: 9000 }) });
  fc.assert(
    fc.property(times, times, (one, other) => {
      const stretches = [one, other].map(({ from, length }) => span(from, from + length));
      const gains = gainsOf(stretches, 18_000);
      const wrong = Array.from({ length: 18_000 }, (_, at) => at).filter((at) => {
        const somebody = stretches.some(({ from, to }) => from <= at && at < to);
        return Math.abs(sumAt(gains, at) - Number(somebody)) > 1e-4;
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
