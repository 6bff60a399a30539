import { expect, test } from "vitest";
import { laneHeight, overlapsOf, spansPath, wavePath } from "./wave.ts";

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

test("an overlap is told of those who spoke in it, and of nobody else", () => {
  const [asha, ben, cleo] = [[span(0, 5000)], [span(4000, 9000)], [span(10_000, 12_000)]];
  const overlaps = [span(4000, 5000)];
  expect(overlapsOf(asha!, overlaps)).toEqual(overlaps);
  expect(overlapsOf(ben!, overlaps)).toEqual(overlaps);
  expect(overlapsOf(cleo!, overlaps)).toEqual([]);
});

test("of an overlap of three each has the part in which they spoke", () => {
  const overlaps = [span(1000, 4000), span(6000, 7000)];
  expect(overlapsOf([span(0, 1500), span(2000, 3000), span(3500, 6500)], overlaps)).toEqual([
    span(1000, 1500),
    span(2000, 3000),
    span(3500, 4000),
    span(6000, 6500),
  ]);
});

/** How high it stands at the end of each column. */
const heightsOf = (path: string) => [...path.matchAll(/V([\d.]+)H/g)].map((match) => laneHeight - Number(match[1]));

test("an hour and a second are one path of the same width, and what is loud stands where it was heard", () => {
  for (const seconds of [1, 3600]) {
    const levels = new Array<number>(seconds * 20).fill(127);
    levels.fill(6, levels.length / 2);
    const path = wavePath({ perSecond: 20, levels }, seconds * 1000);
    const heights = heightsOf(path);
    expect(heights).toHaveLength(500);
    expect([heights.slice(0, 250).every((high) => high === 0), heights.slice(251).every((high) => high === 3.5)]).toEqual([true, true]);
    expect(path.endsWith(`H1000V${laneHeight}Z`)).toBe(true);
    expect(path.match(/M/g)).toHaveLength(1);
  }
});

test("one loud moment in an hour is not averaged away, and louder than can be drawn is as high as it goes", () => {
  const levels = new Array<number>(3600 * 20).fill(127);
  levels[36_000] = 0;
  const heights = heightsOf(wavePath({ perSecond: 20, levels }, 3_600_000));
  expect([heights[250], heights.filter((high) => high > 0).length]).toEqual([3.5, 1]);
});

test("where nothing was heard, or levels are missing, nothing is drawn", () => {
  expect(wavePath({ perSecond: 20, levels: [127, 60, 90] }, 150)).toBe("");
  expect(wavePath({ perSecond: 20, levels: [] }, 60_000)).toBe("");
  const half = heightsOf(wavePath({ perSecond: 20, levels: new Array<number>(200).fill(20) }, 20_000));
  expect([half[100]! > 0, half[400]]).toEqual([true, 0]);
});

test("spans stand above the wave, at their share of the film", () => {
  expect(spansPath([span(1000, 2000)], 10_000)).toBe("M100.00 0H200.00V6H100.00Z");
});
