// A slice of `npm run chaos`: two rounds with fixed seeds, and a small storm.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { round } from "./chaos/round.ts";
import { storm } from "./chaos/storm.ts";

beforeEach(() => {
  // The uploaders of drones tell of every break; here breaks are the point.
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** A machine that has other work besides takes several times as long. What is lost once is lost: no second walk. */
const strict = { timeout: 360_000, retry: 0 };

const struck = async (seed: number, numbers: number[]) =>
  (await round(seed, numbers, () => undefined)).faults.map(({ number }) => number).toSorted((a, b) => a - b);

test(
  "kill -9 of the server, a proxy without WebSocket, kill -9 of the browser and torn outboxes in one recording break no invariant",
  strict,
  async () => {
    expect(await struck(9, [2, 24, 30, 36])).toEqual([2, 24, 24, 30, 36]);
  },
);

test("failing syncs, no file handles and somebody who never comes back in one recording break no invariant", strict, async () => {
  expect(await struck(10, [39, 41, 47])).toEqual([39, 41, 47]);
});

test("a hundred uploads that come back at once after kill -9 are all resumed within 30 s", async () => {
  const { drones, lastMs, composing } = await storm(100);
  expect(drones).toBe(100);
  expect(lastMs).toBeLessThan(30_000);
  expect(composing).toBeLessThanOrEqual(16);
});
