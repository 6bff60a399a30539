// A device that lost the end of what it had sent: it proves how the segment begins, and what the server acked is sealed.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../../protocol/errors.ts";
import { Door } from "./door.fixture.ts";
import { Device, facts, ModelDisk, noise, Rig, sha256 } from "./rig.fixture.ts";
import type { Spool } from "./spool.ts";

const rig = await Rig.open();
const source = noise(5000, 24);

async function held(spool: Spool, bytes: number) {
  const { segment } = new Device(rig, source, 1);
  const { row } = await spool.open(rig.track, segment, facts);
  const file = await spool.file(rig.track, row);
  if (bytes > 0) await file.append({ handle: 0, sequence: 0, offset: 0, endOffset: bytes, eventMs: 0, bytes: source.subarray(0, bytes) });
  return row;
}

const announced = (bytes: Uint8Array) => ({ bytes: bytes.length, sha256: sha256(bytes) });

test("whatever a torn device still has, every byte that was acked is sealed, and none besides", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(source.length), fc.nat(source.length), fc.nat(source.length), async (one, other, again) => {
      const [kept, acked] = [Math.min(one, other), Math.max(one, other)];
      const disk = await ModelDisk.with(rig.root);
      const spool = rig.spool(disk);
      const row = await held(spool, acked);
      const begin = announced(source.subarray(0, kept));
      const whole = announced(source.subarray(0, acked));
      expect(await spool.seal(rig.track, row, begin.bytes, begin.sha256)).toEqual(whole);
      expect(disk.bytes(rig.path(row.id))?.equals(source.subarray(0, acked))).toBe(true);
      expect(await rig.catalog.segment(row.id)).toMatchObject({ sha256: whole.sha256 });
      // The answer was lost, and the device may have lost more since; or it was whole all along.
      const less = announced(source.subarray(0, Math.min(again, acked)));
      for (const later of [begin, whole, less]) expect(await spool.seal(rig.track, row, later.bytes, later.sha256)).toEqual(whole);
      await expect(spool.seal(rig.track, row, acked + 1, announced(source).sha256)).rejects.toThrow(ProtocolError);
      await spool.close();
      expect(disk.openHandles).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("who cannot say how a segment begins seals nothing and changes nothing: its device goes on from what was acked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4999 }), fc.nat(4998), fc.nat(4998), fc.boolean(), async (acked, length, at, sealed) => {
      const disk = await ModelDisk.with(rig.root);
      const spool = rig.spool(disk);
      const row = await held(spool, acked);
      const forged = Uint8Array.from(source.subarray(0, 1 + (length % acked)));
      forged[at % forged.length]! ^= 1;
      const honest = announced(source.subarray(0, sealed ? acked : source.length));
      if (sealed) await spool.seal(rig.track, row, honest.bytes, honest.sha256);
      // As long as all of it, and wrong: that is another fault, and has a test of its own.
      if (sealed || forged.length < acked)
        await expect(spool.seal(rig.track, row, forged.length, sha256(forged))).rejects.toThrow(ProtocolError);
      expect(disk.bytes(rig.path(row.id))?.equals(source.subarray(0, acked))).toBe(true);
      if (!sealed) {
        const file = await spool.file(rig.track, row);
        expect(file.offset).toBe(acked);
        const rest = { handle: 0, sequence: 1, offset: acked, endOffset: source.length, eventMs: 0, bytes: source.subarray(acked) };
        expect(await file.append(rest)).toBe(source.length);
      }
      expect(await spool.seal(rig.track, row, honest.bytes, honest.sha256)).toEqual(honest);
      await spool.close();
    }),
    { numRuns: 60 },
  );
});

test("who tries to guess how a segment begins is not read the file for ever, and whoever sent it completes it", async () => {
  const disk = await ModelDisk.with(rig.root);
  const spool = rig.spool(disk);
  const row = await held(spool, 3000);
  let opened = 0;
  disk.fault = (call) => void (call === "open" && opened++);
  for (let guess = 0; guess < 100; guess++) {
    const { bytes, sha256: hash } = announced(noise(20 + guess, 1000 + guess));
    await expect(spool.seal(rig.track, row, bytes, hash)).rejects.toThrow(ProtocolError);
  }
  expect(opened).toBe(64);
  const whole = announced(source.subarray(0, 3000));
  expect(await spool.seal(rig.track, row, whole.bytes, whole.sha256)).toEqual(whole);
  await spool.close();
});

test("over the socket a torn device hears what was sealed, and can end its track", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const track = await Rig.track(rig.catalog);
  const { segment } = new Device(rig, source, 1);
  const before = await door.client(track);
  await before.open(segment);
  before.chunk(source, 0, 3000);
  await before.until(() => before.acked === 3000);
  before.ws.terminate();
  const after = await door.client(track);
  expect(await after.open(segment)).toBe(3000);
  after.say({ type: "finish", segment, ...announced(source.subarray(0, 1000)) });
  expect(await after.hears("sealed")).toMatchObject(announced(source.subarray(0, 3000)));
  after.say({ type: "end", segments: [segment] });
  await after.hears("ended");
  await door.close();
});
