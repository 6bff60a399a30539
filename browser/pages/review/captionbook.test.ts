import { expect, test } from "vitest";
import type { Caption } from "../../../protocol/captions.ts";
import { lineOf, linesAt, linesWith, spanIn } from "./captionbook.ts";

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

test("words are found over the end of a line and however they are written, and a line that is being mended stays", () => {
  const lines = ["Could you say\nmore about that?", "Ｃａｆé", "No."].map((body, index) => ({ ...line(index, index + 1), body }));
  const found = (sought: string, kept = (_: Caption) => false) => linesWith(lines, sought, kept).map(({ fromMs }) => fromMs);
  expect([found("say more"), found(" SAY  more "), found("café"), found(""), found("nobody")]).toEqual([[0], [0], [1], [0, 1, 2], []]);
  expect(found("say more", ({ fromMs }) => fromMs === 2)).toEqual([0, 2]);
});

test("a line's times are to the millisecond, and a field that was emptied is no time and not the beginning", () => {
  expect(spanIn({ from: "1.234", to: "2" })).toEqual({ fromMs: 1234, toMs: 2000 });
  for (const times of [
    { from: "", to: "2" },
    { from: "1", to: "" },
    { from: "-1", to: "2" },
    { from: "e1", to: "2" },
  ])
    expect(spanIn(times)).toBeNull();
});
