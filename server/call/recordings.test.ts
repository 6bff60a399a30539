import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { Catalog, makeId } from "../store/catalog.ts";
import { Recordings } from "./recordings.ts";

const facts = { browser: "chromium" as const, version: 156, mimeType: "video/webm", startCallMs: 0, startEventMs: 1 };
const hash = "0".repeat(64);

async function stage(graceMs: number) {
  const catalog = await Catalog.open(join(mkdtempSync(join(tmpdir(), "doubletake-recordings-")), "catalog.sqlite"));
  const room = await catalog.addRoom("Practice");
  const asha = makeId("par");
  await catalog.saveParticipant({ id: asha, roomId: room.id, name: "Asha", role: "host", consentedAt: 1 });
  const world = { present: true, uploading: true, quietMs: 0, stopped: [] as string[], paused: [] as string[] };
  const recordings = new Recordings({
    catalog,
    log: pino({ level: "silent" }),
    graceMs,
    present: () => world.present,
    occupied: () => world.present,
    uploading: () => world.uploading,
    quietMs: () => world.quietMs,
    reachMs: () => 1234,
    onStarted: () => undefined,
    onStopped: (recording) => void world.stopped.push(recording.id),
    onPaused: (recording) => void world.paused.push(recording.id),
    onAdvance: () => undefined,
  });
  return { catalog, room, asha, world, recordings };
}

test("one recording per room at a time; the first Stop counts", async () => {
  const { recordings, room } = await stage(0);
  const recording = await recordings.start(room.id);
  await expect(recordings.start(room.id)).rejects.toThrow("already");
  const first = await recordings.stop(recording.id, 5000);
  expect((await recordings.stop(recording.id, 9000)).durationMs).toBe(first.durationMs);
});

test("a pause lasts from Pause to Resume, each told once, and a recording that is stopped in one ends where it began", async () => {
  const { recordings, room, world, catalog } = await stage(0);
  const { id } = await recordings.start(room.id);
  await recordings.pause(id);
  await recordings.pause(id);
  const fromMs = await recordings.pausedMs(id);
  expect(fromMs).not.toBeNull();
  await recordings.resume(id);
  await recordings.resume(id);
  expect(await recordings.pausedMs(id)).toBeNull();
  expect(world.paused).toEqual([id, id]);
  await recordings.pause(id);
  const again = await recordings.pausedMs(id);
  const stopped = await recordings.stop(id);
  expect(stopped.durationMs).toBe(again);
  expect((await catalog.pauses(id)).every(({ toMs }) => toMs !== null)).toBe(true);
  await recordings.pause(id);
  expect(await recordings.pausedMs(id)).toBeNull();
});

test("how long all pauses that are over were is told together, without the one that goes on", async () => {
  const { recordings, room, catalog } = await stage(0);
  const { id } = await recordings.start(room.id);
  expect(await recordings.pausesMs(id)).toBe(0);
  for (const [fromMs, toMs] of [
    [1000, 61_000],
    [70_000, 75_000],
  ] as const) {
    await catalog.pause(id, fromMs);
    await catalog.resume(id, toMs);
  }
  await catalog.pause(id, 90_000);
  expect(await recordings.pausesMs(id)).toBe(65_000);
});

test("one person and source is one track however often it is asked for, and none after Stop", async () => {
  const { recordings, room, asha } = await stage(0);
  const recording = await recordings.start(room.id);
  const track = await recordings.ticket(recording.id, asha, "camera");
  expect((await recordings.ticket(recording.id, asha, "camera")).id).toBe(track.id);
  expect((await recordings.ticket(recording.id, asha, "screen")).id).not.toBe(track.id);
  await recordings.stop(recording.id);
  await expect(recordings.ticket(recording.id, asha, "camera")).rejects.toThrow("over");
});

test("a recording that everybody vanished from stops where the media ends", async () => {
  const { recordings, room, world, catalog } = await stage(-1);
  const recording = await recordings.start(room.id);
  await recordings.sweep();
  expect((await catalog.recording(recording.id))?.durationMs).toBeNull();
  world.present = false;
  await recordings.sweep();
  expect((await catalog.recording(recording.id))?.durationMs).toBe(1234);
  expect(world.stopped).toEqual([recording.id]);
});

test("a track with a socket is waited for; without one it is given up on after the grace", async () => {
  const { recordings, room, asha, world, catalog } = await stage(-1);
  const recording = await recordings.start(room.id);
  const track = await recordings.ticket(recording.id, asha, "camera");
  await recordings.stop(recording.id);
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(0);
  world.uploading = false;
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(1);
});

test("a track that ended with an unfinished segment of another device is not closed until that is given up on", async () => {
  const { recordings, room, asha, world, catalog } = await stage(-1);
  const recording = await recordings.start(room.id);
  const track = await recordings.ticket(recording.id, asha, "camera");
  const left = await catalog.addSegment(makeId("seg"), track.id, facts);
  await catalog.markTrack(track.id, { ended: 1 });
  await recordings.stop(recording.id);
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(0);
  world.uploading = false;
  await catalog.sealSegment(left.id, hash);
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(0);
});

test("after Stop a socket that carries nothing is not waited for without end", async () => {
  const { recordings, room, asha, world, catalog } = await stage(-1);
  const recording = await recordings.start(room.id);
  const track = await recordings.ticket(recording.id, asha, "camera");
  world.quietMs = Number.POSITIVE_INFINITY;
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(0);
  await recordings.stop(recording.id);
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(1);
});

test("bytes that arrive without a socket keep a track open for the grace", async () => {
  const { recordings, room, asha, world, catalog } = await stage(1000);
  const recording = await recordings.start(room.id);
  const track = await recordings.ticket(recording.id, asha, "camera");
  await recordings.stop(recording.id);
  world.uploading = false;
  world.present = false;
  world.quietMs = 500;
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(0);
});

test("a recording that cannot be looked at is logged and holds up none behind it", async () => {
  const { recordings, room, asha, world, catalog } = await stage(-1);
  const broken = await recordings.start(room.id);
  const other = await catalog.addRoom("Other");
  const sound = await recordings.start(other.id);
  const track = await recordings.ticket(sound.id, asha, "camera");
  await recordings.stop(sound.id);
  world.uploading = false;
  const tracks = catalog.tracks.bind(catalog);
  vi.spyOn(catalog, "tracks").mockImplementation((id) => (id === broken.id ? Promise.reject(new Error("disk I/O error")) : tracks(id)));
  await recordings.sweep();
  expect((await catalog.track(track.id))?.lost).toBe(1);
});
