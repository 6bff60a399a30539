import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import type { Packet } from "./container.ts";
import { atMsOf, mapOf } from "./map.ts";

const call = 1_700_000_000_000;
const origin = { zeroMs: 50_000, epoch: "e", startedAtMs: call - 1000 };
/** The server's clock is the browser's minus this. */
const behindMs = call - 52_000;
const samples: ClockSample[] = [0, 1, 2].map((at) => ({
  sentMs: call + at,
  receivedMs: call + at + 1,
  serverMs: call + at + 0.5 - behindMs,
  epoch: "e",
}));
const chromium: SegmentFacts = {
  browser: "chromium",
  version: 156,
  mimeType: "video/webm;codecs=h264,opus",
  startCallMs: call,
  startEventMs: call + 60,
};
const firefox: SegmentFacts = {
  browser: "firefox",
  version: 153,
  mimeType: "video/webm;codecs=vp8,opus",
  startCallMs: call,
  startEventMs: call + 10,
};

const packet = (kind: "video" | "audio", mediaMs: number, offset: number, size: number): Packet => ({
  stream: kind === "video" ? 1 : 2,
  kind,
  mediaMs,
  offset,
  size,
  key: true,
  afterDamage: false,
  samples: kind === "audio" ? 960 : 0,
});

/** Second by second: a picture each 100 ms of media, a chunk each second, its event `lateMs(second)` after its last media time on the true clock;
 * `lostMs(second)`: what the recorder lost in that second. */
function recorded(seconds: number, zeroMs: number, lateMs: (second: number) => number, lostMs: (second: number) => number = () => 0) {
  const packets: Packet[] = [];
  const chunks: ChunkFacts[] = [];
  let lost = 0;
  for (let second = 0; second < seconds; second += 1) {
    lost += lostMs(second);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const mediaMs = second * 1000 + tenth * 100;
      packets.push(packet("audio", mediaMs + 24, packets.length * 10, 10));
      packets.push(packet("video", mediaMs, packets.length * 10, 10));
    }
    chunks.push({ sequence: second, endOffset: packets.length * 10, eventMs: zeroMs + second * 1000 + 924 + lost + lateMs(second) });
  }
  return { packets, chunks };
}

test("Chromium's media time 0 is found by its first sound", () => {
  const { packets, chunks } = recorded(5, call + 24, () => 90);
  const { map, audioShiftMs, clock, slips } = mapOf(chromium, chunks, samples, packets, origin);
  // 46 - 24 after the call, which was 2 s after Record.
  expect(atMsOf(map, 0)).toBeCloseTo(2022, 6);
  expect(atMsOf(map, 4000)).toBeCloseTo(6022, 6);
  expect(audioShiftMs).toBe(-57);
  expect(clock.offsetMs).toBeCloseTo(2022, 6);
  // 5 of the browser's start, half a round trip, and what two clocks may drift apart in the five seconds after the last ping.
  expect(clock.uncertaintyMs).toBeGreaterThan(5.5);
  expect(clock.uncertaintyMs).toBeLessThan(7);
  expect(slips).toEqual([]);
});

test("without sound, or with sound that began late, half a frame after the call is taken, and said to be less sure", () => {
  const { packets, chunks } = recorded(5, call + 17, () => 90);
  const silent = mapOf(
    chromium,
    chunks,
    samples,
    packets.filter((one) => one.kind === "video"),
    origin,
  );
  expect(atMsOf(silent.map, 0)).toBeCloseTo(2017, 6);
  expect(silent.clock.uncertaintyMs).toBeGreaterThan(15);
  const late = packets.map((one) => (one.kind === "audio" ? { ...one, mediaMs: one.mediaMs + 700 } : one));
  expect(atMsOf(mapOf(chromium, chunks, samples, late, origin).map, 0)).toBeCloseTo(2017, 6);
});

test("Firefox's media time 0 is its start event, or its call when the event never came", () => {
  const { packets, chunks } = recorded(5, call + 8, () => 25);
  expect(atMsOf(mapOf(firefox, chunks, samples, packets, origin).map, 0)).toBeCloseTo(2011, 6);
  expect(atMsOf(mapOf({ ...firefox, startEventMs: null }, chunks, samples, packets, origin).map, 0)).toBeCloseTo(2007, 6);
});

