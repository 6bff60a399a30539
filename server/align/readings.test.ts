import { expect, test } from "vitest";
import type { ClockSample, GraphReading } from "../../protocol/recording.ts";
import { byElement, byThread, readingsOf } from "./readings.ts";

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
