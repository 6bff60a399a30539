import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

const windowMs = 3200;

/** Windows come as their last chunk does, and 400 ms later; the page looks often. */
const cameAtMs = (index: number, lateMs = 0) => Math.ceil((Math.ceil(((index + 1) * windowMs) / 1000) * 1000 + 400 + lateMs) / 150) * 150;

/** Watches from `fromMs` of the film on, when window `first` has come, to the end of `minutes`. */
function watch({
  minutes,
  first = 3,
  fromMs,
  lateMs = () => 0,
}: {
  minutes: number;
  first?: number;
  fromMs: number;
  lateMs?: (index: number) => number;
}) {
  const pace = new Pace();
  const stepMs = 50;
  let [atMs, next, dryMs] = [fromMs, first, 0];
  let fastest = 1;
  let slowest = 1;
  let behindMs = 0;
  for (let nowMs = cameAtMs(first - 1); nowMs < minutes * 60_000; nowMs += stepMs) {
    while (cameAtMs(next, lateMs(next)) <= nowMs) pace.grown(next++ * windowMs, nowMs);
    const endMs = next * windowMs;
    const rate = pace.rate(atMs, endMs, nowMs);
    fastest = Math.max(fastest, rate);
    slowest = Math.min(slowest, rate);
    if (atMs >= endMs) dryMs += stepMs;
    atMs = Math.min(endMs, atMs + stepMs * rate);
    behindMs = nowMs - atMs;
  }
  return { behindMs, dryMs, fastest, slowest };
}

describe("Pace", () => {
  it("brings whoever began a window too far back to where the latest window leaves it just enough, without running dry", () => {
    const { behindMs, dryMs, fastest } = watch({ minutes: 2, fromMs: 3 * windowMs - 6000 });
    expect(dryMs).toBe(0);
    expect(fastest).toBe(1.08);
    // The latest of five windows is there 4400 to 4500 ms after what it begins with; 250 are kept, and what lies below a hundredth of the speed is left.
    expect(behindMs).toBeGreaterThan(4550);
    expect(behindMs).toBeLessThan(4800);
  });

  it("holds back whoever is so near that the next window may come too late", () => {
    const { dryMs, slowest } = watch({ minutes: 2, first: 8, fromMs: 8 * windowMs - 3300 });
    expect(slowest).toBeLessThan(1);
    expect(dryMs).toBeLessThan(500);
  });

  it("falls back for a window that came late, and is near again when five came in time", () => {
    const late = (index: number) => (index === 10 ? 2500 : 0);
    const { behindMs, fastest } = watch({ minutes: 3, fromMs: 2 * windowMs, lateMs: late });
    expect(behindMs).toBeLessThan(4800);
    expect(fastest).toBeLessThanOrEqual(1.08);
  });

  it("knows nothing before the first window, and nothing of a film whose next window is overdue", () => {
    const pace = new Pace();
    expect(pace.nearestMs(9600, 0)).toBeNull();
    expect(pace.rate(1000, 9600, 0)).toBe(1);
    pace.grown(6400, 10_000);
    expect(pace.nearestMs(9600, 10_000)).toBe(6150);
    expect(pace.nearestMs(9600, 14_000)).toBeNull();
    expect(pace.rate(9000, 9600, 14_000)).toBe(1);
  });

  it("asks for no more than what is not heard, and for whole hundredths", () => {
    const pace = new Pace();
    pace.grown(100_000, 0);
    expect(pace.rate(0, 103_200, 0)).toBe(1.08);
    expect(pace.rate(103_000, 103_200, 0)).toBe(0.97);
    expect(pace.rate(99_550, 103_200, 0)).toBe(1.02);
    expect(pace.rate(99_740, 103_200, 0)).toBe(1);
  });
});
