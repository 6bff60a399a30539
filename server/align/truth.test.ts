// Whole recordings made up from a truth that is known: what browsers would have said of them, and what the maps make of it.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkFacts, ClockSample, GraphReading, SegmentFacts, Sighting } from "../../protocol/recording.ts";
import type { Packet } from "./container.ts";
import { atMsOf, mapOf } from "./map.ts";

interface World {
  browser: "chromium" | "firefox";
  /** What the wall clock of the browser's machine is wrong by, and how fast that machine's clock runs against the server's. */
  wrongMs: number;
  ppm: number;
  /** How fast its sound device runs against it. */
  soundPpm: number;
  upMs: number;
  downMs: number;
  jitterMs: number;
  seconds: number;
  /** Each at so many seconds of a hundred; Firefox alone loses time. */
  losses: { percent: number; lostMs: number }[];
  /** The server's machine was begun anew at so many percent. */
  rebootPercent: number | null;
  /** Firefox lets its graph's clock be read; else only chunks tell of lost time. */
  read: boolean;
  /** The graph's own thread tells it as well, also from before the recorder began and while the page stands still. */
  told: boolean;
  /** Nothing of the page ran from so many percent on, for so long: readings are missing, and chunks' events come all at once. */
  blocked: { percent: number; forMs: number } | null;
  /** The `start` event came so late because the page was busy. */
  startLateMs: number;
  /** The page noted when it had its turns. */
  turns: boolean;
  /** Chromium's page saw the first pictures pass; the recorder began so much later than its facts say. */
  seen: { beganLateMs: number } | null;
  seed: number;
}

const zeroMs = 90_000;
const origin = { zeroMs, epoch: "e", startedAtMs: 1_790_000_000_000 };
/** Pings come for a while before Record was pressed. */
const leadMs = 20_000;
const packetMs = 20;
/** From here on Firefox stamps pictures and sound alike. Before, chunks do not show what the sound lost. */
const alikeMs = 13_000;
/** By chunks alone nobody knows in which of them time was lost. */
const chunkwiseMs = 2500;