test("a browser whose clock was never compared is placed by the wall clock and says so", () => {
  const { packets, chunks } = recorded(5, call, () => 25);
  const { map, clock } = mapOf(firefox, chunks, [], packets, origin);
  expect(atMsOf(map, 0)).toBeCloseTo(1011, 6);
  expect(clock.uncertaintyMs).toBeGreaterThan(1000);
});

test("lost time is found, put back where it was lost and reported", () => {
  const noise = (second: number) => 25 + ((second * 37) % 11);
  const { packets, chunks } = recorded(60, call + 11, noise, (second) => (second === 20 ? 200 : second === 40 ? 1500 : 0));
  const { map, slips } = mapOf(firefox, chunks, samples, packets, origin);
  expect(slips.map((slip) => slip.reason)).toEqual(["slip", "slip"]);
  expect(Math.abs(slips[0]!.toMs - slips[0]!.fromMs - 200)).toBeLessThan(15);
  expect(Math.abs(slips[1]!.toMs - slips[1]!.fromMs - 1500)).toBeLessThan(15);
  expect(slips[1]!.fromMs).toBeGreaterThan(2000 + 39_000);
  expect(slips[1]!.toMs).toBeLessThan(2000 + 43_000);
  for (const [mediaMs, lost] of [
    [10_000, 0],
    [30_000, 200],
    [55_000, 1700],
  ] as const)
    expect(Math.abs(atMsOf(map, mediaMs) - (2011 + mediaMs + lost))).toBeLessThan(20);
});

test("the chunk that stop() flushes early hides no lost time", () => {
  const { packets, chunks } = recorded(
    30,
    call + 11,
    (second) => (second === 29 ? 0 : 90),
    (second) => (second === 20 ? 100 : 0),
  );
  const { slips } = mapOf(firefox, chunks, samples, packets, origin);
  expect(slips.map((slip) => slip.toMs - slip.fromMs)).toEqual([100]);
});

test("lost time that creeps is never further off than three pictures", () => {
  const { packets, chunks } = recorded(
    120,
    call + 11,
    (second) => 25 + ((second * 7) % 5),
    () => 12,
  );
  const { map } = mapOf(firefox, chunks, samples, packets, origin);
  for (let second = 5; second < 115; second += 1)
    expect(Math.abs(atMsOf(map, second * 1000) - (2011 + second * 1012 + 12))).toBeLessThan(100);
});

test("events that came late and caught up again are no lost time", () => {
  const blocked = (second: number) =>
    second === 10 ? 3000 : second === 11 ? 2010 : second === 12 ? 1020 : second === 13 ? 30 : second === 30 ? 700 : 25;
  const { packets, chunks } = recorded(60, call + 11, blocked);
  expect(mapOf(firefox, chunks, samples, packets, origin).slips).toEqual([]);
});

test("a late event at the very end is no lost time", () => {
  const { packets, chunks } = recorded(20, call + 11, (second) => (second >= 18 ? 400 : 25));
  expect(mapOf(firefox, chunks, samples, packets, origin).slips).toEqual([]);
});

test("an encoder that falls behind for a while does not move Chromium's pictures", () => {
  const { packets, chunks } = recorded(60, call + 24, (second) => (second > 20 && second < 40 ? 300 : 90));
  expect(mapOf(chromium, chunks, samples, packets, origin).slips).toEqual([]);
});

test("whatever the events say, the map goes forward only", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -500, max: 5000 }), { minLength: 1, maxLength: 60 }), fc.boolean(), (late, ours) => {
      const { packets, chunks } = recorded(late.length, call, (second) => late[second]!);
      const { map } = mapOf(ours ? firefox : chromium, chunks, samples, packets, origin);
      expect(map.length).toBeGreaterThan(0);
      for (let index = 1; index < map.length; index += 1) {
        expect(map[index]!.mediaMs).toBeGreaterThan(map[index - 1]!.mediaMs);
        expect(map[index]!.atMs).toBeGreaterThan(map[index - 1]!.atMs);
      }
      let before = Number.NEGATIVE_INFINITY;
      for (let mediaMs = -1000; mediaMs < late.length * 1000; mediaMs += 37) {
        const at = atMsOf(map, mediaMs);
        expect(at).toBeGreaterThan(before);
        before = at;
      }
    }),
  );
});

