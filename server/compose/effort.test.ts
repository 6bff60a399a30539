import { expect, test } from "vitest";
import { mostEffortless, nextEffort, pictureEvery } from "./effort.ts";

const lastedMs = 3200;
const slow = { tookMs: 4000, lastedMs, running: true };

test("composing that falls behind a running recording steps down, further only when further behind, and up again when it has room", () => {
  expect(nextEffort(0, { ...slow, behindMs: 2 * lastedMs })).toBe(0);
  expect(nextEffort(0, { ...slow, behindMs: 4 * lastedMs })).toBe(1);
  expect(nextEffort(1, { ...slow, behindMs: 4 * lastedMs })).toBe(1);
  expect(nextEffort(1, { ...slow, behindMs: 7 * lastedMs })).toBe(2);
  expect(nextEffort(mostEffortless, { ...slow, behindMs: 99 * lastedMs })).toBe(mostEffortless);
  expect(nextEffort(2, { ...slow, tookMs: 1000, behindMs: 3 * lastedMs })).toBe(2);
  expect(nextEffort(2, { ...slow, tookMs: 1000, behindMs: lastedMs })).toBe(1);
});

test("a film that is made after Stop, or quickly, is made at the best", () => {
  expect(nextEffort(0, { behindMs: 900 * lastedMs, tookMs: 4000, lastedMs, running: false })).toBe(0);
  expect(nextEffort(0, { behindMs: 900 * lastedMs, tookMs: 600, lastedMs, running: true })).toBe(0);
  expect(pictureEvery(0)).toBe(1);
});
