// Where pictures begin to follow the sound, found in what lies between them. The hop of each file made up here is known.
import fc from "fast-check";
import { expect, test } from "vitest";
import { followingPictures, pictureBends } from "./follow.ts";
import { Packets } from "./packets.ts";
import { afterMsOf } from "./slip.ts";

const followSound = { afterMs: 10_000, shiftMs: 0, encodedMs: 0, leadMs: 47, withinMs: 70, handedMs: 0, uncertaintyMs: 4 };
const lost = (lostMs: number) => [
  { mediaMs: 3000, afterMs: 0 },
  { mediaMs: 3000 + lostMs / 2, afterMs: lostMs },
];

interface World {
  lostMs: number;
  /** The first picture that follows lies so long before ten seconds and what was lost. */
  leadMs: number;
  /** What lies between pictures before they follow, in turns; what is between the first two that do; and between those after. */
  before: number[];
  closeMs: number;
  after: number[];
}

/** Pictures by their media times, and for each how much time was lost before it. */
function filed({ lostMs, leadMs, before, closeMs, after }: World): { mediaMs: number; afterMs: number }[] {
  const firstMs = 10_000 + lostMs - leadMs;
  const pictures = [{ mediaMs: firstMs, afterMs: lostMs - (33 - closeMs) }];
  for (let mediaMs = firstMs - 33, index = 0; mediaMs > 0; mediaMs -= before[index++ % before.length]!)
    pictures.unshift({ mediaMs, afterMs: 0 });
  for (let mediaMs = firstMs + closeMs, index = 0; mediaMs < 14_000; mediaMs += after[index++ % after.length]!)
    pictures.push({ mediaMs, afterMs: lostMs });
  return pictures;
}

const offOf = (world: World) => {
  const pictures = filed(world);
  const bends = pictureBends(
    lost(world.lostMs),
    pictures.map(({ mediaMs }) => mediaMs),
    followSound,
  );
  return pictures.map(({ mediaMs, afterMs }) => Math.abs(afterMsOf(bends, mediaMs) - afterMs));
};

test("a camera that is even hops between the two pictures where its file shows it", () => {
  for (const leadMs of [0, 20, 47, 80, 110])
    for (const closeMs of [2, 9, 17, 28])
      expect(Math.max(...offOf({ lostMs: 480, leadMs, before: [33], closeMs, after: [33] }))).toBeLessThan(2);
});

test("pictures that stand close together now and then are no hop", () => {
  const off = offOf({ lostMs: 350, leadMs: 40, before: [33, 33, 50, 17, 33, 33, 67, 33, 50], closeMs: 8, after: [31, 48, 16, 35] });
  expect(Math.max(...off)).toBeLessThan(2);
});

test("where nothing shows it the hop is where it is as a rule", () => {
  const pictures = Array.from({ length: 300 }, (_, index) => index * 40);
  const bends = pictureBends(lost(500), pictures, followSound);
  expect(afterMsOf(bends, 10_400)).toBe(0);
  expect(afterMsOf(bends, 10_500)).toBe(500);
});

test("where nothing was lost pictures stay where they are, but for what they follow by", () => {
  const bends = pictureBends(
    [],
    Array.from({ length: 500 }, (_, index) => index * 33 + (index % 7)),
    { ...followSound, shiftMs: -8 },
  );
  expect(afterMsOf(bends, 9900)).toBe(0);
  expect(afterMsOf(bends, 10_100)).toBe(-8);
});

/** Pictures every 33 ms or as told, the first that follows taken there and stamped so much later from then on. */
function leaping(aheadMs: number, firstTakenMs: number, between: number[] = [33]) {
  const pictures: { mediaMs: number; afterMs: number }[] = [];
  for (let takenMs = 0, index = 0; takenMs < 14_000; takenMs += between[index++ % between.length]!)
    pictures.push(takenMs < firstTakenMs ? { mediaMs: takenMs, afterMs: 0 } : { mediaMs: takenMs + aheadMs, afterMs: -aheadMs });
  return pictures;
}

test("where the recorder's clock is ahead pictures leap, between the two where the file shows it", () => {
  for (const aheadMs of [8, 17, 45, 60])
    for (const leadMs of [0, 20, 40]) {
      const pictures = leaping(aheadMs, 10_000 - aheadMs - leadMs);
      const times = pictures.map(({ mediaMs }) => mediaMs);
      const bends = pictureBends([{ mediaMs: 0, afterMs: -aheadMs }], times, followSound);
      for (const { mediaMs, afterMs } of pictures) expect(afterMsOf(bends, mediaMs)).toBeCloseTo(afterMs, 6);
    }
});

