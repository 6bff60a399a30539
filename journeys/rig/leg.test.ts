import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../chaos/random.ts";
import { fair, Leg, type Weather } from "./leg.ts";

function leg(weather: Partial<Weather>, seed = 1): Leg {
  const random = new Random(seed);
  const made = new Leg(() => random.next());
  made.weather = { ...fair, ...weather };
  return made;
}

function packet(bytes: number, protocol = 6): Uint8Array {
  const made = new Uint8Array(bytes);
  made[9] = protocol;
  return made;
}

test("fair weather passes a packet at once", () => {
  expect(leg({}).passes(packet(1400), 5)).toBe(5);
});

test("packets keep their order under jitter, and stay within its bounds", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 200 }), (seed, pauses) => {
      const line = leg({ delayMs: 150, jitterMs: 100 }, seed);
      let nowMs = 0;
      let lastMs = 0;
      for (const pause of pauses) {
        nowMs += pause;
        const atMs = line.passes(packet(100), nowMs) as number;
        expect(atMs).toBeGreaterThanOrEqual(lastMs);
        expect(atMs - nowMs).toBeGreaterThanOrEqual(50);
        expect(atMs - nowMs).toBeLessThanOrEqual(250);
        lastMs = atMs;
      }
    }),
  );
});

test("loss takes its share, and the same seed takes the same packets", () => {
  const fates = (seed: number) => {
    const line = leg({ loss: 0.3 }, seed);
    return Array.from({ length: 2000 }, (_, at) => line.passes(packet(100), at) !== null);
  };
  const passed = fates(7).filter(Boolean).length / 2000;
  expect(passed).toBeGreaterThan(0.65);
  expect(passed).toBeLessThan(0.75);
  expect(fates(7)).toEqual(fates(7));
});

test("a narrow line passes its rate and loses what would wait too long", () => {
  const line = leg({ bitsPerSecond: 200_000, queueMs: 300 });
  const out = Array.from({ length: 100 }, () => line.passes(packet(1250), 0)).filter((atMs) => atMs !== null);
  // 1250 bytes take 50 ms; the queue holds 300 ms of them beside the one under way.
  expect(out).toEqual([50, 100, 150, 200, 250, 300, 350]);
});

test("a strict firewall swallows UDP alone, a cut line everything", () => {
  expect(leg({ udp: false }).passes(packet(100, 17), 0)).toBeNull();
  expect(leg({ udp: false }).passes(packet(100, 6), 0)).toBe(0);
  expect(leg({ cut: true }).passes(packet(100, 6), 0)).toBeNull();
});
