import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

function paceOf(kilobitsPerSecond: number): Pace {
  const pace = new Pace();
  let offset = 0;
  let atMs = 0;
  for (let frame = 0; frame < 20; frame++) {
    offset += pace.bytes;
    pace.sent(offset, pace.bytes, atMs);
    atMs += (pace.bytes * 8) / kilobitsPerSecond;
    pace.acked(offset, atMs);
  }
  return pace;
}

test("frames on a link of 200 kbit/s are small enough for an ack well within ten seconds", () => {
  expect((paceOf(200).bytes * 8) / 200).toBeLessThan(5000);
});

test("frames on a fast link grow to the largest the protocol allows", () => {
  expect(paceOf(1_000_000).bytes).toBe(1024 * 1024);
});

test("an ack of an earlier socket's frame changes nothing", () => {
  const pace = new Pace();
  pace.sent(10, 10, 0);
  pace.restart();
  const before = pace.bytes;
  expect(pace.acked(10, 60_000)).toBeNull();
  expect(pace.bytes).toBe(before);
});

test("an ack tells what it covers, with all that was sent along, and how long the last frame of it took", () => {
  const pace = new Pace();
  pace.sent(600, 1200, 0);
  pace.sent(1200, 1100, 100);
  pace.sent(1800, 1000, 200);
  expect(pace.acked(1200, 250)).toEqual({ bytes: 2300, tookMs: 150 });
  expect(pace.acked(1800, 260)).toEqual({ bytes: 1000, tookMs: 60 });
  expect(pace.acked(1800, 270)).toBeNull();
});

test("frames that a call keeps small do not make the next ones larger", () => {
  const pace = new Pace();
  const before = pace.bytes;
  for (let frame = 1; frame < 50; frame++) {
    pace.sent(frame * 5000, 5000, frame * 200);
    pace.acked(frame * 5000, frame * 200 + 40);
  }
  expect(pace.bytes).toBe(before);
});

test("what broke a link is not sent again as large: 16 kB after a few breaks, whatever the link took before", () => {
  const pace = paceOf(1_000_000);
  for (let round = 0; round < 3; round++) {
    pace.sent(round, pace.bytes, 0);
    pace.restart();
  }
  expect(pace.bytes).toBe(16 * 1024);
});
