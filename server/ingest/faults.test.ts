// A disk that fails at its k-th call, for every k until the whole operation goes through, and one whose power is cut at any moment.
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import { failure, ModelDisk } from "../store/files.fixture.ts";
import { Device, noise, Rig, randomOf } from "./rig.fixture.ts";

const rig = await Rig.open();
const source = noise(5000, 1);

/** Makes the k-th call from now on fail, once or for ever; tells whether it came to that. */
function failAt(disk: ModelDisk, k: number, code: string, forEver: boolean) {
  const state = { calls: 0, failed: false };
  disk.fault = () => {
    state.calls += 1;
    if (state.calls !== k && !(forEver && state.calls > k)) return;
    state.failed = true;
    throw failure(code);
  };
  return state;
}

const startsWith = (bytes: Uint8Array | null, length: number) =>
  bytes !== null && bytes.length >= length && Buffer.compare(bytes.subarray(0, length), source.subarray(0, length)) === 0;

/** I1: what was acked is on this disk, in the segment's file or in one that was set aside. */
function holds(disk: ModelDisk, device: Device): boolean {
  const path = rig.path(device.segment);
  const folder = dirname(path);
  const names = disk.names(folder).filter((name) => name.startsWith(device.segment) && name.includes(".webm"));
  return device.acked === 0 || names.some((name) => startsWith(disk.bytes(`${folder}/${name}`), device.acked));
}

async function completes(disk: ModelDisk, device: Device, rounds: number): Promise<void> {
  const spool = rig.spool(disk);
  let error: unknown = null;
  for (let i = 0; i < rounds && !device.sealed; i++) error = await device.roundOrError(spool);
  expect(device.sealed, String((error as Error | null)?.stack)).toBe(true);
  await spool.close();
  expect(disk.bytes(rig.path(device.segment))?.equals(source)).toBe(true);
  expect(disk.openHandles).toBe(0);
}

for (const code of ["EIO", "ENOSPC", "EMFILE"]) {
  test(`${code} at the k-th call, once: the same server completes the segment in a later round, for every k`, async () => {
    for (let k = 1; ; k++) {
      const disk = await ModelDisk.with(rig.root);
      const device = new Device(rig, source, 1200);
      const state = failAt(disk, k, code, false);
      const spool = rig.spool(disk);
      const error = await device.roundOrError(spool);
      if (!state.failed) break;
      if (error) {
        // Names may fail with what only the log hears; the disk's words go to the person.
        expect(error, `k=${k}`).toBeInstanceOf(UserError);
        expect(holds(disk, device), `k=${k} acked=${device.acked}`).toBe(true);
      }
      for (let i = 0; i < 3 && !device.sealed; i++) await device.roundOrError(spool);
      expect(device.sealed, `k=${k}`).toBe(true);
      await spool.close();
      expect(disk.openHandles, `k=${k}`).toBe(0);
      expect(
        disk
          .cut(() => 0)
          .bytes(rig.path(device.segment))
          ?.equals(source),
        `k=${k}`,
      ).toBe(true);
    }
  });

  test(`${code} from the k-th call on, for ever: nothing acked is lost, and a restart with a sound disk completes it, for every k`, async () => {
    for (let k = 1; ; k++) {
      const disk = await ModelDisk.with(rig.root);
      const device = new Device(rig, source, 1200);
      const state = failAt(disk, k, code, true);
      const spool = rig.spool(disk);
      for (let i = 0; i < 3 && !device.sealed; i++) await device.roundOrError(spool);
      if (!state.failed) break;
      await spool.close().catch(() => undefined);
      disk.fault = () => undefined;
      const unplugged = disk.cut(() => 0);
      expect(holds(unplugged, device), `k=${k} acked=${device.acked}`).toBe(true);
      expect(holds(disk, device), `k=${k} acked=${device.acked}`).toBe(true);
      device.sealed = false;
      await completes(unplugged, device, 2);
    }
  });
}