test("where no gap tells of it the pictures before the leap are placed too early by no more than it, and none is placed before another", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 60 }),
      fc.array(fc.integer({ min: 16, max: 30 }), { minLength: 1, maxLength: 7 }),
      (aheadMs, between) => {
        const pictures = leaping(aheadMs, 9950, between);
        const bends = pictureBends(
          [{ mediaMs: 0, afterMs: -aheadMs }],
          pictures.map(({ mediaMs }) => mediaMs),
          followSound,
        );
        let lastMs = Number.NEGATIVE_INFINITY;
        for (const { mediaMs, afterMs } of pictures) {
          const placedMs = afterMsOf(bends, mediaMs);
          expect(Math.abs(placedMs - afterMs)).toBeLessThanOrEqual(aheadMs);
          expect(mediaMs + placedMs).toBeGreaterThan(lastMs);
          lastMs = mediaMs + placedMs;
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("pictures are encoded a while after they were taken: the clock stood still from so much earlier a stamp on, and nothing else is moved", () => {
  // 500 ms are lost by 12 s of media, 300 more there at once; a picture is stamped by the share of the time that had become sound when it is encoded.
  const [lostBefore, standsAt, lostThere, encodedMs] = [500, 12_000, 300, 35];
  const sound = [
    ...lost(lostBefore),
    { mediaMs: standsAt - 1, afterMs: lostBefore },
    { mediaMs: standsAt, afterMs: lostBefore + lostThere },
  ];
  const bends = pictureBends(sound, [], { ...followSound, encodedMs });
  const clockMs = (atMs: number) => Math.max(Math.min(atMs - lostBefore, standsAt), atMs - lostBefore - lostThere);
  for (let takenMs = 11_000; takenMs < 14_000; takenMs += 33) {
    const encodedAtMs = takenMs + encodedMs;
    const standing = encodedAtMs >= standsAt + lostBefore && encodedAtMs <= standsAt + lostBefore + lostThere;
    const mediaMs = (takenMs * clockMs(encodedAtMs)) / encodedAtMs;
    const offMs = Math.abs(mediaMs + afterMsOf(bends, mediaMs) - takenMs);
    expect(offMs).toBeLessThan(standing ? lostThere + 1 : 1.5);
  }
  const stoodMs = bends.find(({ mediaMs, afterMs }) => mediaMs > 11_000 && afterMs > lostBefore + lostThere / 2)!.mediaMs;
  expect(stoodMs).toBeCloseTo(standsAt - encodedMs * (standsAt / (standsAt + lostBefore + lostThere)), 6);
});

test("whatever the pictures are, bends only go forward, and what follows has lost what the sound has", () => {
  const lostMs = fc.integer({ min: 0, max: 5000 });
  const between = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(lostMs, between, (all, gaps) => {
      const pictures: number[] = [];
      for (let mediaMs = 0, index = 0; mediaMs < 17_000; mediaMs += gaps[index++ % gaps.length]!) pictures.push(mediaMs);
      const bends = pictureBends(lost(all), pictures, followSound);
      for (const [index, bend] of bends.entries()) if (index > 0) expect(bend.mediaMs).toBeGreaterThan(bends[index - 1]!.mediaMs);
      expect(afterMsOf(bends, 9800)).toBe(0);
      expect(afterMsOf(bends, 16_900)).toBe(all);
    }),
    { numRuns: 200 },
  );
});

test("pictures are read once, however often the list has grown", () => {
  const packets = new Packets();
  let reads = 0;
  const counted = {
    get length() {
      return packets.length;
    },
    at: (index: number) => {
      reads += 1;
      return packets.at(index);
    },
    [Symbol.iterator]: () => packets[Symbol.iterator](),
  };
  let times: readonly number[] = [];
  for (let index = 0; index < 900; index += 1) {
    const kind = index % 2 === 0 ? "video" : "audio";
    packets.push({ stream: index % 2, kind, mediaMs: index * 20, offset: index, size: 1, key: true, afterDamage: false, samples: 0 });
    if (index % 50 === 49) times = followingPictures(counted, followSound);
  }
  expect(times[0]).toBeGreaterThan(7000);
  expect(times.at(-1)).toBeLessThanOrEqual(16_000);
  expect(times).toEqual(
    [...packets].filter(({ kind, mediaMs }) => kind === "video" && mediaMs >= times[0]! && mediaMs <= 16_000).map(({ mediaMs }) => mediaMs),
  );
  expect(reads).toBeLessThan(900);
});

test("of a file with a thousand pictures in every second a bounded part is kept", () => {
  const packets = new Packets();
  for (let mediaMs = 9000; mediaMs < 12_000; mediaMs += 1)
    packets.push({ stream: 1, kind: "video", mediaMs, offset: mediaMs, size: 1, key: true, afterDamage: false, samples: 0 });
  expect(followingPictures(packets, followSound).length).toBe(1000);
});
