import { expect, test } from "vitest";
import { jumped, sinceJump } from "./clock.ts";

const ping = (sentMs: number, roundTripMs: number, offsetMs: number, epoch = "e") => ({
  sentMs,
  receivedMs: sentMs + roundTripMs,
  serverMs: sentMs + roundTripMs / 2 + offsetMs,
  epoch,
});

test("a clock that stood still is seen at the next ping", () => {
  expect(jumped(ping(0, 20, 500), ping(5000, 20, 30_500))).toBe(true);
  expect(jumped(ping(0, 20, 500), ping(5000, 20, 501))).toBe(false);
});

test("what slow paths explain is no jump", () => {
  expect(jumped(ping(0, 20, 500), ping(5000, 6000, 3500))).toBe(false);
});

test("another server clock is no jump of this one", () => {
  expect(jumped(ping(0, 20, 500), ping(5000, 20, 90_000, "f"))).toBe(false);
});

test("only the pings since the last jump are used", () => {
  const samples = [ping(0, 9, 0), ping(1000, 9, 0), ping(2000, 9, 60_000), ping(3000, 9, 60_000)];
  expect(sinceJump(samples)).toEqual(samples.slice(2));
  expect(sinceJump(samples.slice(0, 2))).toEqual(samples.slice(0, 2));
  expect(sinceJump([])).toEqual([]);
});
