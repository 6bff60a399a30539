import fc from "fast-check";
import { expect, test } from "vitest";
import type { Knee } from "../../protocol/timeline.ts";
import { apart, follow, mapAt, mediaAt, placeSound, type SoundPlace, steps, tickOf } from "./place.ts";

/** Knees with slopes near one, as clocks have. */
const maps = fc
  .tuple(
    fc.double({ min: -5000, max: 5000, noNaN: true }),
    fc.array(fc.tuple(fc.integer({ min: 50, max: 60_000 }), fc.double({ min: 0.98, max: 1.5, noNaN: true })), { maxLength: 6 }),
  )
  .map(([first, steps]) => {
    const knees: Knee[] = [{ mediaMs: 0, atMs: first }];
    for (const [mediaMs, slope] of steps) {
      const last = knees[knees.length - 1]!;
      knees.push({ mediaMs: last.mediaMs + mediaMs, atMs: last.atMs + mediaMs * slope });
    }
    return knees;
  });

test("a tick is the nearest thirtieth, so whole milliseconds do not judder", () => {
  expect([0, 33, 67, 100, 133, 167].map(tickOf)).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a single knee is a shift, outside the knees the line goes on", () => {
  expect(mapAt([{ mediaMs: 100, atMs: 350 }], 1100)).toBe(1350);
  const bent = [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: 1000, atMs: 1000 },
    { mediaMs: 2000, atMs: 2200 },
  ];
  expect([-500, 500, 1500, 3000].map((mediaMs) => mapAt(bent, mediaMs))).toEqual([-500, 500, 1600, 3400]);
});

test("mapping there and back is where one began", () => {
  fc.assert(
    fc.property(maps, fc.double({ min: -10_000, max: 400_000, noNaN: true }), (map, mediaMs) => {
      expect(mediaAt(map, mapAt(map, mediaMs))).toBeCloseTo(mediaMs, 5);
    }),
  );
});

test("following a fresh map leaves what is past alone, never goes backwards, and ends on the fresh one", () => {
  fc.assert(
    fc.property(maps, fc.double({ min: -15, max: 15, noNaN: true }), fc.integer({ min: 0, max: 200_000 }), (used, off, ahead) => {
      const fresh = used.map((knee) => ({ ...knee, atMs: knee.atMs + off }));
      const fromMs = used[0]!.atMs + ahead;
      const map = follow(used, fresh, fromMs, fromMs + 3200);
      expect(apart(used, map, used[0]!.atMs, fromMs)).toBeLessThan(1e-6);
      const after = mediaAt(map, fromMs + 3300);
      for (const mediaMs of [after, after + 10_000, after + 300_000])
        expect(Math.abs(mapAt(map, mediaMs) - mapAt(fresh, mediaMs))).toBeLessThan(1e-3);
      for (const [index, knee] of map.entries()) if (index > 0) expect(knee.atMs).toBeGreaterThan(map[index - 1]!.atMs);
    }),
  );
});

function placeAll(times: readonly number[], samples: number, rate = 48_000): SoundPlace[] {
  const places: SoundPlace[] = [];
  for (const atMs of times) {
    const last = places[places.length - 1];
    places.push(placeSound(last ?? null, atMs, samples, rate));
  }
  return places;
}

test("packets of sound touch one another although their times are rounded", () => {
  const times = Array.from({ length: 200 }, (_, index) => Math.round(index * 20 + 3 * Math.sin(index)));
  const places = placeAll(times, 960);
  for (const [index, place] of places.entries()) expect(place).toMatchObject({ start: index * 960, length: 960, joined: index > 0 });
});

test("sound whose clock runs wrong stays within 2.5 ms of its place, whatever is rounded, and changes by no more than a thousandth", () => {
  for (const ppm of [-200, -40, 40, 200, 500])
    for (const everyMs of [20, 60]) {
      const trueMs = (index: number) => index * everyMs * (1 + ppm / 1e6);
      const drifting = placeAll(
        Array.from({ length: 9000 }, (_, index) => Math.round(trueMs(index) + 3 * Math.sin(index))),
        everyMs * 48,
      );
      for (const [index, { start, length }] of drifting.entries()) {
        expect(Math.abs(start - trueMs(index) * 48)).toBeLessThan(48 * 2.5 + 48 * 3 * Number(index < 400));
        expect(Math.abs(length / (everyMs * 48) - 1)).toBeLessThan(0.0011);
      }
    }
});

test("sound that is 15 ms off is back in its place within ten seconds, and goes no further", () => {
  const places = placeAll(
    Array.from({ length: 1000 }, (_, index) => index * 20 + (index < 100 ? 0 : 15)),
    960,
  );
  const off = places.map(({ start }, index) => (index * 20 + (index < 100 ? 0 : 15)) * 48 - start);
  expect(off[99]).toBe(0);
  for (const one of off.slice(600)) expect(Math.abs(one)).toBeLessThan(48 * 2.5);
});

test("sound whose clock runs slow by a thousandth is stretched and never far off; lost sound leaves a hole", () => {
  const drifting = placeAll(
    Array.from({ length: 5000 }, (_, index) => index * 20.02),
    960,
  );
  for (const [index, place] of drifting.entries()) expect(Math.abs(place.start - index * 20.02 * 48)).toBeLessThan(48 * 12);
  const holed = placeAll([0, 20, 500, 520], 960);
  expect(holed.map(({ start, joined }) => [start, joined])).toEqual([
    [0, false],
    [960, true],
    [24_000, false],
    [24_960, true],
  ]);
});

test("after 40 ms that a recorder lost, sound goes on where it belongs", () => {
  const map = [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: 1000, atMs: 1000 },
    { mediaMs: 1100, atMs: 1140 },
    { mediaMs: 9000, atMs: 9040 },
  ];
  expect([steps(map, 900, 920), steps(map, 1000, 1020), steps(map, 1100, 1120)]).toEqual([false, true, false]);
  const end = 1100 * 48 + 100;
  const before = { start: end - 960, length: 960, joined: true, lean: 0 };
  const place = placeSound(before, mapAt(map, 1100), 960, 48_000, true);
  expect(place).toEqual({ start: 1140 * 48, length: 960, joined: false, lean: 0 });
  expect(placeSound(before, mapAt(map, 1100), 960, 48_000)).toMatchObject({ start: end, joined: true });
});

test("sound at another rate covers the same time", () => {
  const places = placeAll(
    Array.from({ length: 100 }, (_, index) => (index * 1024_000) / 44_100),
    1024,
    44_100,
  );
  const last = places[99]!;
  expect(last.start + last.length).toBeCloseTo((100 * 1024 * 48_000) / 44_100, 3);
});
