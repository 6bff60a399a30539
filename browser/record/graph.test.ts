import { expect, test } from "vitest";
import { graphReadingsMax } from "../../protocol/recording.ts";
import { Graph } from "./graph.ts";

/** A clock that is looked at every 25 ms; `behindMs`: how old what the element says is at that moment. */
function looked(count: number, behindMs: (index: number) => number) {
  let now = 0;
  const player = { currentTime: 0, paused: false, ended: false };
  const graph = new Graph(player, () => 1_000_000 + now);
  for (let index = 1; index <= count; index += 1) {
    now = index * 25;
    player.currentTime = (now - behindMs(index)) / 1000;
    graph.look();
  }
  return { graph, player };
}

const fromStart = { graph: 0, pulses: 0 };

test("of each eighth of a second the freshest reading of the element is kept", () => {
  const { graph } = looked(41, (index) => (index % 5 === 3 ? 1 : 9));
  const { graph: readings, pulses, next } = graph.from(fromStart);
  expect(readings.length).toBe(8);
  for (const { browserMs, mediaMs } of readings.slice(1)) expect(browserMs - 1_000_000 - mediaMs).toBeCloseTo(1, 6);
  expect(pulses).toEqual([]);
  expect(graph.from(next).graph).toEqual([]);
});

test("an element that has not begun, is paused or is over is not read", () => {
  const { graph, player } = looked(40, () => 5000);
  expect(graph.from(fromStart).graph).toEqual([]);
  player.currentTime = 3;
  for (const state of ["paused", "ended"] as const) {
    player[state] = true;
    for (let index = 0; index < 20; index += 1) graph.look();
    player[state] = false;
  }
  expect(graph.from(fromStart).graph).toEqual([]);
});

test("two recorders of one microphone are both told everything from their own start on", () => {
  const { graph } = looked(400, () => 1);
  for (let ms = 0; ms < 10_000; ms += 250) graph.pulses.add({ browserMs: 1_000_000 + ms, mediaMs: ms });
  const one = graph.from(graph.placeOf(1_000_000));
  const other = graph.from(graph.placeOf(1_005_000));
  expect([one.graph.length, one.pulses.length]).toEqual([80, 40]);
  expect(other.graph[0]!.browserMs).toBeGreaterThanOrEqual(1_005_000);
  expect([other.graph.length, other.pulses.length]).toEqual([40, 20]);
  expect([one.next, other.next]).toEqual([one.next, one.next]);
});

test("no more is told at once than a message may hold", () => {
  const { graph } = looked(4000, () => 1);
  const first = graph.from(fromStart);
  expect(first.graph.length).toBe(graphReadingsMax);
  expect(graph.from(first.next).graph[0]!.browserMs).toBeGreaterThan(first.graph.at(-1)!.browserMs);
});

test("the end is waited for until the graph's thread has told of it, not for ever, and not at all where it tells nothing", async () => {
  let now = 1000;
  const graph = new Graph({ currentTime: 0, paused: true, ended: false }, () => now);
  const ended: string[] = [];
  const waits = (name: string, patienceMs: number) => graph.reaches(1200, patienceMs).then(() => ended.push(name));
  await waits("nothing is told", 1e9);
  graph.pulses.add({ browserMs: 1000, mediaMs: 5 });
  const told = waits("told", 1e9);
  now = 1050;
  const late = waits("patience", 40);
  now = 1100;
  await late;
  expect(ended).toEqual(["nothing is told", "patience"]);
  graph.pulses.add({ browserMs: 1210, mediaMs: 215 });
  await told;
  expect(ended.at(-1)).toBe("told");
});
