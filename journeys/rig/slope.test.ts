import fc from "fast-check";
import { expect, test } from "vitest";
import { slopeOf } from "./slope.ts";

test("a line is found again, and nothing is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -1000, max: 1000 }), (perX, at) => {
      const slope = slopeOf([0, 1, 2, 5, 9].map((x) => ({ x, y: at + perX * x })));
      expect(slope?.perX).toBeCloseTo(perX, 6);
      expect(slope?.within).toBeCloseTo(0, 4);
    }),
  );
});

test("a saw that does not rise has no slope beyond its own uncertainty", () => {
  const saw = Array.from({ length: 60 }, (_, x) => ({ x, y: x % 6 }));
  const slope = slopeOf(saw);
  expect(Math.abs(slope?.perX ?? 1)).toBeLessThan(slope?.within ?? 0);
});

test("two points, or points at one place, say nothing", () => {
  expect(slopeOf([])).toBeNull();
  expect(
    slopeOf([
      { x: 0, y: 1 },
      { x: 1, y: 2 },
    ]),
  ).toBeNull();
  expect(slopeOf([1, 2, 3].map((y) => ({ x: 4, y })))).toBeNull();
});
