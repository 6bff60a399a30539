// What an earlier process left is read back while people come and go: nobody waits for what is not theirs.
import { expect, test } from "vitest";
import type { TrackRow } from "../store/catalog.ts";
import { makeId } from "../store/catalog.ts";
import { failure, ModelDisk } from "../store/files.fixture.ts";
import { facts, noise, Rig } from "./rig.fixture.ts";
import type { Spool } from "./spool.ts";

const source = noise(4000, 11);

const frame = (from: number, to: number) => ({
  handle: 0,
  sequence: from,
  offset: from,
  endOffset: to,
  eventMs: from,
  bytes: source.subarray(from, to),
});

async function append(spool: Spool, track: TrackRow, segment: string, from: number, to: number): Promise<number> {
  const { row, offset } = await spool.open(track, segment, facts);
  expect(offset).toBe(from);
  return await (await spool.file(track, row)).append(frame(from, to));
}

/** So many unsealed segments of 1000 bytes, as a process leaves them that was killed; and a disk whose reads of them hang until `release`. */
async function left(count: number) {
  const rig = await Rig.open();
  const disk = await ModelDisk.with(rig.root);
  const segments = Array.from({ length: count }, () => makeId("seg"));
  const before = rig.spool(disk);
  for (const segment of segments) await append(before, rig.track, segment, 0, 1000);
  await before.close();
  let release: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reading = new Set<string>();
  disk.fault = (call, path) => {
    const segment = segments.find((id) => path.includes(id));
    if (call !== "read" || !segment) return;
    reading.add(segment);
    return hanging;
  };
  return { rig, disk, segments, release, reading };
}

const turns = async (count = 50) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("while segments are read back, a few at a time, others are sent and acked; whoever sends one of them waits for that one", async () => {
  const { rig, disk, segments, release, reading } = await left(9);
  const troubles: unknown[] = [];
  const spool = rig.spool(disk, { onTrouble: (_, error) => troubles.push(error) });
  spool.recover([rig.track.recordingId]);
  let whole: boolean | null = null;
  const recovered = spool.recovered(rig.track.recordingId).then((answer) => {
    whole = answer;
  });
  await turns();
  expect(reading.size).toBe(4);
  const other = await Rig.track(rig.catalog);
  expect(await append(spool, other, makeId("seg"), 0, 1000)).toBe(1000);
  expect(await spool.recovered(other.recordingId)).toBe(true);
  // The last of them is not its turn's: it is read at once for whoever asks.
  const asked = append(spool, rig.track, segments[8]!, 1000, 2000);
  await turns();
  expect(reading.has(segments[8]!)).toBe(true);
  expect(whole).toBeNull();
  release();
  expect(await asked).toBe(2000);
  await recovered;
  expect(whole).toBe(true);
  for (const segment of segments.slice(0, 8)) expect(await append(spool, rig.track, segment, 1000, 2000)).toBe(2000);
  expect(troubles).toEqual([]);
  await spool.close();
  expect(disk.openHandles).toBe(0);
});

test("one recording that cannot be read back is told of and holds up none of the others", async () => {
  const { rig, disk, segments, release } = await left(2);
  release();
  disk.fault = (call, path) => {
    if (call === "read" && path.includes(segments[0]!)) throw failure("EIO");
  };
  const troubles: string[] = [];
  const spool = rig.spool(disk, { onTrouble: (id) => troubles.push(id) });
  const other = await Rig.track(rig.catalog);
  spool.recover([rig.track.recordingId, other.recordingId]);
  expect(await spool.recovered(other.recordingId)).toBe(true);
  expect(await spool.recovered(rig.track.recordingId)).toBe(true);
  expect(troubles).toEqual([segments[0]]);
  await spool.close();
});

test("a recording that is deleted, and a server that stops, leave the rest unread and say so", async () => {
  for (const end of ["forget", "rest"] as const) {
    const { rig, disk, release, reading } = await left(9);
    const spool = rig.spool(disk);
    spool.recover([rig.track.recordingId]);
    const whole = spool.recovered(rig.track.recordingId);
    await turns();
    const ended = end === "forget" ? spool.forget(rig.track.recordingId) : spool.rest();
    release();
    await ended;
    expect(await whole).toBe(false);
    expect(reading.size).toBe(4);
    await spool.close();
    expect(disk.openHandles).toBe(0);
  }
});
