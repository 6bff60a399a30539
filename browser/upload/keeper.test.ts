import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeper } from "./keeper.ts";
import type { Report } from "./orders.ts";
import { Track } from "./outbox.ts";
import { about, DeviceShelf, first, recorded, second, trackId } from "./server.fixture.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const megabyte = 1024 * 1024;

async function unsent(shelf: DeviceShelf) {
  const told: Report[] = [];
  new Keeper({ shelf: Promise.resolve(shelf), origin: "http://here", tell: (report) => told.push(report) }).take({
    type: "unsent",
    ask: 1,
  });
  await vi.waitFor(() => expect(told).toHaveLength(1));
  return told[0]?.type === "unsent" ? told[0].tracks.map(({ track, bytesKept, bytesSafe }) => ({ track, bytesKept, bytesSafe })) : null;
}

test("of what a crash left behind it is known how much the server already had", async () => {
  const shelf = new DeviceShelf();
  const track = await Track.open(shelf, about);
  const { segment } = await recorded(first, [3 * megabyte, 2 * megabyte], track);
  await recorded(second, [megabyte], track);
  segment.acked = { offset: 4 * megabyte, samplesMs: 7 };
  track.flush();
  segment.acked = { offset: 4 * megabyte + 1, samplesMs: 8 };
  track.flush();
  expect(await unsent(shelf)).toEqual([{ track: trackId, bytesKept: 6 * megabyte, bytesSafe: 4 * megabyte }]);
  const again = await Track.begin(shelf, about);
  expect(again.segments.map(({ acked }) => acked)).toEqual([
    { offset: 4 * megabyte, samplesMs: 7 },
    { offset: 0, samplesMs: 0 },
  ]);
});

test("of what lies there without a word about it nothing is taken for safe", async () => {
  const shelf = new DeviceShelf();
  const { track } = await recorded(first, [megabyte], await Track.open(shelf, about));
  (await shelf.open(trackId, "acked.json")).write(new TextEncoder().encode('{"seg_'), 0);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  track.flush();
  expect(await unsent(shelf)).toEqual([{ track: trackId, bytesKept: megabyte, bytesSafe: 0 }]);
});
