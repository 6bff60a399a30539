import { expect, test } from "vitest";
import { Lull } from "./lull.ts";

/** When, in ms, a lull was told of, by looks every 125 ms; `played`: what the browser says at a moment. */
function told(untilMs: number, played: (nowMs: number) => number[]): number[] {
  const lull = new Lull();
  const all: number[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 125) if (lull.look(played(nowMs), nowMs)) all.push(nowMs);
  return all;
}

test("when nothing comes any more it is told once, within half a second, and again only after something came", () => {
  const until = (ms: number) => (nowMs: number) => [Math.min(nowMs, ms) + 1];
  expect(told(5000, until(1000))).toEqual([1500]);
  expect(told(9000, (nowMs) => [nowMs < 3000 ? Math.min(nowMs, 1000) + 1 : Math.min(nowMs, 6000)])).toEqual([1500, 6500]);
});

test("as long as one of several is heard there is none, and where nobody was ever heard there is none to tell of", () => {
  expect(told(5000, (nowMs) => [Math.min(nowMs, 1000), nowMs])).toEqual([]);
  expect(told(5000, () => [])).toEqual([]);
  expect(told(5000, () => [0])).toEqual([]);
});

test("whoever has left is not silent, and whoever comes next is heard anew", () => {
  expect(told(5000, (nowMs) => (nowMs < 1000 ? [nowMs + 1] : nowMs < 3000 ? [] : [Math.min(nowMs, 4000)]))).toEqual([4500]);
});
