import { expect, test } from "vitest";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import type { Placed } from "./ledger.ts";
import { mapAt } from "./place.ts";
import { hasMoved, settle } from "./settle.ts";
import { windowOf } from "./window.ts";

const fresh = (offMs: number) => segmentOf("a.webm", 1, 1000 + Math.round(offMs), 60_000, { map: [{ mediaMs: 0, atMs: 1000 + offMs }] });
const used: Placed = { segment: fresh(0).id, map: fresh(0).map, audioShiftMs: 0, startMs: 1000, endMs: 60_000 };
const settled = (offMs: number) => settle(timelineWith(null, { Ann: [fresh(offMs)] }), [used], 5).tracks[0]!.segments[0]!;

test("a map that is refined by a few milliseconds changes nothing", () => {
  expect(settled(3)).toMatchObject({ map: used.map, startMs: 1000 });
});

test("a map that is refined by more is followed from the next window on", () => {
  const { map, startMs } = settled(10);
  expect(startMs).toBe(1000);
  expect(mapAt(map, 14_000)).toBeCloseTo(15_000, 6);
  expect(mapAt(map, 20_000)).toBeCloseTo(21_010, 6);
});

test("a map that moves by more than half a picture holds for everything, and finished windows have moved", () => {
  const segment = settled(20);
  expect(segment.map).toEqual(fresh(20).map);
  const window = { index: 2, file: "2.m4s", ticks: 96, bytes: 1, shape: "", placed: [0], missing: [] };
  const job = (offMs: number) => windowOf(timelineWith(null, { Ann: [settled(offMs)] }), { width: 1280, height: 720 }, 2)!;
  expect(hasMoved(window, job(20), [used])).toBe(true);
  expect(hasMoved(window, job(10), [used])).toBe(false);
});

test("the sound's own map is held and followed as the pictures' is", () => {
  const withSound = (offMs: number) => ({ ...fresh(0), soundMap: [{ mediaMs: 0, atMs: 1000 + offMs }] });
  const after = (offMs: number, before: Placed = used) =>
    settle(timelineWith(null, { Ann: [withSound(offMs)] }), [before], 5).tracks[0]!.segments[0]!;
  expect(mapAt(after(10).soundMap!, 14_000)).toBeCloseTo(15_000, 6);
  expect(mapAt(after(10).soundMap!, 20_000)).toBeCloseTo(21_010, 6);
  expect(after(10).map).toBe(used.map);
  expect(after(300).soundMap).toEqual(withSound(300).soundMap);
  expect(after(303, { ...used, soundMap: withSound(300).soundMap }).soundMap).toEqual(withSound(300).soundMap);
  const window = { index: 2, file: "2.m4s", ticks: 96, bytes: 1, shape: "", placed: [0], missing: [] };
  const job = windowOf(timelineWith(null, { Ann: [withSound(300)] }), { width: 1280, height: 720 }, 2)!;
  expect(hasMoved(window, job, [used])).toBe(true);
});

test("damage stays where its media are taken to lie: its card does not hop while the map is refined", () => {
  const holes = (offMs: number) => {
    const timeline = timelineWith(null, { Ann: [fresh(offMs)] });
    // Between packets of 4013 and 9021 ms.
    timeline.tracks[0]!.gaps = [{ fromMs: Math.round(5013 + offMs), toMs: Math.round(10_021 + offMs), reason: "damaged" }];
    return settle(timeline, [used], 5).tracks[0]!.gaps;
  };
  for (let offMs = -9; offMs < 9; offMs += 0.61) expect(holes(offMs)).toEqual([{ fromMs: 5013, toMs: 10_021, reason: "damaged" }]);
});
