import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

function paceOf(kilobitsPerSecond: number): Pace {
  const pace = new Pace();
  let offset = 0;
  let atMs = 0;
  for (let frame = 0; frame < 20; frame++) {
    offset += pace.bytes;
    pace.sent(offset, atMs);
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
  const before = pace.bytes;
  pace.sent(10, 0);
  pace.restart();
  pace.acked(10, 60_000);
  expect(pace.bytes).toBe(before);
});
