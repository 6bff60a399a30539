import fc from "fast-check";
import { expect, test } from "vitest";
import { encodingOf, Steps } from "./quality.ts";

const hd = { width: 1280, height: 720 };

test("a picture is sent no larger than it is shown, in few steps", () => {
  expect(encodingOf(hd, 720, 0).scaleResolutionDownBy).toBe(1);
  expect(encodingOf(hd, 360, 0).scaleResolutionDownBy).toBe(2);
  expect(encodingOf(hd, 180, 0).scaleResolutionDownBy).toBe(4);
  expect(encodingOf(hd, 1440, 0).scaleResolutionDownBy).toBe(1);
  expect(encodingOf(hd, 0, 0).scaleResolutionDownBy).toBe(8);
});

test("whoever has not said how large they show it is sent the whole picture", () => {
  expect(encodingOf(hd, null, 0)).toEqual(encodingOf(hd, 720, 0));
});

test("what is shown larger never gets fewer bits, and a way that takes less never gets more", () => {
  const captured = fc.record({ width: fc.integer({ min: 64, max: 4096 }), height: fc.integer({ min: 64, max: 4096 }) });
  fc.assert(
    fc.property(captured, fc.nat(3000), fc.nat(3000), fc.nat(4), (size, a, b, steps) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      expect(encodingOf(size, large, steps).maxBitrate).toBeGreaterThanOrEqual(encodingOf(size, small, steps).maxBitrate);
      expect(encodingOf(size, a, steps).maxBitrate).toBeLessThanOrEqual(encodingOf(size, a, 0).maxBitrate);
      expect(encodingOf(size, a, steps).scaleResolutionDownBy).toBeGreaterThanOrEqual(1);
    }),
  );
});

test("a way that takes too little makes it smaller after a while, and larger again after a longer one", () => {
  const steps = new Steps();
  const bad = { limited: true, loss: 0 };
  const good = { limited: false, loss: 0.01 };
  expect([bad, bad, bad].map((look) => steps.look(look))).toEqual([false, false, true]);
  expect(steps.steps).toBe(1);
  for (let look = 0; look < 7; look++) expect(steps.look(good)).toBe(false);
  expect(steps.look(good)).toBe(true);
  expect(steps.steps).toBe(0);
  for (let look = 0; look < 100; look++) steps.look({ limited: false, loss: 0.3 });
  expect(steps.steps).toBe(4);
});
