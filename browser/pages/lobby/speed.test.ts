import { expect, test } from "vitest";
import { uploadSpeed } from "./speed.ts";

/** A line that takes so many bytes a second, and a clock that only it moves. */
function line(bytesPerSecond: number) {
  let nowMs = 0;
  let total = 0;
  const send = async (body: string) => {
    total += body.length;
    nowMs += (body.length / bytesPerSecond) * 1000;
  };
  return { send, nowMs: () => nowMs, total: () => total };
}

test("the speed of a line is told in bits per second, its first bytes apart", async () => {
  const fast = line(1_000_000);
  expect(Math.round(await uploadSpeed(fast.send, fast.nowMs))).toBe(8_000_000);
});

test("a slow line is asked for three seconds and one piece more, a fast one for 0.9 MB", async () => {
  const slow = line(40_000);
  expect(Math.round(await uploadSpeed(slow.send, slow.nowMs))).toBe(320_000);
  expect(slow.total()).toBe(250_000);
  const fast = line(1e9);
  await uploadSpeed(fast.send, fast.nowMs);
  expect(fast.total()).toBe(850_000);
});

test("a line that breaks is told to whoever asked", async () => {
  await expect(
    uploadSpeed(async () => {
      throw new Error("gone");
    }),
  ).rejects.toThrow("gone");
});
