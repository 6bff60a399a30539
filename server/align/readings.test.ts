import { expect, test } from "vitest";
import type { ClockSample, GraphReading, SegmentFacts } from "../../protocol/recording.ts";
import { beganBy, byElement, byThread, readingsOf } from "./readings.ts";

const sample = (told: Pick<ClockSample, "graph" | "pulses">): ClockSample => ({
  sentMs: 0,
  receivedMs: 0,
  serverMs: 0,
  epoch: "",
  ...told,
});

/** Every so many ms, so far behind, between two times. */
function every(stepMs: number, fromMs: number, toMs: number, behindMs: (atMs: number) => number): GraphReading[] {
  const list: GraphReading[] = [];
  for (let browserMs = fromMs; browserMs < toMs; browserMs += stepMs) list.push({ browserMs, mediaMs: browserMs - behindMs(browserMs) });
  return list;
}

/** Lost at 12 s. */
const graph = (zeroMs: number) => (atMs: number) => zeroMs + (atMs > 12_000 ? 70 : 0);

test("the graph's own thread is believed where the element says the same", () => {
  const pulses = every(40, 0, 30_000, graph(900));
  const readings = readingsOf([sample({ graph: every(125, 500, 30_000, graph(20)), pulses })]);
  expect(readings).toEqual({ list: pulses, grain: byThread });
});

test("a page that stands still does not speak against the graph's thread", () => {
  // While it did time was lost: of that the element tells only afterwards.
  const element = every(125, 500, 30_000, graph(20)).filter(({ browserMs }) => browserMs < 10_500 || browserMs > 15_500);
  const pulses = every(40, 0, 30_000, graph(900));
  expect(readingsOf([sample({ graph: element, pulses })]).grain).toBe(byThread);
});

test("a context that was held up, or runs by another graph, is not believed", () => {
  const element = every(125, 0, 30_000, graph(20));
  const heldUp = every(40, 0, 30_000, (atMs) => graph(900)(atMs) + (atMs > 17_000 ? 3000 : 0));
  const another = every(40, 0, 30_000, (atMs) => 900 + atMs / 50);
  for (const pulses of [heldUp, another])
    expect(readingsOf([sample({ graph: element, pulses })])).toEqual({ list: element, grain: byElement });
});

test("a thread that began late or went silent is not believed", () => {
  const element = every(125, 0, 30_000, graph(20));
  for (const pulses of [every(40, 4000, 30_000, graph(900)), every(250, 0, 24_000, graph(900))])
    expect(readingsOf([sample({ graph: element, pulses })]).grain).toBe(byElement);
});

test("either is taken where there is no other, and nothing of nothing", () => {
  const pulses = every(40, 0, 3000, graph(900));
  const element = every(125, 0, 3000, graph(20));
  expect(readingsOf([sample({ pulses })])).toEqual({ list: pulses, grain: byThread });
  expect(readingsOf([sample({ graph: element }), sample({})])).toEqual({ list: element, grain: byElement });
  expect(readingsOf([]).list).toEqual([]);
});

const call = 1_800_000_000_000;
/** A start whose call returned and whose event came so long after the call, and when the graph began its iterations. */
function began(startedMs: number, startEventMs: number | null, iterations: number[], grain = byThread) {
  const facts: SegmentFacts = {
    browser: "firefox",
    version: 153,
    mimeType: "video/webm",
    startCallMs: call,
    startedMs: call + startedMs,
    startEventMs: startEventMs === null ? null : call + startEventMs,
  };
  const list = iterations.map((ms) => ({ browserMs: call + ms, mediaMs: 5000 + ms }));
  const found = beganBy({ list, grain }, facts);
  return found && [found.browserMs - call, found.orMs];
}

test("a recorder began with the first iteration of the graph after it was asked for, however late it was told", () => {
  expect(began(1, 16, [-20, -9, 13])).toEqual([13, 0]);
  expect(began(0, 137, [-17, 68, 132, 138])).toEqual([68, 0]);
  expect(began(2, 36, [-29, 0, 24, 31, 33, 40])).toEqual([24, 0]);
  expect(began(7, 80, [-16, 81, 86])).toEqual([81, 0]);
});

test("where the next one came in time, too, and the first soon, it may be that one", () => {
  expect(began(6, 43, [-14, 2, 18, 41, 49])).toEqual([18, 23]);
  expect(began(4, 33, [-9, 1, 8, 20, 29])).toEqual([8, 12]);
});

test("one that came as the call returned, or before, counts where no other could be told of in time", () => {
  expect(began(1, 22, [-18, 1, 21])).toEqual([21, 20]);
  expect(began(4, 32, [-28, 1, 33, 46])).toEqual([1, 32]);
  expect(began(4, 20, [-28, 1, 40])).toEqual([1, 0]);
});

test("where nothing tells which of two it was it is put between them, and how far either is from there is stated", () => {
  expect(began(4, 33, [-9, 1, 6, 20, 29])).toEqual([13, 7]);
  expect(began(3, 24, [-15, 4, 22, 41])).toEqual([13, 9]);
  expect(began(1, 75, [-12, 3, 22, 39])).toEqual([12.5, 9.5]);
  expect(began(7, 24, [-15, 5, 24, 43])).toEqual([14.5, 9.5]);
  expect(began(2, 19, [-18, 1, 20, 39])).toEqual([10.5, 9.5]);
  // The second came too late to be it, the first too late to be missed.
  expect(began(1, 9, [-15, 3, 23])).toEqual([3, 0]);
  expect(began(1, 30, [-11, 7, 26, 45])).toEqual([7, 19]);
});

test("nobody knows it who did not hear the graph's thread before the call, or was never told of the start", () => {
  expect(began(1, 30, [3, 23])).toBeNull();
  expect(began(1, null, [-10, 3, 23])).toBeNull();
  expect(began(1, 30, [-10, 45])).toBeNull();
  expect(began(1, 30, [-10, 12], byElement)).toBeNull();
});
