import { expect, test } from "vitest";
import type { GraphReading } from "../../protocol/recording.ts";
import { Freshest, Kept } from "./freshest.ts";

/** A reading that says that the graph is so far behind. */
const behind = (browserMs: number, behindMs: number): GraphReading => ({ browserMs, mediaMs: browserMs - behindMs });
test("of each span the reading that is least behind is kept, once the next one has begun", () => {
  const kept: GraphReading[] = [];
  const freshest = new Freshest(100, (reading) => kept.push(reading));
  for (const [browserMs, behindMs] of [
    [1000, 9],
    [1030, 2],
    [1060, 9],
    [1110, 8],
    [1130, 3],
  ] as const)
    freshest.add(behind(browserMs, behindMs));
  expect(kept).toEqual([behind(1030, 2)]);
  freshest.add(behind(1200, 5));
  expect(kept).toEqual([behind(1030, 2), behind(1130, 3)]);
});

test("everybody is told what is new since he was told", () => {
  const kept = new Kept(100);
  for (let ms = 0; ms < 50; ms += 1) kept.add(behind(ms, 0));
  const one = kept.from(kept.placeOf(45), 1000);
  expect(one.readings.map(({ browserMs }) => browserMs)).toEqual([45, 46, 47, 48, 49]);
  expect(kept.from(one.next, 1000).readings).toEqual([]);
  kept.add(behind(50, 0));
  expect(kept.from(one.next, 1000).readings).toEqual([behind(50, 0)]);
  expect(kept.from(0, 1000).readings.length).toBe(51);
  expect(kept.placeOf(1000)).toBe(51);
});

test("more than may be told at once is told the next time", () => {
  const kept = new Kept(100);
  for (let ms = 0; ms < 50; ms += 1) kept.add(behind(ms, 0));
  const first = kept.from(0, 20);
  const second = kept.from(first.next, 20);
  const third = kept.from(second.next, 20);
  expect([...first.readings, ...second.readings, ...third.readings].map(({ browserMs }) => browserMs)).toEqual(
    Array.from({ length: 50 }, (_, ms) => ms),
  );
});

test("what nobody comes for is bounded, and the newest stay", () => {
  const kept = new Kept(100);
  for (let ms = 0; ms < 12_345; ms += 1) kept.add(behind(ms, 0));
  const { readings, next } = kept.from(7, 1000);
  expect(readings.length).toBeLessThan(200);
  expect(readings.length).toBeGreaterThanOrEqual(100);
  expect(readings.at(-1)!.browserMs).toBe(12_344);
  expect(kept.lastMs).toBe(12_344);
  expect(kept.from(next, 1000).readings).toEqual([]);
});