test("after a failed sync the file is never written again: it lies aside, and the bytes go to a new one", async () => {
  const disk = await ModelDisk.with(rig.root);
  const device = new Device(rig, source, 1200);
  const path = rig.path(device.segment);
  let syncs = 0;
  disk.fault = (call, where) => {
    if (call === "datasync" && where === path && ++syncs === 3) throw failure("EIO");
  };
  const spool = rig.spool(disk);
  const error = await device.roundOrError(spool);
  expect((error as UserError).code).toBe("disk-broken");
  expect(device.acked).toBe(2400);
  // Already now, so that a server killed this moment does not believe the file when it starts again.
  expect(disk.names(dirname(path))).toEqual(
    expect.arrayContaining([`${device.segment}.webm.suspect-1`, `${device.segment}.facts.jsonl.suspect-1`]),
  );
  expect(disk.bytes(path)).toBeNull();
  const offsets: number[] = [];
  await device.round(rig.spool(disk), (offset) => offsets.push(offset));
  expect(offsets).toEqual([0]);
  expect(
    disk
      .cut(() => 0)
      .bytes(path)
      ?.equals(source),
  ).toBe(true);
});

test("no room: what was half written is undone, facts included, and the same file goes on when there is room", async () => {
  const disk = await ModelDisk.with(rig.root);
  const device = new Device(rig, source, 1200);
  const path = rig.path(device.segment);
  let full = false;
  disk.fault = (call, where) => {
    if (call === "write" && full && where.endsWith(".jsonl")) throw failure("ENOSPC");
  };
  const spool = rig.spool(disk);
  const { row } = await spool.open(rig.track, device.segment, {
    browser: "other",
    version: 1,
    mimeType: "video/webm",
    startCallMs: 0,
    startEventMs: 0,
  });
  const file = await spool.file(rig.track, row);
  const frame = (at: number, sequence: number) => {
    const bytes = source.subarray(at, at + 1000);
    return { handle: 0, sequence, offset: at, endOffset: at + 1000, eventMs: at, bytes };
  };
  expect(await file.append(frame(0, 0))).toBe(1000);
  full = true;
  await expect(file.append(frame(1000, 1))).rejects.toThrow("disk is full");
  expect(disk.bytes(path)?.length).toBe(1000);
  full = false;
  expect(await file.append(frame(1000, 1))).toBe(2000);
  const lines = String(disk.bytes(path.replace(".webm", ".facts.jsonl")))
    .trim()
    .split("\n");
  expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(["segment", "chunk", "mark", "chunk", "mark"]);
  await spool.close();
});

/** Sends until the power is cut at one of the next calls; afterwards the device knows what it was promised before that moment. */
async function liveUntilCut(disk: ModelDisk, device: Device, random: () => number, zeros: boolean): Promise<ModelDisk> {
  const moment = Math.floor(random() * 45);
  let calls = 0;
  let left: ModelDisk | null = null;
  let [acked, offered] = [device.acked, 0];
  disk.fault = () => {
    if (left === null && ++calls < moment) {
      acked = device.acked;
      return;
    }
    left ??= disk.cut(random, zeros);
    throw failure("EIO");
  };
  await device.roundOrError(rig.spool(disk), (offset) => {
    if (left === null) offered = offset;
  });
  if (left === null) acked = device.acked;
  device.acked = acked;
  const after: ModelDisk = left ?? disk.cut(random, zeros);
  expect(offered === 0 || startsWith(after.bytes(rig.path(device.segment)), offered)).toBe(true);
  return after;
}

test("200 power cuts at random moments lose no acked byte, and the device completes the segment afterwards", async () => {
  let [acked, cuts] = [0, 0];
  for (let seed = 1; cuts < 200; seed++) {
    const random = randomOf(seed);
    const device = new Device(rig, source, 200 + Math.floor(random() * 900));
    let disk = await ModelDisk.with(rig.root);
    for (let life = 0; life < 3 && !device.sealed; life++, cuts++) {
      disk = await liveUntilCut(disk, device, random, seed % 2 === 0);
      expect(holds(disk, device), `seed=${seed} life=${life} acked=${device.acked}`).toBe(true);
      acked += device.acked;
    }
    if (!device.sealed) await completes(disk, device, 2);
  }
  expect(acked).toBeGreaterThan(100_000);
});
