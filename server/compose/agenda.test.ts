import fc from "fast-check";
import { expect, test } from "vitest";
import type { Timeline } from "../../protocol/timeline.ts";
import { Agenda, hashOf } from "./agenda.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { emptyLedger, type Ledger, placedIndex } from "./ledger.ts";

const canvas = { width: 1280, height: 720 };
const ann = (endMs: number, offMs = 0) =>
  segmentOf("a.webm", 1, Math.round(offMs), endMs, { sealed: endMs >= 16_000, map: [{ mediaMs: 0, atMs: offMs }] });

/** Enters what comes next as composed, as long as it ends before a moment; which windows those were. */
function work(agenda: Agenda, timeline: Timeline, ledger: Ledger, untilMs: number): number[] {
  const done: number[] = [];
  for (let asked = 0; ; ) {
    expect(done.length, "composed again without an end").toBeLessThan(3000);
    const next = agenda.next(timeline, ledger);
    if (next === "ask again") {
      asked += 1;
      expect(asked, "looks without an end").toBeLessThan(1000);
      continue;
    }
    if (!next || ((next.job.firstTick + next.job.ticks) * 1000) / 30 > untilMs) return done;
    const { job } = next;
    const segments = next.timeline.tracks.flatMap((track) => track.segments);
    const placed = job.sources.map(({ segment }) => {
      const { map, audioShiftMs, startMs, endMs } = segments.find(({ id }) => id === segment)!;
      return placedIndex(ledger, { segment, map, audioShiftMs, startMs, endMs });
    });
    const window = { index: job.index, file: "", ticks: job.ticks, bytes: 1, shape: hashOf(job), placed, missing: [] };
    ledger.windows = [...ledger.windows.filter(({ index }) => index !== job.index), window];
    done.push(job.index);
  }
}

test("a recording that grows has every window composed once", () => {
  const agenda = new Agenda();
  const ledger = emptyLedger(canvas);
  const done: number[] = [];
  for (let atMs = 500; atMs < 16_000; atMs += 500) done.push(...work(agenda, timelineWith(null, { Ann: [ann(atMs)] }), ledger, atMs));
  done.push(...work(agenda, timelineWith(16_000, { Ann: [ann(16_000)] }), ledger, 16_000));
  expect(done).toEqual([0, 1, 2, 3, 4]);
});

test("a map that is refined while it grows has nothing composed again", () => {
  const agenda = new Agenda();
  const ledger = emptyLedger(canvas);
  const done: number[] = [];
  for (let atMs = 500; atMs < 16_000; atMs += 500) {
    const offMs = 8 * Math.sin(atMs);
    done.push(...work(agenda, timelineWith(null, { Ann: [ann(atMs, offMs)] }), ledger, atMs));
  }
  expect(done).toEqual([0, 1, 2, 3]);
});

test("somebody who turns out to have been there later has only those windows composed again", () => {
  const agenda = new Agenda();
  const ledger = emptyLedger(canvas);
  expect(work(agenda, timelineWith(16_000, { Ann: [ann(16_000)] }), ledger, 16_000)).toEqual([0, 1, 2, 3, 4]);
  const both = timelineWith(16_000, { Ann: [ann(16_000)], Ben: [segmentOf("b.webm", 1, 7000, 9000)] });
  expect(work(agenda, both, ledger, 16_000)).toEqual([2]);
  expect(work(new Agenda(), both, ledger, 16_000)).toEqual([]);
});

test("a map that moves has every window composed again that it touches", () => {
  const agenda = new Agenda();
  const ledger = emptyLedger(canvas);
  work(agenda, timelineWith(16_000, { Ann: [ann(16_000)] }), ledger, 16_000);
  expect(work(agenda, timelineWith(16_000, { Ann: [ann(16_000, 40)] }), ledger, 16_000)).toEqual([0, 1, 2, 3, 4]);
});

