// The upload socket under hostile, broken and unlucky clients, over loopback, with the real spool behind it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { frameHeaderBytes, frameMaxBytes } from "../../protocol/upload.ts";
import { failure, ModelDisk } from "../store/files.fixture.ts";
import { type Client, Door } from "./door.fixture.ts";
import { Device, noise, Rig } from "./rig.fixture.ts";

const rig = await Rig.open();
const source = noise(6000, 7);

type Move = { kind: string; at: number; length: number; noise: number };

/** What a client does wrong, and with which code it is shown out. `end`: what it has sent of the segment so far. */
const wrongs: Record<string, { code: number; play: (client: Client, segment: string, end: number, move: Move) => void }> = {
  "a hole": {
    code: 4409,
    play: (client, _, end, move) => client.chunk(noise(20_000, 7), end + 1 + move.at, end + 2 + move.at + move.length),
  },
  "other bytes": {
    code: 4409,
    play: (client, _, end, move) => {
      const from = move.at % Math.max(1, end);
      const forged = Uint8Array.from(source);
      forged[from] = forged[from]! ^ 1;
      client.chunk(forged, from, Math.min(source.length, from + move.length));
    },
  },
  "an unknown handle": { code: 4409, play: (client) => client.chunk(source, 0, 10, 9) },
  "too large a frame": { code: 1009, play: (client) => client.ws.send(new Uint8Array(frameHeaderBytes + frameMaxBytes + 1)) },
  "a truncated frame": { code: 4400, play: (client, _, __, move) => client.ws.send(noise(move.length % 33, move.noise)) },
  "random bytes": {
    code: 4400,
    play: (client, _, __, move) => client.ws.send(Uint8Array.from([7, ...noise(40 + move.length, move.noise)])),
  },
  "random text": { code: 4400, play: (client, _, __, move) => client.ws.send(`{"type":"${move.noise}"`) },
  "an unopened segment": {
    code: 4409,
    play: (client, _, __, move) => client.say({ type: "clock", segment: new Device(rig, source, move.length).segment, samples: [] }),
  },
  "too small a finish": {
    code: 4409,
    play: (client, segment, end) => client.say({ type: "finish", segment, bytes: end - 1, sha256: "0".repeat(64) }),
  },
  "a second hello": { code: 4400, play: (client) => client.say({ type: "hello", version: 1, track: rig.track.id, token: "" }) },
  "an early end": { code: 4400, play: (client, segment) => client.say({ type: "end", segments: [segment] }) },
};

/** What may happen on any honest day. */
const harmless: Record<string, (client: Client, end: number, move: Move) => number> = {
  next: (client, end, move) => {
    const to = Math.min(source.length, end + move.length);
    if (to > end) client.chunk(source, end, to);
    return to;
  },
  again: (client, end, move) => {
    const from = move.at % Math.max(1, end);
    const to = Math.min(end, from + move.length);
    if (to > from) client.chunk(source, from, to);
    return end;
  },
  overlapping: (client, end, move) => {
    const from = Math.max(0, end - move.at);
    const to = Math.min(source.length, end + move.length);
    client.chunk(source, from, to);
    return to;
  },
};

const move = fc.record({
  kind: fc.constantFrom(...Object.keys(harmless), ...Object.keys(harmless), "next", "next"),
  at: fc.nat(900),
  length: fc.integer({ min: 1, max: 900 }),
  noise: fc.nat(),
});

test("whatever a client sends, it is shown out with the code of its mistake, and what was honest before is kept and completed", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const neighbours = await Rig.track(rig.catalog);
  const neighbour = await door.client(neighbours);
  const beside = new Device(rig, noise(400_000, 3), 1000);
  await neighbour.open(beside.segment);
  let besideSent = 0;
  const run = async (moves: Move[], wrong: string, last: Move) => {
    const { segment } = new Device(rig, source, 1);
    const client = await door.client(rig.track);
    await client.open(segment);
    let end = 0;
    for (const each of moves.filter(() => end < source.length)) end = harmless[each.kind]!(client, end, each);
    if (end === 0) end = harmless["next"]!(client, end, last);
    neighbour.chunk(beside.source, besideSent, besideSent + 1000);
    besideSent += 1000;
    wrongs[wrong]!.play(client, segment, end, last);
    expect(await client.closes(), wrong).toBe(wrongs[wrong]!.code);

    const back = await door.client(rig.track);
    const offset = await back.complete(segment, source, 1000);
    expect(offset, wrong).toBeGreaterThanOrEqual(client.acked);
    expect(offset).toBeLessThanOrEqual(end);
    back.ws.close();
  };
  const cases = fc.tuple(fc.array(move, { maxLength: 12 }), fc.constantFrom(...Object.keys(wrongs)), move);
  await fc.assert(
    fc.asyncProperty(cases, ([moves, wrong, last]) => run(moves, wrong, last)),
    { numRuns: 120 },
  );
  await neighbour.until(() => neighbour.acked === besideSent);
  await neighbour.finish(beside.segment, beside.source.subarray(0, besideSent));
  expect(door.lines.filter(({ level }) => level === 50)).toEqual([]);
  await door.close();
  expect(disk.openHandles).toBe(0);
});

test("the same offset with other bytes is logged with its facts, and the first bytes stay", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const client = await door.client(rig.track);
  await client.open(segment);
  client.chunk(source, 0, 1000);
  client.chunk(noise(1000, 99), 0, 1000);
  expect(await client.closes()).toBe(4409);
  const line = door.lines.find(({ msg }) => msg === "upload socket refused");
  expect(JSON.stringify(line)).toContain("offset=0 length=1000");
  expect(disk.bytes(rig.path(segment))?.equals(source.subarray(0, 1000))).toBe(true);
  await door.close();
});