function random(seed: number): () => number {
  // 1 … 2³¹ − 2: from nothing nothing comes.
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Everything below is in ms of true time since Record, until it is told in the browser's clock. */
function recorded(world: World) {
  const next = random(world.seed);
  const endMs = world.seconds * 1000;
  const startMs = 400;
  const browserMs = (trueMs: number) => origin.startedAtMs + world.wrongMs + trueMs * (1 + world.ppm / 1e6);
  const serverMs = (trueMs: number) => zeroMs + trueMs;
  // One after the other: nothing loses more time than passes.
  const losses: { atMs: number; lostMs: number }[] = [];
  for (const { percent, lostMs } of world.browser === "firefox" ? world.losses.toSorted((a, b) => a.percent - b.percent) : []) {
    const last = losses.at(-1);
    losses.push({
      atMs: Math.max(world.read ? 0 : alikeMs, startMs + (percent * endMs) / 100, last ? last.atMs + last.lostMs + 1200 : 0),
      lostMs,
    });
  }
  const lostMs = (trueMs: number) => losses.reduce((sum, loss) => sum + Math.max(0, Math.min(loss.lostMs, trueMs - loss.atMs)), 0);
  const passedMs = (trueMs: number) => browserMs(trueMs) - browserMs(startMs);
  const graphMs = (trueMs: number) => (passedMs(trueMs) - lostMs(trueMs)) * (1 + world.soundPpm / 1e6);
  const blockedMs = world.blocked ? startMs + (world.blocked.percent * endMs) / 100 : Number.POSITIVE_INFINITY;
  const freeMs = blockedMs + (world.blocked?.forMs ?? 0);
  const samples: ClockSample[] = [];
  for (let atMs = -leadMs; atMs < endMs; atMs += 5000) {
    const up = world.upMs + next() ** 2 * world.jitterMs;
    const down = world.downMs + next() ** 2 * world.jitterMs;
    const rebooted = world.rebootPercent !== null && atMs > (world.rebootPercent * endMs) / 100;
    const arrivedMs = rebooted ? serverMs(atMs + up) - 80_000 : serverMs(atMs + up);
    samples.push({
      sentMs: browserMs(atMs),
      receivedMs: browserMs(atMs + up + down),
      serverMs: arrivedMs,
      epoch: rebooted ? "later" : "e",
    });
  }
  const packets: Packet[] = [];
  const chunks: ChunkFacts[] = [];
  /** For each packet when it truly was. */
  const truth: number[] = [];
  const put = (kind: Packet["kind"], mediaMs: number, trueMs: number) => {
    const packet = {
      stream: kind === "video" ? 1 : 2,
      kind,
      mediaMs,
      offset: packets.length * 10,
      size: 10,
      key: true,
      afterDamage: false,
    };
    packets.push({ ...packet, samples: kind === "audio" ? 960 : 0 });
    truth.push(trueMs);
  };
  const sightings: Sighting[] = [];
  let [pictureMs, heardMs] = [Number.NEGATIVE_INFINITY, -packetMs];
  let chunkMs = startMs;
  let followed = false;
  for (let atMs = startMs; atMs < endMs; atMs += 40) {
    const soundMs = graphMs(atMs);
    if (world.browser === "chromium") put("audio", passedMs(atMs) + 24, atMs - 33);
    else if (soundMs >= heardMs + packetMs) {
      put("audio", soundMs, atMs + 18);
      heardMs = soundMs;
    }
    // Pictures follow the sound once there are ten seconds of it, and are left out while that would take them back.
    const follows = world.browser === "firefox" && soundMs >= 10_000;
    const stampMs = follows ? soundMs + next() * 12 : passedMs(atMs);
    const unevenMs = world.browser === "chromium" && atMs > startMs ? (next() - 0.5) * 12 : 0;
    // The first that does is stamped a picture after the last that did not.
    const firstThat = follows && !followed && passedMs(atMs) - soundMs > 40;
    const putMs = firstThat ? Math.max(stampMs, pictureMs + 33) : stampMs;
    if (stampMs > pictureMs) {
      put("video", putMs + unevenMs, atMs + unevenMs);
      followed = follows;
    }
    pictureMs = Math.max(pictureMs, stampMs);
    if (world.browser === "chromium" && world.seen && atMs < startMs + 2000)
      sightings.push({ stampMs: 77_000 + stampMs + unevenMs, browserMs: browserMs(atMs + unevenMs + 1 + next() ** 3 * 30) });
    if (atMs - chunkMs < 1000) continue;
    const eventAtMs = atMs + 30 + next() * 80;
    const saidMs = eventAtMs > blockedMs && eventAtMs < freeMs ? freeMs : eventAtMs;
    chunks.push({ sequence: chunks.length, endOffset: packets.length * 10, eventMs: browserMs(saidMs) });
    chunkMs = atMs;
  }
  let seenMs = 0.1;
  for (let atMs = startMs + 60; world.browser === "firefox" && world.read && atMs < endMs; atMs += 125) {
    if (atMs > blockedMs && atMs < freeMs) continue;
    // The freshest of five.
    const oldMs = next() < 0.03 ? next() * 300 : Math.min(next(), next(), next(), next(), next()) * 12;
    seenMs = Math.max(seenMs, graphMs(atMs - oldMs) + 500);
    const reading = { browserMs: browserMs(atMs), mediaMs: seenMs };
    samples.push({ sentMs: reading.browserMs, receivedMs: reading.browserMs, serverMs: 0, epoch: "", graph: [reading] });
  }
  let toldMs = Number.NEGATIVE_INFINITY;
  const pulses: GraphReading[] = [];
  for (let atMs = startMs - 2000; world.browser === "firefox" && world.read && world.told && atMs < endMs; atMs += 40) {
    if (losses.some((loss) => atMs > loss.atMs && atMs < loss.atMs + loss.lostMs)) continue;
    toldMs = Math.max(toldMs, graphMs(atMs - Math.min(next(), next()) * 8) + 9000);
    pulses.push({ browserMs: browserMs(atMs), mediaMs: toldMs });
  }
  if (pulses.length > 0) samples.push({ sentMs: browserMs(endMs), receivedMs: browserMs(endMs), serverMs: 0, epoch: "", pulses });
  if (sightings.length > 0) samples.push({ sentMs: 0, receivedMs: 0, serverMs: 0, epoch: "", sightings });
  const beganLateMs = sightings.length > 0 ? (world.seen?.beganLateMs ?? 0) : 0;
  const facts: SegmentFacts = {
    browser: world.browser,
    version: 150,
    mimeType: "video/webm;codecs=vp8,opus",
    startCallMs: browserMs(startMs) - (world.browser === "chromium" ? 22 + beganLateMs : 8),
    startEventMs: browserMs(startMs + world.startLateMs) - 1 + next() * 2,
    ...(world.turns ? { startSinceMs: browserMs(startMs) - 2 + next() } : {}),
  };
  return { facts, chunks, samples, packets, truth, losses };
}

const percent = fc.integer({ min: 4, max: 96 });
const worlds: fc.Arbitrary<World> = fc.record({
  browser: fc.constantFrom("chromium" as const, "firefox" as const),
  wrongMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
  ppm: fc.integer({ min: -200, max: 200 }),
  soundPpm: fc.integer({ min: -100, max: 100 }),
  upMs: fc.integer({ min: 0, max: 200 }),
  downMs: fc.integer({ min: 0, max: 200 }),
  jitterMs: fc.integer({ min: 0, max: 100 }),
  seconds: fc.integer({ min: 15, max: 120 }),
  losses: fc.oneof(
    fc.array(fc.record({ percent, lostMs: fc.integer({ min: 25, max: 1500 }) }), { maxLength: 3 }),
    // A machine that starves: again and again.
    fc.array(fc.record({ percent, lostMs: fc.integer({ min: 8, max: 260 }) }), { minLength: 10, maxLength: 40 }),
  ),
  rebootPercent: fc.option(fc.integer({ min: 10, max: 90 })),
  read: fc.boolean(),
  told: fc.boolean(),
  blocked: fc.option(fc.record({ percent: fc.integer({ min: 10, max: 80 }), forMs: fc.integer({ min: 200, max: 3500 }) })),
  startLateMs: fc.constantFrom(0, 0, 0, 400),
  turns: fc.boolean(),
  seen: fc.option(fc.record({ beganLateMs: fc.integer({ min: 0, max: 300 }) })),
  seed: fc.nat(),
});

const known: World = {
  browser: "firefox",
  wrongMs: 3_600_000,
  ppm: 200,
  soundPpm: 40,
  upMs: 20,
  downMs: 90,
  jitterMs: 10,
  seconds: 60,
  losses: [30, 45, 60, 75].map((percent) => ({ percent, lostMs: 400 })),
  rebootPercent: null,
  read: true,
  told: false,
  blocked: null,
  startLateMs: 0,
  turns: false,
  seen: null,
  seed: 7,
};

/** The page stood still while time was lost: where exactly is only known to half of it. */
const blind: World = {
  browser: "firefox",
  wrongMs: 0,
  ppm: 0,
  soundPpm: 0,
  upMs: 0,
  downMs: 0,
  jitterMs: 0,
  seconds: 15,
  losses: [{ percent: 69, lostMs: 442 }],
  rebootPercent: null,
  read: true,
  told: false,
  blocked: { percent: 71, forMs: 3411 },
  startLateMs: 0,
  turns: false,
  seen: null,
  seed: 0,
};

test("whatever clocks, paths and starvation did, maps go forward only, and the truth is within what is stated", () => {
  const seen = { read: 0, told: 0, byChunks: 0, mapsApart: 0, slips: 0, unseen: 0, sighted: 0 };
  fc.assert(
    fc.property(worlds, (world) => {
      const { facts, chunks, samples, packets, truth, losses } = recorded(world);
      const { map, soundMap = map, audioShiftMs, clock, slips } = mapOf(facts, chunks, samples, packets, origin);
      for (const knees of [map, soundMap])
        for (let index = 1; index < knees.length; index += 1) {
          expect(knees[index]!.mediaMs).toBeGreaterThan(knees[index - 1]!.mediaMs);
          expect(knees[index]!.atMs).toBeGreaterThan(knees[index - 1]!.atMs);
        }
      // While pictures go over to the sound's clock nothing is exact, nor beside a loss.
      const all = losses.reduce((sum, { lostMs }) => sum + lostMs, 0);
      const goesOver = (trueMs: number) => world.browser === "firefox" && trueMs > 10_300 && trueMs < 10_600 + 2 * all;
      const besideMs = world.read ? 500 : chunkwiseMs;
      const lostNear = (trueMs: number) => losses.some(({ atMs, lostMs }) => trueMs > atMs - besideMs && trueMs < atMs + lostMs + besideMs);
      // The constant by which sound is stamped late is not what is judged here.
      const late = audioShiftMs + (world.browser === "firefox" ? -18 : 57);
      const off: Record<Packet["kind"], number[]> = { video: [], audio: [] };
      for (const [index, { kind, mediaMs }] of packets.entries()) {
        const trueMs = truth[index]!;
        if (goesOver(trueMs) || lostNear(trueMs)) continue;
        const atMs = kind === "audio" ? atMsOf(soundMap, mediaMs) + audioShiftMs - late : atMsOf(map, mediaMs);
        off[kind].push(Math.abs(atMs - trueMs));
      }
      for (const values of [off.video, off.audio]) expect(oneInHundred(values)).toBeLessThanOrEqual(clock.uncertaintyMs + 2);
      if (world.browser === "chromium" && world.seen && clock.doubts?.includes("start") !== true) seen.sighted += 1;
      if (losses.length > 0 && world.read) seen.read += 1;
      if (losses.length > 0 && world.read && world.told) seen.told += 1;
      if (slips.length > 0 && !world.read) seen.byChunks += 1;
      if (losses.length > 0 && slips.length === 0) seen.unseen += 1;
      if (slips.length > 0) seen.slips += 1;
      if (soundMap !== map) seen.mapsApart += 1;
    }),
    {
      numRuns: 200,
      examples: [
        [known],
        [blind],
        [{ ...blind, told: true }],
        [{ ...known, read: false }],
        [{ ...known, losses: [{ percent: 40, lostMs: 12 }] }],
      ],
    },
  );
  // It is about these, and not about none of them.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

/** What one in a hundred exceeds. */
function oneInHundred(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
