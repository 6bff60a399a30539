import fc from "fast-check";
import { expect, test } from "vitest";
import { Allowance } from "./allowance.ts";

test("without a pace everything may go at once, but no more is under way than the way takes in two seconds", () => {
  const allowance = new Allowance();
  expect(allowance.take(1e6, 0, 0)).toBe(1e6);
  expect(allowance.take(1e6, 300_000, 0)).toBe(0);
  allowance.arrived(1e6, 500, 0);
  expect(allowance.take(1e6, 3e6, 0)).toBe(1e6);
  expect(allowance.take(1e6, 4.1e6, 0)).toBe(0);
});

test("at a pace no more goes out than it allows, and a tenth of a second's worth at once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4000, max: 1_000_000 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 5, maxLength: 200 }),
      (rate, steps) => {
        const allowance = new Allowance();
        allowance.pace(rate, 0);
        let nowMs = 0;
        let sent = 0;
        for (const step of steps) {
          nowMs += step;
          const bytes = allowance.take(1e6, 0, nowMs);
          expect(bytes).toBeLessThanOrEqual(Math.max(1200, rate / 10));
          sent += bytes;
        }
        expect(sent).toBeLessThanOrEqual((rate * nowMs) / 1000 + 1200);
      },
    ),
  );
});

test("at the slowest pace it never stands still", () => {
  const allowance = new Allowance();
  allowance.pace(4000, 0);
  let sent = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs += allowance.waitMs) sent += allowance.take(65_536, 0, nowMs);
  expect(sent).toBeGreaterThan(200_000);
});

test("what waits unacked at a pace is bounded, so that it can be taken back soon", () => {
  const allowance = new Allowance();
  allowance.pace(40_000, 0);
  expect(allowance.take(65_536, 60_000, 10_000)).toBe(0);
  expect(allowance.take(65_536, 10_000, 10_000)).toBeGreaterThan(0);
});

test("the width of the way is what large frames got through, for as long as that is news", () => {
  const allowance = new Allowance();
  allowance.arrived(2000, 10, 0);
  expect(allowance.uplink).toBeNull();
  allowance.arrived(65_536, 500, 0);
  allowance.arrived(65_536, 900, 1000);
  expect(allowance.uplink).toBe(131_072);
  allowance.arrived(65_536, 900, 40_000);
  expect(allowance.uplink).toBeLessThan(80_000);
});
