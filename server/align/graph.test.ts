import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphReading } from "../../protocol/recording.ts";
import { lossByReadings } from "./graph.ts";
import { byElement, byThread } from "./readings.ts";
import { afterMsOf } from "./slip.ts";

const zero = 1_700_000_000_000;
/** The element began to play a little before the recorder did: its zero is its own. */
const ownZeroMs = zero - 1234;

interface Lost {
  /** On the browser's clock, from media time 0. */
  atMs: number;
  lostMs: number;
}

const lostBefore = (losses: readonly Lost[], wallMs: number) =>
  losses.reduce((sum, { atMs, lostMs }) => sum + Math.max(0, Math.min(lostMs, wallMs - atMs)), 0);

/** Eight readings a second, each 0 to 12 ms old and now and then much older; while time is lost the graph stands still. */
function readings(
  seconds: number,
  losses: readonly Lost[],
  options: { seed?: number; ppm?: number; staleMs?: number } = {},
): GraphReading[] {
  const { ppm = 0, staleMs = 150 } = options;
  let seed = (options.seed ?? 1) * 7919;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  let before = 0;
  return Array.from({ length: seconds * 8 }, (_, index) => {
    const wallMs = 60 + index * 125 + random() * 30;
    const oldMs = random() < 0.05 ? random() * staleMs : random() * 12;
    const seenMs = wallMs - oldMs;
    before = Math.max(before, (seenMs - lostBefore(losses, seenMs)) * (1 + ppm / 1e6) + zero - ownZeroMs);
    return { browserMs: zero + wallMs, mediaMs: before };
  });
}

const lossOf = (list: readonly GraphReading[]) => lossByReadings({ list, grain: byElement }, zero);

test("each piece of lost time is found to a few milliseconds, between the two readings around it", () => {
  const losses = [
    { atMs: 4000, lostMs: 46 },
    { atMs: 21_000, lostMs: 260 },
    { atMs: 22_400, lostMs: 25 },
    { atMs: 50_000, lostMs: 1900 },
  ];
  const { bends, slips } = lossOf(readings(70, losses))!;
  expect(slips.length).toBe(4);
  for (const [index, slip] of slips.entries()) {
    const { atMs, lostMs } = losses[index]!;
    const mediaMs = atMs - lostBefore(losses.slice(0, index), atMs);
    expect(Math.abs(slip.lostMs - lostMs)).toBeLessThan(13);
    expect(slip.fromMediaMs).toBeGreaterThan(mediaMs - 330);
    expect(slip.toMediaMs).toBeLessThan(mediaMs + 330);
  }
  expect(Math.abs(afterMsOf(bends, 65_000) - 2231)).toBeLessThan(13);
});

test("readings that are late now and then are no lost time", () => {
  for (let seed = 1; seed < 40; seed += 1) {
    const { bends, slips } = lossOf(readings(60, [], { seed, staleMs: 900 }))!;
    expect(slips).toEqual([]);
    for (const { afterMs } of bends) expect(Math.abs(afterMs)).toBeLessThan(12);
  }
});

test("a sound device whose clock drifts is followed, and named as no loss", () => {
  for (const ppm of [-200, 200]) {
    const { bends, slips } = lossOf(readings(3600, [], { ppm }))!;
    expect(slips).toEqual([]);
    for (let mediaMs = 10_000; mediaMs < 3_590_000; mediaMs += 60_000)
      expect(Math.abs(afterMsOf(bends, mediaMs) + (mediaMs * ppm) / 1e6)).toBeLessThan(16);
  }
});

test("what is settled stays when more readings come", () => {
  const whole = readings(40, [
    { atMs: 9000, lostMs: 80 },
    { atMs: 30_200, lostMs: 400 },
  ]);
  const last = lossOf(whole)!;
  for (let count = 24; count < whole.length; count += 5) {
    const { bends, settledMediaMs } = lossOf(whole.slice(0, count))!;
    for (let mediaMs = 0; mediaMs <= settledMediaMs; mediaMs += 50)
      expect(Math.abs(afterMsOf(bends, mediaMs) - afterMsOf(last.bends, mediaMs))).toBeLessThan(16);
  }
});

