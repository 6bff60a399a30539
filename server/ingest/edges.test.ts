// The edges of the upload doors: bytes one by one, dead lines, two at once, and a catalog without room.
import { expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import type { Catalog } from "../store/catalog.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import { sqliteFull } from "../store/full.fixture.ts";
import { Door } from "./door.fixture.ts";
import { Device, facts, noise, Rig, sha256 } from "./rig.fixture.ts";

const rig = await Rig.open();
const source = noise(6000, 7);

async function start(options: Parameters<typeof Door.open>[2] = {}) {
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk, options);
  const { segment } = new Device(rig, source, 1);
  return { disk, door, segment };
}

test("who brings a message byte by byte is alive, however long it takes; who brings nothing and answers no ping is cut", async () => {
  const { door, segment } = await start({ beatMs: 40 });
  const { raw, frameOf } = await door.raw();
  const beginning = frameOf(
    Buffer.from(JSON.stringify({ type: "hello", version: 1, track: rig.track.id, token: door.keys.track(rig.track.id) })),
  );
  let sent = 0;
  const drip = setInterval(() => raw.write(beginning.subarray(sent, ++sent)), 10);
  // Over a hundred bytes at ten milliseconds each: far longer than silence is borne.
  await door.until(() => door.sockets.size === 1);
  clearInterval(drip);
  await new Promise((resolve) => raw.resume().once("close", resolve));
  await door.until(() => door.sockets.size === 0);
  const back = await door.client(rig.track);
  await back.complete(segment, source, 1000);
  await door.close();
});

test("a socket that we ourselves stopped reading, because the disk hangs, is not taken for a dead one", async () => {
  const { disk, door, segment } = await start({ beatMs: 20 });
  const client = await door.client(rig.track);
  await client.open(segment);
  const much = noise(3_000_000, 4);
  const { release } = disk.hang();
  for (let at = 0; at < much.length; at += 1_000_000) client.chunk(much, at, at + 1_000_000);
  const [server] = door.clients;
  await door.until(() => server?.isPaused);
  const after = performance.now() + 400;
  await door.until(() => performance.now() > after);
  release();
  await client.until(() => client.acked === much.length);
  await door.close();
});

test("while the disk hangs, who comes back is told so in words and sends nothing once more; afterwards the same upload goes on", async () => {
  const { disk, door, segment } = await start({ hangMs: 50 });
  const much = noise(400_000, 4);
  const first = await door.client(rig.track);
  await first.open(segment);
  const { release, hangs } = disk.hang();
  first.chunk(much, 0, much.length);
  // What has only come would go with its socket.
  await door.until(hangs);
  first.ws.terminate();
  for (let round = 0; round < 5; round++) {
    const back = await door.client(rig.track);
    back.say({ type: "open", segment, handle: 1, facts });
    expect(await back.closes()).toBe(4507);
    expect(back.heard).toMatchObject([{ type: "refused", code: "disk-broken", message: expect.stringContaining("does not answer") }]);
  }
  release();
  const last = await door.client(rig.track);
  expect(await last.complete(segment, much, 100_000)).toBe(much.length);
  await door.close();
});

test("a connection that never says hello is shown out, byte by byte or not", async () => {
  const { door } = await start({ helloMs: 60 });
  const { raw, frameOf } = await door.raw();
  const hello = frameOf(Buffer.from(JSON.stringify({ type: "hello", version: 1, track: rig.track.id, token: "x".repeat(190) })));
  let sent = 0;
  const drip = setInterval(() => raw.write(hello.subarray(sent, ++sent)), 5);
  const code = await new Promise<number>((resolve) => {
    // The close frame; the sentence before it is ASCII.
    raw.on("data", (bytes: Buffer) => bytes.includes(0x88) && resolve(bytes.readUInt16BE(bytes.indexOf(0x88) + 2)));
  });
  clearInterval(drip);
  expect(code).toBe(4400);
  raw.destroy();
  await door.close();
});

test("a track has at most so many segments: one more is refused with 4413 and words, and those that are there go on", async () => {
  const { door, segment } = await start({ mostSegments: 3 });
  const track = await Rig.track(rig.catalog);
  const client = await door.client(track);
  for (let handle = 0; handle < 3; handle++) await client.open(handle === 0 ? segment : new Device(rig, source, 1).segment, handle);
  client.say({ type: "open", segment: new Device(rig, source, 1).segment, handle: 4, facts });
  expect(await client.closes()).toBe(4413);
  expect(client.heard.find(({ type }) => type === "refused")).toMatchObject({
    code: "too-large",
    message: expect.stringContaining("3 times"),
  });
  await (await door.client(track)).complete(segment, source, 1000);
  await door.close();
});

test("a catalog without room closes with 4507 and says disk-full, at open and at the seal; with room again the same upload goes on", async () => {
  let full = true;
  const catalog = new Proxy(rig.catalog, {
    get(target, name: keyof Catalog) {
      const value = target[name];
      if (typeof value !== "function") return value;
      return (...args: never[]) => {
        if (full && (name === "addSegment" || name === "sealSegment")) throw sqliteFull();
        return (value as (...args: never[]) => unknown).apply(target, args);
      };
    },
  });
  const { door, segment } = await start({ catalog });
  const client = await door.client(rig.track);
  client.say({ type: "open", segment, handle: 1, facts });
  expect(await client.closes()).toBe(4507);
  expect(client.reason).toContain("[disk-full]");
  full = false;
  const second = await door.client(rig.track);
  await second.open(segment);
  second.chunk(source, 0, source.length);
  await second.until(() => second.acked === source.length);
  full = true;
  second.say({ type: "finish", segment, bytes: source.length, sha256: sha256(source) });
  expect(await second.closes()).toBe(4507);
  full = false;
  expect(await (await door.client(rig.track)).complete(segment, source, 1000)).toBe(source.length);
  await door.close();
});

test("bytes that are no media give the track up at once: nobody waits for what was refused", async () => {
  const inspect = () => ({
    push: () => {
      throw new UserError("not-media", "This is a text file.");
    },
    chunk: () => undefined,
    clock: () => undefined,
    reset: () => undefined,
  });
  const { door, segment } = await start({ inspect });
  const track = await Rig.track(rig.catalog);
  const client = await door.client(track);
  await client.open(segment);
  client.chunk(source, 0, 1000);
  expect(await client.closes()).toBe(4415);
  expect(await rig.catalog.track(track.id)).toMatchObject({ lost: 1 });
  await door.close();
});