test("of a long recording that is taken up again not all is compared at once, and what is missing is found all the same", () => {
  const durationMs = 3200 * 400;
  const timeline = timelineWith(durationMs, { Ann: [segmentOf("a.webm", 1, 0, durationMs)] });
  const ledger = emptyLedger(canvas);
  work(new Agenda(), timeline, ledger, durationMs);
  expect(ledger.windows).toHaveLength(400);
  ledger.windows = ledger.windows.filter(({ index }) => index !== 333);
  const agenda = new Agenda();
  let asked = 1;
  let next = agenda.next(timeline, ledger);
  for (; next === "ask again"; asked++) next = agenda.next(timeline, ledger);
  expect(next?.job.index).toBe(333);
  expect(asked).toBe(4);
});

test("a map that moves to and fro in a long recording has what it touched composed again, and the looks come to an end", () => {
  const durationMs = 3200 * 400;
  const at = (knees: { mediaMs: number; atMs: number }[]) =>
    timelineWith(durationMs, { Ann: [segmentOf("a.webm", 1, 0, durationMs, { sealed: true, map: knees })] });
  const even = [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: 3_600_000, atMs: 3_600_000 },
  ];
  // Half a second seems lost near the end, and then it is not.
  const bent = [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: 3200 * 380, atMs: 3200 * 380 },
    { mediaMs: 3200 * 380 + 1, atMs: 3200 * 380 + 500 },
    { mediaMs: 3_600_000, atMs: 3_600_500 },
  ];
  const agenda = new Agenda();
  const ledger = emptyLedger(canvas);
  expect(work(agenda, at(even), ledger, durationMs)).toHaveLength(400);
  const touched = work(agenda, at(bent), ledger, durationMs);
  expect(touched[0]).toBeGreaterThanOrEqual(379);
  expect(touched.at(-1)).toBe(399);
  expect(work(agenda, at(even), ledger, durationMs)).toEqual(touched);
  expect(work(agenda, at(even), ledger, durationMs)).toEqual([]);
  expect(work(new Agenda(), at(even), ledger, durationMs)).toEqual([]);
});

test("whatever maps come and go, the looks end, and then nothing is left that a fresh look would compose again", () => {
  const windows = 230;
  const durationMs = 3200 * windows;
  /** Where time seems to be lost, and how much. */
  const bends = fc.array(fc.record({ atMs: fc.integer({ min: 1000, max: durationMs }), lostMs: fc.integer({ min: 1, max: 120 }) }), {
    maxLength: 4,
  });
  const kneesOf = (lost: { atMs: number; lostMs: number }[]) => {
    const knees = [{ mediaMs: 0, atMs: 0 }];
    let lostMs = 0;
    for (const one of lost.toSorted((a, b) => a.atMs - b.atMs)) {
      if (one.atMs <= knees.at(-1)!.mediaMs + 1) continue;
      knees.push({ mediaMs: one.atMs, atMs: one.atMs + lostMs });
      lostMs += one.lostMs;
      knees.push({ mediaMs: one.atMs + 1, atMs: one.atMs + 1 + lostMs });
    }
    return [...knees, { mediaMs: 3_600_000, atMs: 3_600_000 + lostMs }];
  };
  const looks = fc.array(fc.record({ ann: bends, ben: bends, reachMs: fc.integer({ min: 3200, max: durationMs }) }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(looks, (seen) => {
      const agenda = new Agenda();
      const ledger = emptyLedger(canvas);
      const at = (look: (typeof seen)[number], endMs: number, whole: boolean) =>
        timelineWith(whole ? durationMs : null, {
          Ann: [segmentOf("a.webm", 1, 0, endMs, { sealed: whole, map: kneesOf(look.ann) })],
          Ben: [segmentOf("b.webm", 1, 700, endMs, { sealed: whole, map: kneesOf(look.ben) })],
        });
      let reachMs = 0;
      for (const look of seen) {
        reachMs = Math.max(reachMs, look.reachMs);
        work(agenda, at(look, reachMs, false), ledger, reachMs);
      }
      const last = at(seen.at(-1)!, durationMs, true);
      work(agenda, last, ledger, durationMs);
      expect(ledger.windows).toHaveLength(windows);
      expect(work(new Agenda(), last, ledger, durationMs)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});
