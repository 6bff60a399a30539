import { expect, test } from "vitest";
import type { Timeline } from "../../protocol/recording.ts";
import { Agenda, hashOf } from "./agenda.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { emptyLedger, type Ledger, placedIndex } from "./ledger.ts";

const canvas = { width: 1280, height: 720 };
const ann = (endMs: number, offMs = 0) =>
  segmentOf("a.webm", 1, Math.round(offMs), endMs, { sealed: endMs >= 16_000, map: [{ mediaMs: 0, atMs: offMs }] });

/** Enters what comes next as composed, as long as it ends before a moment; which windows those were. */
function work(agenda: Agenda, timeline: Timeline, ledger: Ledger, untilMs: number): number[] {
  const done: number[] = [];
  for (;;) {
    const next = agenda.next(timeline, ledger);
    if (next === "ask again") continue;
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
