import { expect, test } from "vitest";
import type { Caption } from "../../../protocol/captions.ts";
import { lineOf, linesAt } from "./captionbook.ts";

const line = (fromMs: number, toMs: number): Caption => ({
  ...{ id: `cap_${fromMs}_${toMs}`, trackId: null, fromMs, toMs, body: `${fromMs}` },
  ...{ origin: "file", editedAt: null, version: 1 },
});
const bodies = (lines: readonly Caption[]) => lines.map(({ body }) => Number(body));

test("a line is said from its first moment until just before its last", () => {
  const lines = [line(1000, 2000), line(2000, 3000), line(5000, 6000)];
  expect([999, 1000, 1999, 2000, 4000, 5500].map((atMs) => bodies(linesAt(lines, atMs)))).toEqual([[], [1000], [1000], [2000], [], [5000]]);
});

test("two who speak at once are both there, the first one first", () => {
  expect(bodies(linesAt([line(1000, 9000), line(2000, 3000), line(2500, 2600)], 2550))).toEqual([1000, 2000, 2500]);
});

test("no more than three stand over the film", () => {
  const lines = Array.from({ length: 9 }, (_, n) => line(n, 1000 + n));
  expect(bodies(linesAt(lines, 500))).toEqual([6, 7, 8]);
});

test("in a pause the line before it is the one that was said last", () => {
  const lines = [line(1000, 2000), line(5000, 6000)];
  expect(lineOf(lines, 3000)?.fromMs).toBe(1000);
  expect(lineOf(lines, 0)).toBeNull();
});
