// A slice of `npm run chaos`: one round with a fixed seed, and a small storm.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { round } from "./chaos/round.ts";
import { storm } from "./chaos/storm.ts";

beforeEach(() => {
  // The uploaders of drones tell of every break; here breaks are the point.
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

test("kill -9 of the server, a proxy without WebSocket and kill -9 of the browser in one recording break no invariant", async () => {
  const told = await round(9, null, () => undefined);
  expect(told.faults.map(({ number }) => number)).toEqual([36, 30, 2]);
});

test("a hundred uploads that come back at once after kill -9 are all resumed within 30 s", async () => {
  const { drones, lastMs } = await storm(100);
  expect(drones).toBe(100);
  expect(lastMs).toBeLessThan(30_000);
});
