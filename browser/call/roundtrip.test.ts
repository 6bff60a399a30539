import { expect, test } from "vitest";
import { RoundTrip } from "./roundtrip.ts";

function after(...answersMs: number[]): number {
  const trip = new RoundTrip();
  for (const ms of answersMs) trip.take(ms);
  return trip.patienceMs;
}

test("before anything was answered, and where answers are quick, six tenths of a second are waited for one", () => {
  expect([after(), after(40, 40, 40)]).toEqual([600, 600]);
});

test("the first answer alone is waited for three times, and a slow one never longer than two seconds", () => {
  expect([after(300), after(900)]).toEqual([900, 2000]);
});

test("answers that take long and always as long are waited for hardly longer", () => {
  expect(after(...Array(40).fill(800))).toBeCloseTo(800, 0);
});

test("one slow answer at the beginning, when the page loads, is forgotten within half a minute", () => {
  expect(after(700, ...Array(30).fill(40))).toBe(600);
});
