import { expect, test } from "vitest";
import { Rate } from "./rate.ts";

test("a rate is the slope over the last six seconds", () => {
  const rate = new Rate();
  expect(rate.add(0, 0)).toBeNull();
  expect(rate.add(1_000, 1_000)).toBeNull();
  expect(rate.add(2_000, 2_000)).toBe(1_000);
  expect(rate.add(2_000, 6_000)).toBeCloseTo(333.3, 0);
  expect(rate.add(8_000, 8_000)).toBe(1_000);
});

test("a smaller total starts anew", () => {
  const rate = new Rate();
  rate.add(5_000, 0);
  expect(rate.add(100, 1_000)).toBeNull();
});