test("a finish with another hash sets the file aside; the next round begins at 0 and seals", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const client = await door.client(rig.track);
  await client.open(segment);
  client.chunk(source, 0, source.length);
  client.say({ type: "finish", segment, bytes: source.length, sha256: "0".repeat(64) });
  expect(await client.closes()).toBe(4409);
  const back = await door.client(rig.track);
  expect(await back.complete(segment, source, 1000)).toBe(0);
  back.chunk(source, 0, 10);
  expect(await back.closes(), "a chunk after the seal").toBe(4409);
  await door.close();
});

test("somebody else's segment is refused, and so is the older of two connections for one track", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const older = await door.client(rig.track);
  await older.open(segment);
  older.chunk(source, 0, 3000);
  await older.until(() => older.acked === 3000);
  const thief = await door.client(await Rig.track(rig.catalog));
  thief.say({
    type: "open",
    segment,
    handle: 1,
    facts: { browser: "other", version: 1, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 },
  });
  expect(await thief.closes()).toBe(4409);
  const newer = await door.client(rig.track);
  expect(await older.closes()).toBe(4409);
  expect(older.heard.find(({ type }) => type === "refused")).toMatchObject({ code: "replaced" });
  expect(await newer.complete(segment, source, 1000)).toBe(3000);
  await door.close();
});

test("a disk that hangs under one segment keeps nobody else's acks", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const [slow, quick] = [new Device(rig, source, 1), new Device(rig, source, 1)];
  const { release } = disk.hang(slow.segment);
  const one = await door.client(rig.track);
  await one.open(slow.segment);
  one.chunk(source, 0, 1000);
  const other = await door.client(await Rig.track(rig.catalog));
  await other.complete(quick.segment, source, 1000);
  expect(one.acked).toBe(0);
  release();
  await one.until(() => one.acked === 1000);
  await door.close();
});

test("without file handles new segments are turned away with 4507, and those that are open go on", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const [old, fresh] = [new Device(rig, source, 1), new Device(rig, source, 1)];
  const one = await door.client(rig.track);
  await one.open(old.segment);
  disk.fault = (call) => {
    if (call === "open") throw failure("EMFILE");
  };
  const track = await Rig.track(rig.catalog);
  const late = await door.client(track);
  late.say({
    type: "open",
    segment: fresh.segment,
    handle: 1,
    facts: { browser: "other", version: 1, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 },
  });
  expect(await late.closes()).toBe(4507);
  one.chunk(source, 0, source.length);
  await one.finish(old.segment, source);
  disk.fault = () => undefined;
  await (await door.client(track)).complete(fresh.segment, source, 1000);
  await door.close();
});

test("at most so many segments hold file handles, and those that let go of theirs still take chunks", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk, { mostOpen: 2 });
  const devices = Array.from({ length: 8 }, () => new Device(rig, source, 1));
  const client = await door.client(rig.track);
  for (const [index, { segment }] of devices.entries()) await client.open(segment, index);
  for (const [index] of devices.entries()) client.chunk(source, 0, 3000, index);
  await client.until(() => client.heard.filter(({ type }) => type === "ack").length === devices.length);
  for (const [index] of devices.entries()) client.chunk(source, 3000, source.length, index);
  for (const { segment } of devices) await client.finish(segment, source);
  expect(disk.openHandles).toBe(0);
  await door.close();
});

test.each([
  ["of one byte", 1, 6000],
  ["of 900 kB", 900_000, 20],
])("a client that sends frames %s without end while the disk hangs is held at a few MiB", async (_, bytes, frames) => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const client = await door.client(rig.track);
  await client.open(segment);
  const { release } = disk.hang();
  const everything = noise(bytes * frames, 5);
  for (let i = 0; i < frames; i++) client.chunk(everything, i * bytes, (i + 1) * bytes);
  const [socket] = door.sockets;
  const [server] = door.clients;
  // One reading of the network, 64 KiB, may still be full of frames when the socket is paused: 1600 of one byte, each counted as 2 KiB.
  while (!server?.isPaused) await new Promise((resolve) => setImmediate(resolve));
  expect(socket?.heldBytes).toBeLessThan(5 * 1024 * 1024);
  release();
  await client.until(() => client.acked === bytes * frames);
  expect(socket?.heldBytes).toBe(0);
  await door.close();
});

test("a client that sends samples without end and no chunk is held at a few MiB while the disk hangs, and all of them are kept afterwards", async () => {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const client = await door.client(rig.track);
  await client.open(segment);
  const { release } = disk.hang();
  const messages = 200;
  for (let i = 0; i < messages; i++) {
    const samples = Array.from({ length: 500 }, (_, at) => ({ sentMs: 0, receivedMs: i * 500 + at, serverMs: 0, epoch: "x".repeat(40) }));
    client.say({ type: "clock", segment, samples });
  }
  const [socket] = door.sockets;
  const [server] = door.clients;
  while (!server?.isPaused) await new Promise((resolve) => setImmediate(resolve));
  expect(socket?.heldBytes).toBeLessThan(5 * 1024 * 1024);
  release();
  client.chunk(source, 0, source.length);
  await client.finish(segment, source);
  expect(socket?.heldBytes).toBe(0);
  const lines = String(disk.bytes(rig.path(segment).replace(".webm", ".facts.jsonl"))).split("\n");
  expect(lines.filter((line) => line.startsWith('{"clock"'))).toHaveLength(messages * 500);
  await door.close();
});
