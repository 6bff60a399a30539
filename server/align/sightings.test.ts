// Pictures of a file told by what lies between them: cameras that are uneven as cameras are, recorders that drop some, pages that see others late.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClockSample, Sighting } from "../../protocol/recording.ts";
import type { Zero } from "./calibration.ts";
import type { Packet } from "./container.ts";
import { zeroBySightings } from "./sightings.ts";

interface Camera {
  /** How uneven its pictures are, ms. */
  unevenMs: number;
  /** Of a hundred pictures the recorder drops so many, and the page misses so many. */
  droppedPercent: number;
  missedPercent: number;
  /** The page looks from so long after the recorder's first picture. */
  laterMs: number;
  /** Page and camera count from zeros of their own, so far apart. */
  stampZeroMs: number;
  seed: number;
}

const trueZeroMs = 1_790_000_000_123.4;
const everyMs = 33.4;
const pictures = 120;

function random(seed: number): () => number {
  // 1 … 2³¹ − 2: from nothing nothing comes.
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function filmed(camera: Camera): { packets: Packet[]; samples: ClockSample[] } {
  const next = random(camera.seed);
  const packets: Packet[] = [];
  const sightings: Sighting[] = [];
  for (let index = 0; index < pictures; index += 1) {
    const mediaMs = index === 0 ? 0 : index * everyMs + (next() - 0.5) * 2 * camera.unevenMs;
    if (index === 0 || next() * 100 >= camera.droppedPercent) packets.push(packetAt(Math.round(mediaMs)));
    if (mediaMs < camera.laterMs || next() * 100 < camera.missedPercent || sightings.length === 64) continue;
    const browserMs = trueZeroMs + mediaMs + 1 + next() ** 3 * 30;
    sightings.push({ stampMs: camera.stampZeroMs + mediaMs, browserMs });
  }
  return { packets, samples: sampled(sightings) };
}

const packetAt = (mediaMs: number): Packet => ({
  stream: 1,
  kind: "video",
  mediaMs,
  offset: 0,
  size: 10,
  key: true,
  afterDamage: false,
  samples: 0,
});

const sampled = (sightings: Sighting[]): ClockSample[] => [
  { sentMs: 1, receivedMs: 2, serverMs: 3, epoch: "e" },
  { sentMs: 5, receivedMs: 5, serverMs: 0, epoch: "", sightings: sightings.slice(0, 30) },
  { sentMs: 6, receivedMs: 6, serverMs: 0, epoch: "", sightings: sightings.slice(30) },
];

const about = (offMs: number, uncertaintyMs: number): Zero => ({ browserMs: trueZeroMs + offMs, uncertaintyMs });

const cameras: fc.Arbitrary<Camera> = fc.record({
  unevenMs: fc.integer({ min: 3, max: 16 }),
  droppedPercent: fc.integer({ min: 0, max: 60 }),
  missedPercent: fc.integer({ min: 0, max: 40 }),
  laterMs: fc.integer({ min: 0, max: 900 }),
  stampZeroMs: fc.integer({ min: -1e9, max: 1e9 }),
  seed: fc.nat(),
});

test("an uneven camera tells its place to a few milliseconds, whatever the facts said, whatever was dropped and missed", () => {
  let told = 0;
  fc.assert(
    fc.property(cameras, fc.integer({ min: -200, max: 200 }), (camera, offMs) => {
      const { packets, samples } = filmed(camera);
      const zero = zeroBySightings(samples, packets, about(offMs, 100));
      if (!zero) return;
      told += 1;
      expect(Math.abs(zero.browserMs - trueZeroMs)).toBeLessThanOrEqual(zero.uncertaintyMs);
      expect(zero.uncertaintyMs).toBeLessThan(15);
    }),
    { numRuns: 300 },
  );
  expect(told).toBeGreaterThan(270);
});

const metronome = { unevenMs: 0, droppedPercent: 0, missedPercent: 0, laterMs: 200, stampZeroMs: 77, seed: 5 };

test("where the camera is as even as a metronome what else is known decides, and how far other places are that it leaves is stated", () => {
  const { packets, samples } = filmed(metronome);
  const sure = zeroBySightings(samples, packets, about(5, 12))!;
  expect(sure.browserMs).toBeCloseTo(trueZeroMs + 1, 0);
  expect(sure.uncertaintyMs).toBeLessThan(15);
  for (const offMs of [-8, 5, 9]) {
    const unsure = zeroBySightings(samples, packets, about(offMs, 60))!;
    expect(unsure.browserMs).toBeCloseTo(trueZeroMs + 1, 0);
    expect(unsure.uncertaintyMs).toBeGreaterThan(everyMs);
    expect(unsure.uncertaintyMs).toBeLessThan(2 * everyMs + 15);
  }
  expect(zeroBySightings(samples, packets, about(16, 60))).toBeNull();
});

test("where the first sound is not believed by itself, it still tells which of two places of a metronome it was", () => {
  const { packets, samples } = filmed(metronome);
  const zero = zeroBySightings(samples, packets, { ...about(18, 30), bySoundMs: trueZeroMs + 3 })!;
  expect(zero.browserMs).toBeCloseTo(trueZeroMs + 1, 0);
  expect(zero.uncertaintyMs).toBeGreaterThan(everyMs);
});

test("where what else is known lies between two places of a metronome it stays, and both are within what is stated", () => {
  const { packets, samples } = filmed(metronome);
  for (const offMs of [-16, -12, 12, 16]) {
    const told = about(offMs, 10);
    const zero = zeroBySightings(samples, packets, told)!;
    expect(zero.browserMs).toBe(told.browserMs);
    expect(zero.uncertaintyMs).toBeGreaterThan(16);
    expect(zero.uncertaintyMs).toBeLessThan(30);
    expect(Math.abs(zero.browserMs - trueZeroMs)).toBeLessThanOrEqual(zero.uncertaintyMs);
  }
});

test("pictures of another camera, and too few of them, say nothing", () => {
  const camera = { unevenMs: 8, droppedPercent: 10, missedPercent: 10, laterMs: 0, stampZeroMs: 77, seed: 6 };
  const { packets, samples } = filmed(camera);
  expect(zeroBySightings(samples, filmed({ ...camera, seed: 9 }).packets, about(0, 10))).toBeNull();
  expect(zeroBySightings(sampled([{ stampMs: 1, browserMs: 2 }]), packets, about(0, 10))).toBeNull();
  expect(zeroBySightings([], packets, about(0, 10))).toBeNull();
});