test("a recorder that took long to start says so: nobody knows when it did between the call and the event", () => {
  const { packets, chunks } = recorded(5, call + 150, () => 90);
  const { clock } = mapOf({ ...firefox, startEventMs: call + 150 }, chunks, samples, packets, origin);
  expect(clock.uncertaintyMs).toBeGreaterThan(144);
  expect(clock.doubts).toContain("start");
});

test("an event that waited for a busy page is no later than the usual start, and one that did not wait is believed", () => {
  const { packets, chunks } = recorded(5, call + 150, () => 90);
  const zero = (startSinceMs?: number) => {
    const facts = { ...firefox, startEventMs: call + 89, ...(startSinceMs === undefined ? {} : { startSinceMs }) };
    return mapOf(facts, chunks, samples, packets, origin).clock;
  };
  // It had no turn since the call: the recorder began 7 ms after it, as a rule.
  expect(zero(call).offsetMs).toBeCloseTo(2007, 6);
  expect(zero(call + 30).offsetMs).toBeCloseTo(2030, 6);
  expect(zero(call + 70).offsetMs).toBeCloseTo(2090, 6);
  expect(zero().offsetMs).toBeCloseTo(2090, 6);
  for (const sinceMs of [call, call + 30, call + 89]) expect(zero(sinceMs).uncertaintyMs).toBeGreaterThan(82);
});

test("a recorder whose event waited began no sooner than its call returned, and with the iteration of the graph that came next", () => {
  const { packets, chunks } = recorded(5, call + 150, () => 90);
  const facts = { ...firefox, startEventMs: call + 149, startSinceMs: call };
  const clock = (startedMs: number, ran: (ms: number) => boolean) => {
    const pulses = Array.from({ length: 25 }, (_, index) => -510 + index * 40)
      .filter(ran)
      .map((ms) => ({ browserMs: call + ms, mediaMs: 9000 + ms }));
    return mapOf({ ...facts, startedMs }, chunks, [...samples, { ...samples[0]!, pulses }], packets, origin).clock;
  };
  const heard = () => true;
  expect(clock(call + 1, heard).offsetMs).toBeCloseTo(2010, 6);
  expect(clock(call + 36, heard).offsetMs).toBeCloseTo(2050, 6);
  expect(clock(call + 1, (ms) => ms < 0 || ms > 60).offsetMs).toBeCloseTo(2090, 6);
  // Nothing else is possible there; where another iteration came before the event, and soon after the call, it is said that it may be that one.
  expect(clock(call + 1, (ms) => ms < 0 || ms > 60).uncertaintyMs).toBeLessThan(20);
  expect(clock(call + 1, heard).uncertaintyMs).toBeGreaterThan(40);
  // Not heard before the call, or none before the event: the page's turns are what is left.
  expect(clock(call + 1, (ms) => ms > 0).offsetMs).toBeCloseTo(2007, 6);
  expect(clock(call + 36, (ms) => ms > 0).offsetMs).toBeCloseTo(2036, 6);
  expect(clock(call + 1, (ms) => ms < 0 || ms > 160).offsetMs).toBeCloseTo(2007, 6);
});

test("a start that the browser was late to tell of is called uncertain, and a prompt one is not", () => {
  const { packets, chunks } = recorded(5, call + 24, () => 90);
  const stated = (afterCallMs: number) => mapOf({ ...chromium, startEventMs: call + afterCallMs }, chunks, samples, packets, origin).clock;
  expect(stated(55).uncertaintyMs).toBe(stated(10).uncertaintyMs);
  expect(stated(300).uncertaintyMs).toBeGreaterThan(stated(10).uncertaintyMs + 26);
  expect(stated(300).doubts).toContain("start");
});
