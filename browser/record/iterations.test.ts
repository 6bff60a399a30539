import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphReading } from "../../protocol/recording.ts";
import { Dated, Iterations, type Told, worthSending } from "./iterations.ts";

const nowMs = 1_800_000_000_000;
const wallMs = nowMs - 3_600_000;

/** A graph that computes eight blocks every 21⅓ ms, by a clock of whole milliseconds; `wall`: that clock. */
function computed(iterations: number, wall: (atMs: number) => number): Told[] {
  const blocks = new Iterations();
  const told: Told[] = [];
  for (let index = 0; index < iterations * 8; index += 1) {
    const atMs = Math.floor(index / 8) * (64 / 3) + (index % 8) * 0.2;
    told.push(...(blocks.block(Math.floor(wall(wallMs + atMs)), index * (8 / 3)) ?? []));
  }
  return told;
}

test("of the blocks that the graph computes in one go the first is told, with how far the graph had come before it", () => {
  const told = computed(90, (ms) => ms);
  expect(told.length).toBeGreaterThan(85);
  for (const [index, [atMs, mediaMs]] of told.entries()) {
    expect(mediaMs).toBeCloseTo(index * (64 / 3), 6);
    expect(Math.abs(atMs - wallMs - index * (64 / 3))).toBeLessThanOrEqual(1);
  }
});

test("a wall clock that is set goes on being told by", () => {
  for (const stepMs of [-30_000, 30_000]) {
    const told = computed(90, (ms) => ms + (ms > wallMs + 1000 ? stepMs : 0));
    expect(told.length).toBeGreaterThan(85);
    for (const [, mediaMs] of told) expect(Math.abs(mediaMs / (64 / 3) - Math.round(mediaMs / (64 / 3)))).toBeLessThan(1e-6);
  }
});

test("an iteration is put on the browser's clock by how old it is by the wall's, however late the message", () => {
  const dated = new Dated();
  expect(
    dated.by(nowMs + 500, wallMs + 500, [
      [wallMs + 100, 7],
      [wallMs + 121, 28],
    ]),
  ).toEqual([
    { browserMs: nowMs + 100, mediaMs: 7 },
    { browserMs: nowMs + 121, mediaMs: 28 },
  ]);
  expect(dated.by(nowMs + 9000, wallMs + 9000, [[wallMs + 142, 49]])).toEqual([{ browserMs: nowMs + 142, mediaMs: 49 }]);
});

test("whoever sets the wall clock between an iteration and its message loses that one, and no other", () => {
  for (const stepMs of [-30_000, 30_000]) {
    const dated = new Dated();
    dated.by(nowMs, wallMs, [[wallMs - 40, 100]]);
    expect(dated.by(nowMs + 40, wallMs + 40 + stepMs, [[wallMs, 140]])).toEqual([]);
    expect(dated.by(nowMs + 80, wallMs + 80 + stepMs, [[wallMs + 60 + stepMs, 200]])).toEqual([{ browserMs: nowMs + 60, mediaMs: 200 }]);
  }
});

const nothing = { fromMs: 0, toMs: 0 };
/** One every 10 ms, so far behind. */
const every10 = (behind: readonly number[]): GraphReading[] =>
  behind.map((behindMs, index) => ({ browserMs: 1000 + index * 10, mediaMs: 1000 + index * 10 - behindMs }));

test("of each span the freshest is sent, and the first and the last of all", () => {
  const sent = worthSending(every10([5, 3, 9, 4, 8, 1, 2, 6, 7, 7, 7, 5, 9]), 40, nothing);
  expect(sent.map(({ browserMs }) => (browserMs - 1000) / 10)).toEqual([0, 1, 5, 11, 12]);
  expect(worthSending([], 40, nothing)).toEqual([]);
});

test("all that began around the start are sent", () => {
  const readings = every10(Array.from({ length: 40 }, () => 0));
  const sent = worthSending(readings, 40, { fromMs: 1100, toMs: 1200 });
  expect(sent.filter(({ browserMs }) => browserMs >= 1100 && browserMs <= 1200)).toEqual(readings.slice(10, 21));
  expect(sent.length).toBeLessThan(22);
});

test("both iterations between which time was lost are sent, wherever they lie in their spans", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 37 }),
      fc.integer({ min: 13, max: 900 }),
      fc.array(fc.nat({ max: 5 }), { minLength: 40, maxLength: 40 }),
      (at, lostMs, late) => {
        const readings = every10(late.map((ms, index) => (index > at ? lostMs + 5 : 0) + ms));
        const sent = worthSending(readings, 40, nothing);
        expect(sent).toContain(readings[at]);
        expect(sent).toContain(readings[at + 1]);
      },
    ),
  );
});
