import fc from "fast-check";
import { expect, test } from "vitest";
import { piecesOf, rowsOf, topOf } from "./rows.ts";

const heightsOf = (count: number) => Array.from({ length: count }, (_, index) => 40 + (index % 7) * 30);

test("a row that somebody writes in stays drawn however far one scrolls away, and everything stands as high as before", () => {
  const heights = heightsOf(2000);
  const list = fc.record({
    scrolled: fc.integer({ min: 0, max: topOf(heights, 2000) }),
    kept: fc.uniqueArray(fc.nat(1999), { maxLength: 4 }).map((rows) => rows.toSorted((a, b) => a - b)),
  });
  fc.assert(
    fc.property(list, ({ scrolled, kept }) => {
      const rows = rowsOf(heights, scrolled, 800);
      let top = 0;
      const drawn: number[] = [];
      for (const piece of piecesOf(heights, rows, kept)) {
        if ("row" in piece) {
          expect(top).toBe(topOf(heights, piece.row));
          drawn.push(piece.row);
        }
        top += "row" in piece ? heights[piece.row]! : piece.px;
      }
      expect(top).toBe(topOf(heights, 2000));
      const near = Array.from({ length: rows.to - rows.from }, (_, index) => rows.from + index);
      expect(drawn).toEqual([...new Set([...near, ...kept])].toSorted((a, b) => a - b));
    }),
  );
});

test("with nothing written anywhere there is a gap above, what is near, and a gap below; a list of nothing has none", () => {
  const heights = heightsOf(2000);
  const rows = rowsOf(heights, 50_000, 800);
  const pieces = piecesOf(heights, rows, []);
  expect([pieces[0], pieces.at(-1), pieces.length]).toEqual([{ px: rows.before }, { px: rows.after }, rows.to - rows.from + 2]);
  expect(piecesOf([], rowsOf([], 0, 800), [])).toEqual([]);
});

test("all that is seen is drawn, with some more on either side", () => {
  const heights = heightsOf(2000);
  for (const scrolled of [0, 3333, 90_000]) {
    const { from, to } = rowsOf(heights, scrolled, 800);
    expect(topOf(heights, from)).toBeLessThanOrEqual(Math.max(0, scrolled - 600));
    expect(topOf(heights, to)).toBeGreaterThanOrEqual(scrolled + 800 + 600);
  }
});
