import { expect, test } from "vitest";
import { graphReadingsMax } from "../../protocol/recording.ts";
import { GraphClock } from "./graph.ts";

/** A clock that is looked at every 25 ms; `behindMs`: how old what the element says is at that moment. */
function looked(count: number, behindMs: (index: number) => number) {
  let now = 0;
  const player = { currentTime: 0, paused: false, ended: false, pause: () => undefined, srcObject: null };
  const graph = new GraphClock(player, () => 1_000_000 + now);
  for (let index = 1; index <= count; index += 1) {
    now = index * 25;
    player.currentTime = (now - behindMs(index)) / 1000;
    graph.look();
  }
  return { graph, player };
}

test("of each eighth of a second the freshest reading is kept", () => {
  const { graph } = looked(41, (index) => (index % 5 === 3 ? 1 : 9));
  const readings = graph.take();
  expect(readings.length).toBe(8);
  for (const { browserMs, mediaMs } of readings.slice(1)) expect(browserMs - 1_000_000 - mediaMs).toBeCloseTo(1, 6);
  expect(graph.take()).toEqual([]);
});

test("an element that has not begun, is paused or is over is not read", () => {
  const { graph, player } = looked(40, () => 5000);
  expect(graph.take()).toEqual([]);
  player.currentTime = 3;
  for (const state of ["paused", "ended"] as const) {
    player[state] = true;
    for (let index = 0; index < 20; index += 1) graph.look();
    player[state] = false;
  }
  expect(graph.take()).toEqual([]);
});

test("readings that nobody takes are bounded, and the newest stay", () => {
  const { graph } = looked(4000, () => 1);
  const readings = graph.take();
  expect(readings.length).toBe(graphReadingsMax);
  expect(readings.at(-1)!.mediaMs).toBeGreaterThan(99_000);
});
