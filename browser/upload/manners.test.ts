import { expect, test } from "vitest";
import { Manners, type Way } from "./manners.ts";

const way = (change: Partial<Way> = {}): Map<string, Way> => new Map([["ben", { roundTripMs: 40, loss: 0, limited: false, ...change }]]);
const narrow = 125_000;

/** Looks once a second, from second `from` on; the last answer. */
function looks(manners: Manners, ways: Map<string, Way>, from: number, count: number, uplink: number | null = narrow): number | null {
  let rate: number | null = null;
  for (let second = from; second < from + count; second++) rate = manners.look(ways, uplink, second * 1000);
  return rate;
}

test("without a call, and in a call that does not leave the house, it goes as fast as it can", () => {
  const manners = new Manners();
  expect(manners.look(new Map(), null, 0)).toBeNull();
  expect(manners.look(way({ roundTripMs: 1.2, limited: true }), null, 1000)).toBeNull();
  expect(looks(manners, way({ roundTripMs: 80, limited: true }), 2, 5)).toBeNull();
});

test("in a quiet call it takes more and more", () => {
  const manners = new Manners();
  const first = manners.look(way(), narrow, 0) ?? 0;
  expect(looks(manners, way(), 1, 30)).toBeGreaterThan(first * 20);
});

test.each([
  ["pictures are made smaller", way({ limited: true })],
  ["packets are lost", way({ loss: 0.06 })],
  ["voices wait", way({ roundTripMs: 120 })],
])("when %s it gives way within seconds, down to a trickle and never to nothing", (_, felt) => {
  const manners = new Manners();
  looks(manners, way(), 0, 10);
  const before = manners.look(way(), narrow, 10_000) ?? 0;
  expect(manners.look(felt, narrow, 11_000)).toBe(before / 2);
  expect(looks(manners, felt, 12, 20)).toBe(4000);
});

test("it comes back after a rest, and slowly where it had to give way before", () => {
  const manners = new Manners();
  looks(manners, way(), 0, 10);
  const limit = manners.look(way(), narrow, 10_000) ?? 0;
  const given = manners.look(way({ limited: true }), narrow, 11_000) ?? 0;
  expect(manners.look(way(), narrow, 13_000)).toBe(given);
  const near = looks(manners, way(), 15, 3) ?? 0;
  expect(near).toBeGreaterThan(limit * 0.7);
  expect(looks(manners, way(), 18, 3)).toBeLessThan(near * 1.15);
});

test("of a wide uplink no more than half is given up, whatever the call says", () => {
  const manners = new Manners();
  expect(looks(manners, way({ limited: true }), 0, 30, 1_000_000)).toBe(500_000);
});

test("a way that became longer for good is no queue any more after a minute", () => {
  const manners = new Manners();
  looks(manners, way(), 0, 5);
  expect(looks(manners, way({ roundTripMs: 200 }), 5, 30)).toBe(4000);
  expect(looks(manners, way({ roundTripMs: 200 }), 35, 60)).toBeGreaterThan(4000);
});
