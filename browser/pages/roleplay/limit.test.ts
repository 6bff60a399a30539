import { expect, test } from "vitest";
import { dueOf, leftOf } from "./limit.ts";

const limitMs = 600_000;
const looks = (...lefts: number[]) => lefts.map((left, index) => dueOf(limitMs, index === 0 ? null : lefts[index - 1]!, left));

test("a minute before and at the limit something is due, once", () => {
  expect(looks(61_000, 60_000, 59_000, 1000, 0, -1000, -2000)).toEqual([null, "soon", null, null, "over", null, null]);
});

test("a page that slept over both hears of the end alone", () => {
  expect(looks(300_000, -5)).toEqual([null, "over"]);
});

test("who comes when it is over, or when less than a minute is left, hears nothing of what was", () => {
  expect(looks(-5000, -6000)).toEqual([null, null]);
  expect(looks(30_000, 29_000)).toEqual([null, null]);
});

test("of a short one only the end is told", () => {
  expect([dueOf(120_000, 61_000, 59_000), dueOf(120_000, 500, -500)]).toEqual([null, "over"]);
});

test("a pause takes nothing of the time, and what is left stands still in it", () => {
  const running = { startedMs: 1000, pausedMs: null, pausesMs: 0 };
  expect(leftOf(limitMs, running, 241_000)).toBe(360_000);
  const paused = { ...running, pausedMs: 240_000 };
  for (const nowMs of [241_000, 400_000, 2_000_000]) expect(leftOf(limitMs, paused, nowMs)).toBe(360_000);
  // Paused for ten minutes, then for one more.
  const resumed = { ...running, pausesMs: 600_000 };
  expect(leftOf(limitMs, resumed, 851_000)).toBe(350_000);
  expect(leftOf(limitMs, { ...resumed, pausedMs: 850_000 }, 911_000)).toBe(350_000);
  expect(leftOf(limitMs, { ...resumed, pausesMs: 660_000 }, 921_000)).toBe(340_000);
});

test("a clock that is behind the server's begins at the whole limit", () => {
  expect(leftOf(limitMs, { startedMs: 5000, pausedMs: null, pausesMs: 0 }, 4000)).toBe(limitMs);
});
