// Uploads over plain HTTP under hostile, broken and unlucky clients: whatever they ask for, what was honest is kept and completed.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import type { FastifyInstance, InjectOptions } from "fastify";
import { expect, test, vi } from "vitest";
import { chunkHeader, encodeChunk, patchType, tusVersion } from "../../protocol/tus.ts";
import { makeId, type TrackRow } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import { Door } from "./door.fixture.ts";
import { facts, noise, Rig, sha256 } from "./rig.fixture.ts";
import { tusApp } from "./tus.fixture.ts";

const source = Buffer.from(noise(4000, 31));

/** Somebody with a token, and the segment they send. */
interface Asker {
  app: FastifyInstance;
  track: TrackRow;
  segment: string;
  token: string;
}

type Headers = Record<string, string>;

async function ask({ app, token }: Asker, options: InjectOptions, headers: Headers = {}) {
  const all = { authorization: `Bearer ${token}`, "tus-resumable": tusVersion, ...headers };
  return await app.inject({ ...options, headers: all });
}

const metadataOf = (entries: Record<string, unknown>) =>
  Object.entries(entries)
    .map(([key, value]) => `${key} ${Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64")}`)
    .join(",");

const create = (who: Asker, change: Record<string, unknown> = {}, headers: Headers = {}) =>
  ask(
    who,
    { method: "POST", url: "/uploads" },
    { "upload-metadata": metadataOf({ version: 1, track: who.track.id, segment: who.segment, facts, ...change }), ...headers },
  );

const place = (who: Asker) => `/uploads/${who.track.id}/${who.segment}`;
const head = (who: Asker, headers?: Headers) => ask(who, { method: "HEAD", url: place(who) }, headers);
const say = (who: Asker, message: unknown) => ask(who, { method: "POST", url: `/uploads/${who.track.id}`, payload: message as object });

const patch = (who: Asker, from: number, to: number, headers: Headers = {}, bytes = source) =>
  ask(
    who,
    { method: "PATCH", url: place(who), payload: bytes.subarray(from, to) },
    { "content-type": patchType, "upload-offset": String(from), ...headers },
  );

async function offsetOf(who: Asker): Promise<number> {
  return Number((await head(who)).headers["upload-offset"]);
}

interface Move {
  kind: string;
  at: number;
  length: number;
}

/** What a client may do wrong, and how it is told; nothing of it may change what is there. */
const wrongs: Record<string, { codes: number[]; play: (who: Asker, end: number, move: Move) => ReturnType<typeof ask> }> = {
  "another's token": { codes: [403], play: (who, end, { length }) => patch({ ...who, token: "x".repeat(40) }, end, end + length) },
  "no token": { codes: [403], play: (who) => head(who, { authorization: "" }) },
  "no version": { codes: [412], play: (who) => head(who, { "tus-resumable": "0.2.2" }) },
  "another version of ours": { codes: [426], play: (who) => create(who, { version: 7 }) },
  "a segment that is none": { codes: [400], play: (who) => create(who, { segment: "../../catalog" }) },
  "facts that are none": { codes: [400], play: (who) => create(who, { facts: "{" }) },
  "a length that is none": { codes: [400], play: (who) => create(who, {}, { "upload-length": "-7" }) },
  "a segment nobody began": { codes: [403], play: (who) => head({ ...who, segment: makeId("seg") }) },
  "a hole": {
    codes: [409],
    play: (who, end, { at, length }) => patch(who, end + 1 + at, end + 1 + at + length, {}, Buffer.from(noise(9000, 5))),
  },
  "what is there already": {
    codes: [409],
    play: (who, end, { at }) => patch(who, end > 0 ? Math.max(0, end - 1 - at) : 1, Math.max(2, end)),
  },
  "an offset that is none": { codes: [400], play: (who, end) => patch(who, end, end + 10, { "upload-offset": "1e99x" }) },
  "no offset": {
    codes: [400],
    play: (who, end) => ask(who, { method: "PATCH", url: place(who), payload: source.subarray(end) }, { "content-type": patchType }),
  },
  "another type": { codes: [415], play: (who, end) => patch(who, end, end + 10, { "content-type": "application/octet-stream" }) },
  "forged bytes under a checksum": {
    codes: [460],
    play: (who, end, { length }) =>
      patch(
        who,
        end,
        end + length,
        { "upload-checksum": `sha1 ${createHash("sha1").update(source).digest("base64")}` },
        Buffer.alloc(9000),
      ),
  },
  "a checksum that is none": { codes: [400], play: (who, end) => patch(who, end, end + 10, { "upload-checksum": "md5 AAAA" }) },
  "chunk facts that are none": { codes: [400], play: (who, end) => patch(who, end, end + 10, { [chunkHeader]: "1 2" }) },
  "a finish before the end": {
    codes: [409],
    play: (who, end) => say(who, { type: "finish", segment: who.segment, bytes: end + 1, sha256: "0".repeat(64) }),
  },
  "an end before the seal": { codes: [400], play: (who) => say(who, { type: "end", segments: [who.segment] }) },
  "a message that is none": { codes: [400], play: (who) => say(who, { type: "hello" }) },
  "samples of another's segment": { codes: [403], play: (who) => say(who, { type: "clock", segment: makeId("seg"), samples: [] }) },
  "a deletion": { codes: [404], play: (who) => ask(who, { method: "DELETE", url: place(who) }) },
};

