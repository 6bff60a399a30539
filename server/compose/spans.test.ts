import fc from "fast-check";
import { expect, test } from "vitest";
import type { Gap } from "../../protocol/recording.ts";
import type { Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { tickOf } from "./place.ts";
import { changedFromMs, spansOf } from "./spans.ts";
import { windowOf } from "./window.ts";

/** A film of a minute unless said, of one person. */
function timelineOf(segments: TimelineSegment[], gaps: Gap[] = [], durationMs: number | null = 60_000): Timeline {
  const timeline = timelineWith(durationMs, { Ann: segments });
  timeline.tracks[0]!.gaps = gaps;
  return timeline;
}

/** Each span's end in ms, and which file it shows or what its card says. */
function shown({ tracks, durationMs }: Timeline): [number, string | null][] {
  const total = durationMs === null ? null : tickOf(durationMs);
  return spansOf(tracks[0]!, durationMs, total, total ?? 0).map(({ toTick, segment, why }) => [
    Math.round((toTick * 1000) / 30),
    segment ? segment.at(-1)! : why,
  ]);
}

const damaged = (fromMs: number, toMs: number): Gap => ({ fromMs, toMs, reason: "damaged" });
const whole = segmentOf("a.webm", 1, 0, 60_000);

test("damage of more than a second is a card that says so, less is held, and whoever is heard stays heard", () => {
  const timeline = timelineOf(
    [whole],
    [damaged(10_000, 10_900), damaged(20_000, 40_000), damaged(20_500, 40_100), damaged(50_000, 52_000)],
  );
  expect(shown(timeline)).toEqual([
    [20_000, "a"],
    [40_100, "the recording is damaged here"],
    [50_000, "a"],
    [52_000, "the recording is damaged here"],
    [60_000, "a"],
  ]);
  const job = windowOf(timeline, { width: 1280, height: 720 }, 8)!;
  expect(job.pieces.map(({ tiles }) => tiles[0]!.segment)).toEqual([null]);
  expect(job.sounds).toEqual([whole.id]);
});

test("a camera that is off is off before damage and after it", () => {
  const off = segmentOf("a.webm", 1, 0, 60_000, { off: [{ fromMs: 10_000, toMs: 50_000 }] });
  const timeline = timelineOf([off], [damaged(20_000, 30_000)]);
  expect(spansOf(timeline.tracks[0]!, 60_000, 1800, 1800).map((span) => [span.segment !== null, span.off])).toEqual([
    [true, false],
    [true, true],
    [false, false],
    [true, true],
    [true, false],
  ]);
});

test("time that a device lost at once is a card, lost bit by bit it only slows the picture down", () => {
  const slip: Gap = { fromMs: 20_000, toMs: 24_000, reason: "slip" };
  const map = (fromMediaMs: number, toMediaMs: number) => [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: fromMediaMs, atMs: fromMediaMs },
    { mediaMs: toMediaMs, atMs: toMediaMs + 4000 },
    { mediaMs: 56_000, atMs: 60_000 },
  ];
  const stood = segmentOf("a.webm", 1, 0, 60_000, { map: map(20_000, 20_001) });
  expect(shown(timelineOf([stood], [slip]))).toEqual([
    [20_000, "a"],
    [24_000, "the device stood still"],
    [60_000, "a"],
  ]);
  expect(shown(timelineOf([segmentOf("a.webm", 1, 0, 60_000, { map: map(16_000, 26_000) })], [slip]))).toEqual([[60_000, "a"]]);
});

test("whose rest never arrived has a card that says so for a while, whether the last of it was whole or not", () => {
  const lost: Gap = { fromMs: 30_000, toMs: 60_000, reason: "lost" };
  for (const sealed of [true, false])
    expect(shown(timelineOf([segmentOf("a.webm", 1, 0, 30_000, { sealed })], [lost]))).toEqual([
      [30_000, "a"],
      [35_000, "the rest did not arrive"],
    ]);
});

test("a segment comes back when one that lay within it is over", () => {
  const one = segmentOf("a.webm", 1, 0, 60_000);
  const inner = segmentOf("b.webm", 1, 10_000, 40_000);
  expect(shown(timelineOf([one, inner, segmentOf("c.webm", 1, 20_000, 30_000)]))).toEqual([
    [10_000, "a"],
    [20_000, "b"],
    [30_000, "c"],
    [40_000, "b"],
    [60_000, "a"],
  ]);
  // Not while more of the inner one is on its way.
  const open = segmentOf("b.webm", 1, 10_000, 59_000, { sealed: false });
  const growing = timelineOf([one, open], [], null);
  expect(spansOf(growing.tracks[0]!, null, null, 1800).map(({ segment, toTick }) => [segment, toTick])).toEqual([
    [one.id, 300],
    [open.id, 1800],
  ]);
});

const times = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 100, max: 15_000 }));

test("spans come in order and do not overlap, and where there is a picture one is shown, however segments and damage lie", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 6 }), fc.array(times, { maxLength: 4 }), (all, holes) => {
      const segments = all.map(([fromMs, length], index) => segmentOf(`${index}.webm`, 1, fromMs, fromMs + length));
      const gaps = holes.map(([fromMs, length]) => damaged(fromMs, fromMs + length));
      const spans = spansOf(timelineOf(segments, gaps).tracks[0]!, 60_000, 1800, 1800);
      let tick = 0;
      for (const span of spans) {
        expect(span.fromTick).toBeGreaterThanOrEqual(tick);
        expect(span.toTick).toBeGreaterThan(span.fromTick);
        tick = span.toTick;
      }
      for (let at = 0; at < 1100; at++) {
        const covers = ({ startMs, endMs }: { startMs: number; endMs: number }) => tickOf(startMs) <= at && at < tickOf(endMs);
        const span = spans.find(({ fromTick, toTick }) => fromTick <= at && at < toTick);
        if (gaps.some((gap) => covers({ startMs: gap.fromMs, endMs: gap.toMs }))) continue;
        if (segments.some(covers)) expect(span?.segment).toBeTruthy();
      }
    }),
  );
});

test("damage that is found, mended or turns out longer changes the film from there on", () => {
  const at = (...gaps: Gap[]) => timelineOf([whole], gaps);
  const [one, other] = [damaged(10_000, 20_000), damaged(30_000, 40_000)];
  for (const [before, after, fromMs] of [
    [at(one), at(one, other), 30_000],
    [at(other), at(one, other), 10_000],
    [at(one, other), at(one), 30_000],
    [at(one, other), at(one, damaged(30_000, 41_000)), 30_000],
    [at(one), at(damaged(9000, 20_000)), 9000],
  ] as const) {
    expect(changedFromMs(before, after)).toBeLessThanOrEqual(fromMs);
    expect(changedFromMs(before, after)).toBeGreaterThan(fromMs - 3000);
  }
  expect(changedFromMs(at(one, other), at(other, one))).toBe(Number.POSITIVE_INFINITY);
});
