import { expect, test } from "vitest";
import { type Trouble, Watch } from "./watch.ts";

/** Looks once a second; `chunk` says in which seconds one came. */
function looks(watch: Watch, seconds: number, chunk: (second: number) => boolean, speaks = true): [number, Trouble][] {
  const found: [number, Trouble][] = [];
  for (let second = 0; second < seconds; second++) {
    if (chunk(second)) watch.chunk();
    const trouble = watch.look(second * 1000, second * 1000, speaks);
    if (trouble) found.push([second, trouble]);
  }
  return found;
}

test("a recorder that speaks every timeslice is left alone", () => {
  expect(looks(new Watch(), 300, () => true)).toEqual([]);
});

test("three timeslices of silence, and within one more it is begun anew", () => {
  expect(looks(new Watch(), 15, (second) => second < 10)).toEqual([[12, "watchdog"]]);
});

test("a still screen without sound may be silent for ever", () => {
  expect(looks(new Watch(), 300, (second) => second < 2, false)).toEqual([]);
});

test("a recorder that breaks is begun anew at the next look", () => {
  const watch = new Watch();
  looks(watch, 5, () => true);
  watch.broke();
  expect(watch.look(5000, 5000, false)).toBe("watchdog");
  expect(watch.look(6000, 6000, false)).toBeNull();
});

test("one that never gets going is tried less and less often", () => {
  const seconds = looks(new Watch(), 400, () => false).map(([second]) => second);
  const pauses = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
  expect(pauses.slice(0, 3)).toEqual([5, 6, 8]);
  expect(pauses.every((pause, index) => pause >= (pauses[index - 1] ?? 0))).toBe(true);
  const broken = new Watch();
  let restarts = 0;
  for (let second = 0; second < 100; second++) {
    broken.broke();
    if (broken.look(second * 1000, second * 1000, true)) restarts++;
  }
  expect(restarts).toBeLessThan(10);
});

test("after half a minute of chunks the next silence counts as the first", () => {
  const watch = new Watch();
  expect(looks(watch, 10, () => false)).toEqual([
    [3, "watchdog"],
    [8, "watchdog"],
  ]);
  expect(looks(watch, 60, (second) => second < 40).at(0)).toEqual([42, "watchdog"]);
});

test("looks that came late themselves do not blame the recorder", () => {
  const watch = new Watch();
  watch.chunk();
  for (let look = 1; look < 20; look++) expect(watch.look(look * 4000, look * 4000, true)).toBeNull();
});

test("a page that was frozen has slipped, a machine that slept has slept", () => {
  const frozen = new Watch();
  frozen.look(0, 0, true);
  expect(frozen.look(9000, 9000, true)).toBe("slip");
  const slept = new Watch();
  slept.look(0, 0, true);
  expect(slept.look(1000, 601_000, true)).toBe("sleep");
});

test("a wall clock that was put back means nothing", () => {
  const watch = new Watch();
  watch.look(0, 3_600_000, true);
  expect(watch.look(1000, 1000, true)).toBeNull();
});