test("a clock that ran backwards, or two readings, say nothing", () => {
  const some = readings(10, []);
  expect(lossOf(some.slice(0, 2))).toBeNull();
  expect(lossOf([...some.slice(0, 40), { browserMs: some[40]!.browserMs, mediaMs: 5 }, ...some.slice(41)])).toBeNull();
});

test("however much is lost and wherever, the recorder's time is known to 20 ms away from the losses", () => {
  const loss = fc.record({ atMs: fc.integer({ min: 500, max: 58_000 }), lostMs: fc.integer({ min: 5, max: 2500 }) });
  fc.assert(
    fc.property(fc.array(loss, { maxLength: 8 }), fc.nat(), (raw, seed) => {
      let free = 500;
      const losses = raw
        .sort((a, b) => a.atMs - b.atMs)
        .flatMap((one) => {
          if (one.atMs < free) return [];
          free = one.atMs + one.lostMs + 800;
          return [one];
        });
      const { bends } = lossOf(readings(62, losses, { seed, staleMs: 300 }))!;
      for (let wallMs = 500; wallMs < 60_000; wallMs += 100) {
        if (losses.some(({ atMs, lostMs }) => wallMs > atMs - 400 && wallMs < atMs + lostMs + 400)) continue;
        const lost = lostBefore(losses, wallMs);
        expect(Math.abs(afterMsOf(bends, wallMs - lost) - lost)).toBeLessThan(20);
      }
    }),
    { numRuns: 60 },
  );
});

/** What the graph's thread told: every 40 ms, and nothing while it stood still. */
function told(fromMs: number, toMs: number, losses: readonly Lost[]): GraphReading[] {
  const list: GraphReading[] = [];
  for (let wallMs = fromMs; wallMs < toMs; wallMs += 40) {
    if (losses.some(({ atMs, lostMs }) => wallMs > atMs && wallMs < atMs + lostMs)) continue;
    list.push({ browserMs: zero + wallMs, mediaMs: wallMs + 5000 - lostBefore(losses, wallMs) });
  }
  return list;
}

test("what was lost before the recorder began is none of its", () => {
  const list = told(-2000, 8000, [
    { atMs: -900, lostMs: 300 },
    { atMs: 5010, lostMs: 80 },
  ]);
  const { bends, slips, unsure } = lossByReadings({ list, grain: byThread }, zero)!;
  expect([slips.length, unsure.length]).toEqual([1, 1]);
  expect(afterMsOf(bends, 0)).toBeCloseTo(0, 6);
  expect(afterMsOf(bends, 4900)).toBeCloseTo(0, 6);
  expect(afterMsOf(bends, 6000)).toBeCloseTo(80, 6);
});

test("of what was lost while the recorder began it loses as much as lay behind its beginning", () => {
  const list = told(-2000, 8000, [{ atMs: -80, lostMs: 200 }]);
  const { bends } = lossByReadings({ list, grain: byThread }, zero)!;
  expect(Math.abs(afterMsOf(bends, 1000) - 120)).toBeLessThan(40);
});

test("what the graph's thread tells places a loss between two pictures, and knows of one an eighth of a second before the end", () => {
  const losses = [
    { atMs: 3010, lostMs: 90 },
    { atMs: 9300, lostMs: 120 },
  ];
  const { bends, slips } = lossByReadings({ list: told(-500, 9560, losses), grain: byThread }, zero)!;
  expect(slips.length).toBe(2);
  expect(slips[0]!.toMediaMs - slips[0]!.fromMediaMs).toBeLessThanOrEqual(45);
  expect(Math.abs(slips[0]!.fromMediaMs - 3010)).toBeLessThanOrEqual(45);
  expect(afterMsOf(bends, 9550 - 210)).toBeCloseTo(210, 6);
});

/** Iterations of 20 ms of media, each late by what `lateOf` says, the first at media time 0; and what was truly lost by each. */
function iterations(count: number, losses: readonly Lost[], lateOf: (index: number) => number) {
  const list: GraphReading[] = [];
  const lost: number[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    const mediaMs = index * 20;
    const lostMs = losses.reduce((sum, loss) => sum + (loss.atMs <= mediaMs ? loss.lostMs : 0), 0);
    lastMs = Math.max(lastMs + 1, mediaMs + lostMs + lateOf(index));
    list.push({ browserMs: zero + lastMs, mediaMs: mediaMs + 5000 });
    lost.push(lostMs);
  }
  return { list, lost };
}

