import fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOf, difference, readCode, strip, timeModulo } from "./code.ts";

/** A picture with the strip in it, at any brightness. */
function picture(cells: number[], dark: number, bright: number) {
  return (x: number, y: number) => {
    const column = Math.floor((x - strip.left) / strip.cellWidth);
    const row = Math.floor((y - strip.top) / strip.cellHeight);
    return cells[row * strip.columns + column] ? bright : dark;
  };
}

test("every code reads back as it was drawn, at any contrast a film may have", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 15 }),
      fc.double({ min: 0, max: 4e12, noNaN: true }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 140, max: 255 }),
      (participant, trueMs, dark, bright) => {
        const code = readCode(picture(cellsOf(participant, trueMs), dark, bright));
        expect(code).toEqual({ participant, trueMs: Math.floor(trueMs) % timeModulo });
      },
    ),
  );
});

test("a code with up to three cells wrong is not read as another code", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 0, max: timeModulo - 1 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { minLength: 1, maxLength: 3 }),
      (participant, trueMs, wrong) => {
        const cells = cellsOf(participant, trueMs).map((bit, index) => (wrong.includes(index) ? 1 - bit : bit));
        expect(readCode(picture(cells, 16, 235))).toBeNull();
      },
    ),
  );
});

test("an even picture holds no code", () => {
  expect(readCode(() => 128)).toBeNull();
});

test("differences of true times are right on both sides of the turn", () => {
  expect(difference(5, timeModulo - 5)).toBe(10);
  expect(difference(timeModulo - 5, 5)).toBe(-10);
  expect(difference(1000, 40)).toBe(960);
});
