import fc from "fast-check";
import { expect, test } from "vitest";
import { afterMsOf, type Bend } from "./slip.ts";
import { straightened } from "./straightened.ts";

const withinMs = 4;
const line = (steps: readonly { forMs: number; byMs: number }[]): Bend[] => {
  let at: Bend = { mediaMs: 0, afterMs: 0 };
  return steps.map(({ forMs, byMs }) => {
    at = { mediaMs: at.mediaMs + forMs, afterMs: at.afterMs + byMs };
    return at;
  });
};
const lines = fc
  .array(fc.record({ forMs: fc.integer({ min: 1, max: 60 }), byMs: fc.integer({ min: -20, max: 40 }) }), { minLength: 1, maxLength: 80 })
  .map(line);

test("a line that is straight, or nearly so, is its two ends", () => {
  const points = line(Array.from({ length: 500 }, (_, index) => ({ forMs: 40, byMs: index % 2 === 0 ? 3 : -3 })));
  expect(straightened(points, withinMs)).toEqual([points[0], points.at(-1)]);
});

test("no point is further from what is left than the tolerance, and what is left is of the line", () => {
  fc.assert(
    fc.property(lines, (points) => {
      const kept = straightened(points, withinMs);
      for (const bend of kept) expect(points).toContain(bend);
      for (const { mediaMs, afterMs } of points) expect(Math.abs(afterMsOf(kept, mediaMs) - afterMs)).toBeLessThanOrEqual(withinMs + 1e-9);
    }),
  );
});

test("more points change nothing but the last", () => {
  fc.assert(
    fc.property(lines, fc.nat({ max: 80 }), (points, count) => {
      const before = straightened(points.slice(0, count), withinMs).slice(0, -1);
      expect(straightened(points, withinMs).slice(0, before.length)).toEqual(before);
    }),
  );
});
