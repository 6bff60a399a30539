import fc from "fast-check";
import { expect, test } from "vitest";
import { packPlate, unpackPlate } from "./plate.ts";

const inks = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc.uint8Array({ minLength: width * height, maxLength: width * height }).map((ink) => ({ width, height, ink })),
  );

test("a plate that is packed and unpacked is the same to a sixteenth", () => {
  fc.assert(
    fc.property(inks, (ink) => {
      const back = unpackPlate(packPlate(ink)!);
      expect([back.width, back.height]).toEqual([ink.width, ink.height]);
      for (const [at, value] of ink.ink.entries()) expect(Math.abs(back.ink[at]! - value)).toBeLessThanOrEqual(9);
    }),
  );
});

test("a plate with more or fewer pixels than it says, or other letters, is refused", () => {
  const plate = packPlate({ width: 4, height: 4, ink: new Uint8Array(16).fill(255) })!;
  expect(() => unpackPlate({ ...plate, width: 3 })).toThrow("more pixels");
  expect(() => unpackPlate({ ...plate, width: 5 })).toThrow("fewer pixels");
  expect(() => unpackPlate({ ...plate, data: "A" })).toThrow();
});

test("what does not fit into a plate is not packed", () => {
  const noise = Uint8Array.from({ length: 1024 * 64 }, (_, at) => (at % 2) * 255);
  expect(packPlate({ width: 1024, height: 64, ink: noise })).toBeNull();
});
