import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultCanvas, layoutOf, type Rect } from "./layout.ts";

const faces = (count: number) => Array.from({ length: count }, (_, key) => ({ key: String(key), source: "camera" as const }));

test("one face has the whole canvas", () => {
  expect(layoutOf(faces(1), defaultCanvas)).toEqual([{ x: 0, y: 0, width: 1280, height: 720 }]);
});

test("two faces are side by side, eight pixels apart", () => {
  const [left, right] = layoutOf(faces(2), defaultCanvas) as [Rect, Rect];
  expect(left).toEqual({ x: 0, y: 182, width: 636, height: 356 });
  expect(right).toEqual({ ...left, x: 644 });
});

test("three and four are in two columns, five to nine in three", () => {
  const columns = (count: number) => new Set(layoutOf(faces(count), defaultCanvas).map(({ x }) => x)).size;
  const rows = (count: number) => new Set(layoutOf(faces(count), defaultCanvas).map(({ y }) => y)).size;
  expect([4, 9].map(columns)).toEqual([2, 3]);
  expect([3, 4, 5, 6, 7, 9].map(rows)).toEqual([2, 2, 2, 2, 3, 3]);
});

test("rectangles are even, equal, inside the canvas, apart, and in the order of the faces", () => {
  const side = fc.integer({ min: 80, max: 1000 }).map((half) => half * 2);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), side, side, (count, width, height) => {
      const rects = layoutOf(faces(count), { width, height });
      expect(rects).toHaveLength(count);
      for (const [index, rect] of rects.entries()) {
        for (const value of Object.values(rect)) expect(value % 2).toBe(0);
        expect([rect.width, rect.height]).toEqual([rects[0]!.width, rects[0]!.height]);
        expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width && rect.y + rect.height <= height).toBe(true);
        for (const other of rects.slice(index + 1)) {
          expect(rect.x + rect.width <= other.x || other.x + other.width <= rect.x || rect.y + rect.height <= other.y).toBe(true);
          expect(other.y > rect.y || (other.y === rect.y && other.x > rect.x)).toBe(true);
        }
      }
    }),
  );
});

test("a shared screen is large, the faces stand in a strip beside it in their order; below it on a canvas that is high", () => {
  const shared = [...faces(3), { key: "s", source: "screen" as const }];
  const rects = layoutOf(shared, defaultCanvas);
  const screen = rects[3]!;
  expect(screen).toEqual({ x: 0, y: 0, width: 1016, height: 720 });
  expect(rects.slice(0, 3).map(({ x }) => x)).toEqual([1024, 1024, 1024]);
  expect(rects.slice(0, 3).map(({ y }) => y)).toEqual(
    rects
      .slice(0, 3)
      .map(({ y }) => y)
      .toSorted((a, b) => a - b),
  );
  const high = layoutOf(shared, { width: 720, height: 1280 });
  expect(high[3]!.width).toBe(720);
  for (const face of high.slice(0, 3)) expect(face.y).toBeGreaterThan(high[3]!.height);
});

test("whoever is large has most of the canvas, the others are alike; without them all are alike", () => {
  const rects = layoutOf(faces(5), defaultCanvas, "2");
  const area = ({ width, height }: Rect) => width * height;
  expect(area(rects[2]!)).toBeGreaterThan(0.5 * 1280 * 720);
  expect(new Set(rects.filter((_, index) => index !== 2).map(area)).size).toBe(1);
  expect(layoutOf(faces(5), defaultCanvas, "9")).toEqual(layoutOf(faces(5), defaultCanvas));
});

test("with screens or somebody large rectangles are even, inside the canvas and apart", () => {
  const side = fc.integer({ min: 160, max: 1000 }).map((half) => half * 2);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 2 }),
      fc.boolean(),
      side,
      side,
      (count, screens, large, width, height) => {
        const all = [...faces(count), ...Array.from({ length: screens }, (_, key) => ({ key: `s${key}`, source: "screen" as const }))];
        const rects = layoutOf(all, { width, height }, large ? "0" : null);
        expect(rects).toHaveLength(all.length);
        for (const [index, rect] of rects.entries()) {
          for (const value of Object.values(rect)) expect(value % 2).toBe(0);
          expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width && rect.y + rect.height <= height, JSON.stringify(rects)).toBe(
            true,
          );
          for (const other of rects.slice(index + 1)) {
            const apart =
              rect.x + rect.width <= other.x ||
              other.x + other.width <= rect.x ||
              rect.y + rect.height <= other.y ||
              other.y + other.height <= rect.y;
            expect(apart, JSON.stringify(rects)).toBe(true);
          }
        }
      },
    ),
  );
});