/** What may happen on any honest day, also twice and at the same time. */
const harmless: Record<string, (who: Asker, end: number, move: Move) => ReturnType<typeof ask>> = {
  next: (who, end, { length }) => patch(who, end, Math.min(source.length, end + length)),
  "next with its checksum": (who, end, { length }) => {
    const bytes = source.subarray(end, end + length);
    return patch(who, end, end + length, { "upload-checksum": `sha256 ${createHash("sha256").update(bytes).digest("base64")}` });
  },
  "next with its facts": (who, end, { length }) =>
    patch(who, end, end + length, { [chunkHeader]: encodeChunk({ sequence: end, endOffset: end + length, eventMs: end }) }),
  look: (who) => head(who),
  again: (who) => create(who),
  clock: (who, end) =>
    say(who, { type: "clock", segment: who.segment, samples: [{ sentMs: end, receivedMs: end, serverMs: 0, epoch: "e" }] }),
};

const move = fc.record({
  kind: fc.constantFrom(...Object.keys(harmless), "next", "next", ...Object.keys(wrongs)),
  at: fc.nat(900),
  length: fc.integer({ min: 1, max: 900 }),
});

test("whatever is asked for, in whatever order and at once, each mistake is answered with its status, and honest bytes stay and are completed", async () => {
  const rig = await Rig.open();
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const app = tusApp(rig, door);
  const { track } = rig;
  const run = async (rounds: Move[][]) => {
    const who: Asker = { app, track, segment: makeId("seg"), token: door.keys.track(track.id) };
    expect((await create(who)).statusCode).toBe(201);
    let acked = 0;
    for (const round of rounds) {
      const end = await offsetOf(who);
      expect(end).toBeGreaterThanOrEqual(acked);
      const alone = round.length === 1;
      await Promise.all(
        round.map(async (each) => {
          const wrong = wrongs[each.kind];
          const { statusCode, headers } = await (wrong?.play(who, end, each) ?? harmless[each.kind]!(who, end, each));
          if (alone && wrong) expect(wrong.codes, each.kind).toContain(statusCode);
          // Of those that come at once, one may be overtaken, or find that another was quicker.
          else if (wrong || !alone) expect(statusCode, each.kind).toBeLessThan(500);
          else if (end < source.length || !each.kind.startsWith("next")) expect(statusCode, each.kind).toBeLessThan(300);
          if (statusCode === 204 && headers["upload-offset"] !== undefined) acked = Math.max(acked, Number(headers["upload-offset"]));
        }),
      );
      const here = disk.bytes(rig.path(who.segment));
      expect(here?.length ?? 0).toBeGreaterThanOrEqual(acked);
      expect(here?.equals(source.subarray(0, here.length)) ?? true).toBe(true);
    }
    const offset = await offsetOf(who);
    expect(offset).toBeGreaterThanOrEqual(acked);
    if (offset < source.length) expect((await patch(who, offset, source.length)).statusCode).toBe(204);
    const sealed = await say(who, { type: "finish", segment: who.segment, bytes: source.length, sha256: sha256(source) });
    expect(sealed.json()).toMatchObject({ type: "sealed", bytes: source.length, sha256: sha256(source) });
    expect(disk.bytes(rig.path(who.segment))?.equals(source)).toBe(true);
    expect((await patch(who, source.length, source.length, {}, source)).statusCode).toBe(409);
  };
  const rounds = fc.array(fc.oneof(fc.tuple(move), fc.array(move, { minLength: 2, maxLength: 4 })), { maxLength: 10 });
  await fc.assert(fc.asyncProperty(rounds, run), { numRuns: 60 });
  await app.close();
  await door.close();
  expect(disk.openHandles).toBe(0);
});

test("one long PATCH does not fill the disk past its reserve: it is stopped at the piece that finds no room, and what came before is kept", async () => {
  const rig = await Rig.open();
  const model = await ModelDisk.with(rig.root);
  const room = { bytes: 100_000_000 };
  const disk = new Disk(rig.root, model);
  disk.freeBytes = async () => room.bytes;
  const door = await Door.open(rig, model, { disk, reserveBytes: 50_000_000 });
  const app = tusApp(rig, door);
  const who: Asker = { app, track: rig.track, segment: makeId("seg"), token: door.keys.track(rig.track.id) };
  await create(who);
  const much = Buffer.from(noise(5_000_000, 3));
  // Each look at the clock is two seconds after the one before: every answer about free space is too old for the next piece.
  let now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 2000;
    return now;
  });
  try {
    model.fault = (call) => {
      if (call === "write") room.bytes -= 20_000_000;
    };
    const pieces = Array.from({ length: 80 }, (_, index) => much.subarray(index * 64 * 1024, (index + 1) * 64 * 1024));
    const payload = Readable.from(pieces, { objectMode: false });
    const answer = await ask(who, { method: "PATCH", url: place(who), payload }, { "content-type": patchType, "upload-offset": "0" });
    expect(answer.statusCode).toBe(507);
    room.bytes = 1e9;
    const offset = await offsetOf(who);
    expect(offset).toBeGreaterThan(1_000_000);
    expect(offset).toBeLessThan(4_000_000);
    expect(model.bytes(rig.path(who.segment))?.equals(much.subarray(0, offset))).toBe(true);
  } finally {
    vi.restoreAllMocks();
  }
  await app.close();
  await door.close();
});
