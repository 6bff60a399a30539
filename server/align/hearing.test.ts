import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ear, hearingOf, type Pair, pairOf } from "./hearing.ts";

const ear = (lagMs: number, roundTripMs: number | null = 4): Ear => ({
  lag: { lagMs, uncertaintyMs: 3, likeness: 0.9 },
  heldMs: 0,
  roundTripMs,
  browser: "chromium",
});

/** Everybody hears everybody: what a mesh of people with these errors would find. */
function mesh(late: Record<string, number>, uncertaintyMs = 12): Pair[] {
  const ids = Object.keys(late);
  return ids.flatMap((a, index) => ids.slice(index + 1).map((b) => ({ a, b, errorMs: late[a]! - late[b]!, uncertaintyMs })));
}

const placed = (uncertainties: Record<string, number>) =>
  Object.entries(uncertainties).map(([id, uncertaintyMs]) => ({ id, uncertaintyMs }));

test("half the difference of the two ways is the error, whatever the latency", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -400, max: 400 }),
      fc.integer({ min: 20, max: 400 }),
      fc.integer({ min: 0, max: 60 }),
      (late, latency, trip) => {
        // A lies `late` too late: A's own clock says later what it hears, and B hears sooner what A's track says.
        const pair = pairOf("a", "b", ear(latency + late, trip), ear(latency - late, trip));
        expect(pair?.errorMs).toBeCloseTo(late);
        expect(pair?.uncertaintyMs).toBeGreaterThanOrEqual(trip / 2);
      },
    ),
  );
});

test("a way that is longer in one direction lies within the uncertainty", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), (there, back) => {
      const pair = pairOf("a", "b", ear(30 + there, there + back), ear(30 + back, there + back));
      if (pair) expect(Math.abs(pair.errorMs)).toBeLessThanOrEqual(pair.uncertaintyMs);
    }),
  );
});

test("what would be heard before it was said is not believed", () => {
  expect(pairOf("a", "b", ear(-300), ear(-200))).toBeNull();
});

test("clocks that agree with what was heard are confirmed and stay", () => {
  const found = hearingOf(placed({ a: 5, b: 5 }), mesh({ a: 4, b: 0 }));
  expect([...found.values()].map(({ verdict, correctionMs }) => [verdict, correctionMs])).toEqual([
    ["confirmed", 0],
    ["confirmed", 0],
  ]);
});

test("a clock proven wrong is moved by its error, and only that one", () => {
  const found = hearingOf(placed({ a: 5, b: 5, c: 5 }), mesh({ a: 0, b: 150, c: 2 }));
  expect(found.get("b")).toMatchObject({ verdict: "corrected" });
  expect(found.get("b")!.correctionMs).toBeGreaterThan(140);
  expect([found.get("a")?.verdict, found.get("c")?.verdict]).toEqual(["confirmed", "confirmed"]);
});

test("of two the one that knows its clock better stays", () => {
  const found = hearingOf(placed({ a: 4, b: 90 }), mesh({ a: 0, b: -70 }));
  expect(found.get("a")?.verdict).toBe("confirmed");
  expect(found.get("b")?.verdict).toBe("corrected");
  expect(found.get("b")?.correctionMs).toBeCloseTo(-70);
  expect(found.get("b")?.uncertaintyMs).toBeLessThan(20);
});

test("hearing that knows no better than the clocks moves nothing", () => {
  const found = hearingOf(placed({ a: 40, b: 40 }), mesh({ a: 0, b: 60 }, 70));
  expect([...found.values()].every(({ verdict }) => verdict === "confirmed")).toBe(true);
});

test("ears that contradict one another are not believed", () => {
  const pairs: Pair[] = [
    { a: "a", b: "b", errorMs: 0, uncertaintyMs: 10 },
    { a: "b", b: "c", errorMs: 0, uncertaintyMs: 10 },
    { a: "a", b: "c", errorMs: 300, uncertaintyMs: 10 },
  ];
  expect(hearingOf(placed({ a: 5, b: 5, c: 5 }), pairs).size).toBe(0);
});

test("whoever nobody heard for certain has no verdict", () => {
  expect([...hearingOf(placed({ a: 5, b: 5, c: 5 }), mesh({ a: 0, b: 1 })).keys()]).toEqual(["a", "b"]);
});

test("after the correction every pair fits what was heard", () => {
  const errors = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(errors, (list) => {
      const late = Object.fromEntries(list.map((value, index) => [`t${index}`, value]));
      const found = hearingOf(placed(Object.fromEntries(list.map((_, index) => [`t${index}`, 5]))), mesh(late));
      const rest = list.map((value, index) => value - (found.get(`t${index}`)?.correctionMs ?? 0));
      // What is not worth moving may stay on either side.
      expect(Math.max(...rest) - Math.min(...rest)).toBeLessThanOrEqual(2 * 22 + 1);
    }),
  );
});