const iterationLosses = fc.array(fc.record({ atMs: fc.integer({ min: 200, max: 11_000 }), lostMs: fc.integer({ min: 30, max: 900 }) }), {
  maxLength: 12,
});
const lateness = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 7, maxLength: 7 });

/** Pictures are stamped by a whole block of sound, of 20 ms here, less 5; by none of it where three parts in a hundred of the last ten seconds were lost. */
function takenEarlierMs(behindMs: readonly number[], index: number): number {
  const share = (behindMs[index]! - behindMs[Math.max(0, index - 500)]!) / 10_000;
  return 15 * Math.min(1, Math.max(0, (0.03 - share) / 0.015));
}

test("sound of an iteration is of before what was lost after it, to the iteration, and pictures follow the graph however late", () => {
  fc.assert(
    fc.property(iterationLosses, lateness, (losses, late) => {
      // Every fifth is in time, as the first is.
      const { list, lost } = iterations(800, losses, (index) => (index % 5 === 0 ? 0 : late[index % 7]!));
      const { bends, stamped, settledMediaMs } = lossByReadings({ list, grain: byThread }, zero, 5)!;
      const behind = list.map(({ browserMs, mediaMs }) => browserMs - zero - (mediaMs - 5000));
      for (const [index, { mediaMs }] of list.entries()) {
        const atMs = mediaMs - 5000;
        if (atMs > settledMediaMs - 4000) break;
        const behindMs = behind[index]!;
        expect(Math.abs(afterMsOf(stamped!, atMs) - (behindMs - takenEarlierMs(behind, index)))).toBeLessThanOrEqual(12.01);
        // The next one in time before a loss may be four iterations away: what came late there cannot be told from lost.
        const level = afterMsOf(bends, atMs);
        expect(level).toBeGreaterThanOrEqual(lost[index]! - 4.01);
        expect(level).toBeLessThanOrEqual(behindMs + 4.01);
        if (index % 5 === 0) expect(Math.abs(level - lost[index]!)).toBeLessThanOrEqual(4.01);
      }
    }),
    { numRuns: 60 },
  );
});

test("pictures that follow a graph that loses nothing were taken a block of sound before their stamps, but for what its handing over takes", () => {
  const { list } = iterations(800, [], () => 0);
  const { stamped } = lossByReadings({ list, grain: byThread }, zero, 5)!;
  for (let mediaMs = 0; mediaMs < 15_000; mediaMs += 250) expect(afterMsOf(stamped!, mediaMs)).toBeCloseTo(-15, 6);
});

test("pictures that follow a graph that loses all along were taken when their stamps say", () => {
  const losses = Array.from({ length: 80 }, (_, index) => ({ atMs: 200 * index, lostMs: 10 }));
  const { list } = iterations(800, losses, () => 0);
  const { stamped } = lossByReadings({ list, grain: byThread }, zero, 5)!;
  for (let mediaMs = 10_000; mediaMs < 15_000; mediaMs += 250)
    expect(Math.abs(afterMsOf(stamped!, mediaMs) - 10 * Math.floor(mediaMs / 200))).toBeLessThanOrEqual(12.01);
});

test("what is settled by iterations hardly moves when more of them come", () => {
  fc.assert(
    fc.property(iterationLosses, lateness, fc.integer({ min: 60, max: 700 }), (losses, late, count) => {
      const { list } = iterations(800, losses, (index) => (index % 5 === 0 ? 0 : late[index % 7]! % 10));
      const some = lossByReadings({ list: list.slice(0, count), grain: byThread }, zero)!;
      const all = lossByReadings({ list, grain: byThread }, zero)!;
      for (let mediaMs = 0; mediaMs <= some.settledMediaMs; mediaMs += 20)
        expect(Math.abs(afterMsOf(some.bends, mediaMs) - afterMsOf(all.bends, mediaMs))).toBeLessThan(1000 / 60);
    }),
    { numRuns: 60 },
  );
});
