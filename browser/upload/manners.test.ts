import { expect, test } from "vitest";
import { Manners, type Way } from "./manners.ts";

const way = (change: Partial<Way> = {}, name = "ben"): Map<string, Way> =>
  new Map([[name, { roundTripMs: 40, loss: 0, limited: false, sendBps: 400_000, availableBps: null, askedBps: 2e6, ...change }]]);
const narrow = 125_000;

/** An upload that makes use of what it may, or of no more than `wants`, and is looked at once a second. */
class Upload {
  rate: number | null = null;
  through = 0;
  uplink: number | null = narrow;
  wants = Number.POSITIVE_INFINITY;
  #second = 0;

  constructor(readonly manners = new Manners()) {}

  /** The last answer. */
  look(ways: Map<string, Way>, count = 1): number | null {
    for (let look = 0; look < count; look++) {
      this.through += Math.min(this.rate ?? 0, this.wants);
      this.rate = this.manners.look(ways, this, this.#second++ * 1000);
    }
    return this.rate;
  }
}

test("without a call, and in a call that does not leave the house, it goes as fast as it can", () => {
  const upload = new Upload();
  expect(upload.look(new Map())).toBeNull();
  expect(upload.look(way({ roundTripMs: 1.2, limited: true }))).toBeNull();
  expect(upload.look(way({ roundTripMs: 80, limited: true }), 5)).toBeNull();
});

test("in a quiet call it takes more and more", () => {
  const upload = new Upload();
  const first = upload.look(way()) ?? 0;
  expect(upload.look(way(), 30)).toBeGreaterThan(first * 20);
});

test("what it makes no use of it is not given more of: a recording that begins late in a call does not begin with a flood", () => {
  const upload = new Upload();
  upload.wants = 0;
  expect(upload.look(way(), 600)).toBe(32_000);
  upload.wants = 100_000;
  expect(upload.look(way(), 60)).toBe(200_000);
});

test("nor does what was harmless once begin with a flood, when nothing was sent since", () => {
  const upload = new Upload();
  // Whatever is sent it is the same: so much is found to be harmless.
  const felt = way({ roundTripMs: 200 });
  upload.look(way(), 1);
  expect(upload.look(felt, 150)).toBeGreaterThan(100_000);
  upload.wants = 0;
  expect(upload.look(felt, 5)).toBe(32_000);
});

test.each([
  ["pictures are made smaller", way({ limited: true })],
  ["packets are lost", way({ loss: 0.06 })],
  ["voices wait", way({ roundTripMs: 120 })],
])("when %s it gives way within seconds, down to a trickle and never to nothing", (_, felt) => {
  const upload = new Upload();
  const before = upload.look(way(), 11) ?? 0;
  expect(upload.look(felt)).toBe(before / 2);
  expect(upload.look(felt, 9)).toBe(4000);
});

test("when the call shrinks, and no queue is seen, it gives way within seconds", () => {
  const upload = new Upload();
  const before = upload.look(way(), 11) ?? 0;
  const crowded = way({ sendBps: 200_000 });
  expect(upload.look(crowded, 5)).toBeLessThan(before);
  expect(upload.look(crowded, 8)).toBe(4000);
});

test("as soon as the browser believes less of the way it gives way, and takes nothing of what the call leaves until that has found its bits again", () => {
  const upload = new Upload();
  const wide = way({ availableBps: 1_200_000 });
  const before = upload.look(wide, 11) ?? 0;
  const given = upload.look(way({ availableBps: 600_000 })) ?? 0;
  expect(given).toBe(before / 2);
  // Beside the trickle first, then a little more, but no more than is tried.
  const recovering = upload.look(way({ availableBps: 950_000 }), 9) ?? 0;
  expect(recovering).toBe(given);
  expect(upload.look(wide, 5)).toBeGreaterThan(given);
});

test("a call that has all it asks for is not crowded out, however much more was believed of its way at first", () => {
  const idle = { sendBps: 150_000, askedBps: 140_000 };
  const upload = new Upload();
  const before = upload.look(way({ ...idle, availableBps: 1_700_000 }), 11) ?? 0;
  expect(upload.look(way({ ...idle, availableBps: 320_000 }), 20)).toBeGreaterThan(before * 5);
});

test("a fall that leaves the call nearly all it asks for is a queue all the same: what went out then is too much for two minutes", () => {
  const asks = { sendBps: 500_000, askedBps: 460_000 };
  const upload = new Upload();
  const before = upload.look(way({ ...asks, availableBps: 1_000_000 }), 11) ?? 0;
  expect(upload.look(way({ ...asks, availableBps: 480_000 }))).toBe(before / 2);
  expect(upload.look(way({ ...asks, availableBps: 1_000_000 }), 100)).toBeCloseTo(before * 0.7);
});

test("while the call finds its bits again after a fall the upload, halved once, neither gives way further nor grows", () => {
  const idle = { sendBps: 150_000, askedBps: 140_000 };
  const upload = new Upload();
  const before = upload.look(way({ ...idle, availableBps: 320_000 }), 11) ?? 0;
  const given = [125_000, 132_000, 140_000, 149_000, 159_000].map((availableBps) => upload.look(way({ ...idle, availableBps })));
  expect(given).toEqual([before / 2, before / 2, before / 2, before / 2, before / 2]);
  // It falls on: what was given up was not enough.
  expect(upload.look(way({ ...idle, availableBps: 120_000 }))).toBe(before / 4);
});

test("what was believed to be left beside all that the call asks for is not given up for a queue, which may be the machine's, but for losses and small pictures", () => {
  const ample = { sendBps: 150_000, askedBps: 160_000, availableBps: 720_000 };
  // 200 kbit/s with its voice, 240 would be ample: 480 are left, and a quarter of that is 15 kB/s.
  const beside = (change: Partial<Way>) => {
    const upload = new Upload();
    upload.look(way(ample), 60);
    return upload.look(way({ ...ample, ...change }), 12);
  };
  expect(beside({ roundTripMs: 300 })).toBe(15_000);
  expect(beside({ availableBps: 100_000 })).toBe(15_000);
  expect(beside({ limited: true, availableBps: 100_000 })).toBe(4000);
  expect(beside({ loss: 0.06, availableBps: 100_000 })).toBe(4000);
});

test("it does not stay at the trickle because it is at the trickle, however little of the way the call leaves", () => {
  const upload = new Upload();
  const full = { sendBps: 380_000, askedBps: 560_000 };
  // 720 would be ample, so 280 are left, a quarter of which is 8.75 kB/s; then the call is late, and little is left beside it.
  upload.look(way({ ...full, availableBps: 1_000_000 }), 3);
  upload.wants = 2000;
  expect(upload.look(way({ ...full, availableBps: 400_000 }), 10)).toBe(8750);
});

test("what the call was given on another way is not held against this one, which gives less and is only longer", () => {
  const upload = new Upload();
  const before = upload.look(way({ availableBps: 1_600_000, sendBps: 160_000 }), 60) ?? 0;
  const moved = way({ availableBps: 400_000, sendBps: 160_000, roundTripMs: 120 }, "ben, elsewhere");
  expect(upload.look(moved, 5)).toBeGreaterThanOrEqual(before);
  // The very same on the same way is a crowd.
  const stayed = new Upload();
  stayed.look(way({ availableBps: 1_600_000, sendBps: 160_000 }), 60);
  expect(stayed.look(way({ availableBps: 400_000, sendBps: 160_000, roundTripMs: 120 }), 5)).toBeLessThan(before / 4);
});

test("it begins with a quarter of what the browser believes to be left, and with no more than where nothing is known", () => {
  const idle = (availableBps: number | null) => {
    const upload = new Upload();
    upload.wants = 0;
    return upload.look(way({ availableBps }), 30);
  };
  expect(idle(880_000)).toBe(15_000);
  expect(idle(4_000_000)).toBe(32_000);
  expect(idle(400_000)).toBe(4000);
  expect(idle(null)).toBe(32_000);
});

test("it comes back after a rest, stays below where it had to give way for two minutes, and grows slowly there", () => {
  const upload = new Upload();
  const limit = upload.look(way(), 11) ?? 0;
  const given = upload.look(way({ limited: true })) ?? 0;
  expect(upload.look(way(), 3)).toBe(given);
  expect(upload.look(way(), 3)).toBeCloseTo(limit * 0.7);
  expect(upload.look(way(), 110)).toBeCloseTo(limit * 0.7);
  const later = upload.look(way(), 5) ?? 0;
  expect(later).toBeGreaterThan(limit * 0.7);
  expect(later).toBeLessThan(limit * 0.85);
});

test("whoever has to give way again while it holds back stays below that, too", () => {
  const upload = new Upload();
  const limit = upload.look(way(), 11) ?? 0;
  upload.look(way({ limited: true }));
  expect(upload.look(way(), 20)).toBeCloseTo(limit * 0.7);
  upload.look(way({ limited: true }));
  expect(upload.look(way(), 20)).toBeCloseTo(limit * 0.49);
});

test("of a wide uplink no more than half is given up, whatever the call says", () => {
  const upload = new Upload();
  upload.uplink = 1_000_000;
  expect(upload.look(way({ limited: true }), 30)).toBe(500_000);
});

test("a queue that stands for minutes is not taken for the way; one that became longer for good is believed after four", () => {
  const upload = new Upload();
  upload.look(way(), 5);
  // A longer one beside more than a trickle: so it is not the machine.
  const felt = () => way({ roundTripMs: (upload.rate ?? 0) > 4000 ? 300 : 200 });
  for (let look = 0; look < 170; look++) upload.look(felt());
  expect(upload.rate).toBeLessThanOrEqual(8000);
  expect(upload.look(way({ roundTripMs: 200 }), 130)).toBeGreaterThan(100_000);
});
