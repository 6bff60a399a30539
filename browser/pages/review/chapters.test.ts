import fc from "fast-check";
import { expect, test } from "vitest";
import { chapterAt, chapterBeside, chaptersOf } from "./chapters.ts";

const mark = (atMs: number, name = "Asha") => ({ id: `bmk_${atMs}`, participant: { id: "par_a", name }, atMs }) as never;

test("a chapter begins at every mark, and one at zero", () => {
  expect(chaptersOf([mark(9000), mark(4000, "Ben")], 20_000)).toEqual([
    { atMs: 0, toMs: 4000, names: [] },
    { atMs: 4000, toMs: 9000, names: ["Ben"] },
    { atMs: 9000, toMs: 20_000, names: ["Asha"] },
  ]);
});

test("without marks there are no chapters", () => {
  expect(chaptersOf([], 20_000)).toEqual([]);
  expect(chapterBeside([], 0, 1)).toBeNull();
});

test("two who mark the same moment make one chapter with both names", () => {
  expect(chaptersOf([mark(5000), mark(5800, "Ben"), mark(6000)], 9000).map(({ names }) => names)).toEqual([[], ["Asha", "Ben"]]);
});

test("forward leads to the next one, back to this one's beginning and from there to the one before", () => {
  const chapters = chaptersOf([mark(4000), mark(9000)], 20_000);
  expect(chapterBeside(chapters, 0, 1)?.atMs).toBe(4000);
  expect(chapterBeside(chapters, 9500, 1)).toBeNull();
  expect(chapterBeside(chapters, 12_000, -1)?.atMs).toBe(9000);
  expect(chapterBeside(chapters, 9500, -1)?.atMs).toBe(4000);
  expect(chapterBeside(chapters, 500, -1)).toBeNull();
});

test("whatever was marked, the chapters lie end to end over the whole film", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 90_000 }),
      (marks, lengthMs) => {
        const chapters = chaptersOf(
          marks.map((atMs) => mark(atMs)),
          lengthMs,
        );
        expect(chapters.length > 0).toBe(marks.some((atMs) => atMs < lengthMs));
        for (const [index, { atMs, toMs }] of chapters.entries()) {
          expect(toMs).toBeGreaterThan(atMs);
          expect(toMs).toBe(chapters[index + 1]?.atMs ?? lengthMs);
          expect(chapterAt(chapters, atMs)).toBe(index);
        }
      },
    ),
  );
});
