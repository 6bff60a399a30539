import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Contents } from "../../protocol/bundle.ts";
import { UserError } from "../../protocol/errors.ts";
import { type OpenFile, realFiles } from "../store/files.ts";
import { admin, arriving, type BareServer, bareServer, packed, recorded, zipped } from "./bundle.fixture.ts";
import { factsIn } from "./unpack.ts";
import { Zip } from "./zip.ts";

/** The files of a good bundle, to be spoilt. */
async function goodFiles(server: BareServer, bytes: Buffer): Promise<Record<string, Buffer>> {
  const path = `${server.folder}/good.zip`;
  writeFileSync(path, bytes);
  const zip = await Zip.open(path);
  const manifest = JSON.parse((await zip.read("manifest.json", 1e6)).toString()) as { files: { path: string }[] };
  const out: Record<string, Buffer> = {};
  for (const { path: name } of manifest.files) out[name] = await zip.read(name, 1e7);
  zip.close();
  return out;
}

async function good() {
  const here = await bareServer();
  const { id } = await recorded(here);
  const bytes = await packed(here, id);
  return { bytes, files: await goodFiles(here, bytes) };
}

/** The sentence it is refused with. Nothing is left of it, in the catalog or on the disk. */
async function refusal(there: BareServer, body: unknown): Promise<UserError> {
  const error = await there.unpacking.take(admin, body).then(
    () => new Error("it was taken in"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(there.left()).toEqual([]);
  expect(await there.catalog.allRecordings()).toEqual([]);
  expect(there.arrived).toEqual([]);
  return error as UserError;
}

test("only the admin may, and who may not is not read from", async () => {
  const there = await bareServer();
  const body = arriving(Buffer.alloc(20_000));
  await expect(there.unpacking.take({ key: "another", token: null }, body)).rejects.toMatchObject({ code: "not-allowed" });
  expect(body.readableDidRead).toBe(false);
  await expect(there.unpacking.take(admin, {})).rejects.toThrow("application/zip");
});

test("what is no zip, or did not arrive whole, is refused in words, wherever it ends", async () => {
  const there = await bareServer();
  const { bytes } = await good();
  for (const not of [Buffer.alloc(0), Buffer.from("PK"), Buffer.from("<html>"), Buffer.alloc(100_000, 7)])
    expect((await refusal(there, arriving(not))).message).toMatch(/not a zip/);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (end) => {
      await refusal(there, arriving(bytes.subarray(0, end)));
    }),
    { numRuns: 15 },
  );
});

test("any byte that is another one is found, or changes nothing", async () => {
  const there = await bareServer();
  const { bytes } = await good();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const other = Buffer.from(bytes);
      other[at]! ^= by;
      const taken = await there.unpacking.take(admin, arriving(other)).catch((error: unknown) => error);
      if (taken instanceof Error) expect(taken, `byte ${at}: ${taken.stack}`).toBeInstanceOf(UserError);
      else {
        const { id } = taken as { id: string };
        const hashes = (await there.catalog.segments(id)).map(({ sha256 }) => sha256);
        expect(hashes.toSorted()).toEqual(expected);
        await there.catalog.deleteRecording(id);
        await there.disk.remove(id);
      }
      expect(there.left()).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

/** Of three segments, as the fixture makes them. */
const expected = [0, 1, 10].map((fill) => createHash("sha256").update(Buffer.alloc(3000, fill)).digest("hex")).toSorted();

test("a connection that breaks leaves nothing", async () => {
  const there = await bareServer();
  const { bytes } = await good();
  const broken = Readable.from(
    (function* () {
      yield bytes.subarray(0, 4000);
      throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
    })(),
    { objectMode: false },
  );
  expect((await refusal(there, broken)).message).toMatch(/did not arrive whole/);
});

test("names that lead out of the folder are refused, and would not be used if they were not", async () => {
  const there = await bareServer();
  const { files } = await good();
  const bytes = await zipped({ ...files, "tracks/xx/escape": "x" });
  // Of the same length, in both places where a zip has names.
  const evil = Buffer.from(bytes.toString("latin1").replaceAll("tracks/xx/escape", "../../../escape1"), "latin1");
  expect((await refusal(there, arriving(evil))).message).toMatch(/not a zip that can be read|does not fit/);
  const absolute = Buffer.from(bytes.toString("latin1").replaceAll("tracks/xx/escape", "/etc/cron.d/evil"), "latin1");
  await refusal(there, arriving(absolute));
  const contents = Contents.parse(JSON.parse(String(files["recording.json"])));
  contents.tracks[0]!.segments[0]!.file = "../../catalog.sqlite";
  expect((await refusal(there, arriving(await zipped({ ...files, "recording.json": JSON.stringify(contents) })))).message).toMatch(
    /does not fit/,
  );
});

test("a little that would unpack to a lot, files on one another and too many of them are refused before they are unpacked", async () => {
  const there = await bareServer();
  const { files } = await good();
  const bomb = await zipped({ ...files, "film.mp4": Buffer.alloc(30_000_000) }, { compress: true });
  expect(bomb.length).toBeLessThan(300_000);
  expect(await refusal(there, arriving(bomb))).toMatchObject({ code: "too-large" });
  // Many entries of the central directory that mean the same bytes.
  const twice = await zipped({ "a.bin": Buffer.alloc(50_000, 1), "b.bin": Buffer.alloc(50_000, 1) });
  const [second] = [twice.indexOf(Buffer.from("PK\x03\x04"), 10)];
  const directory = twice.indexOf(Buffer.from("PK\x01\x02"));
  const entry = twice.indexOf(Buffer.from("PK\x01\x02"), directory + 10);
  const overlapping = Buffer.concat([twice.subarray(0, second), twice.subarray(directory)]);
  overlapping.writeUInt32LE(0, entry - (directory - second) + 42);
  overlapping.writeUInt32LE(second, overlapping.length - 6);
  await refusal(there, arriving(overlapping));
  const end = Buffer.from(await zipped({}));
  const eocd = end.length - 22;
  end.writeUInt16LE(0xfffe, eocd + 10);
  expect(await refusal(there, arriving(end))).toMatchObject({ code: "too-large" });
});

test("a file that is not the one the manifest promised, is missing, or is there twice is named", async () => {
  const there = await bareServer();
  const { files } = await good();
  const path = "tracks/1-asha-camera/2.webm";
  const listed = async (change: (list: { path: string; bytes: number; sha256: string }[]) => object[]) => {
    const whole = await zipped(files);
    const list = (await goodManifest(there, whole)).files;
    return await zipped(files, { manifest: { files: change(list) } });
  };
  const wrong = await listed((list) => list.map((one) => (one.path === path ? { ...one, sha256: "0".repeat(64) } : one)));
  expect((await refusal(there, arriving(wrong))).message).toBe(
    `“${path}” in this zip is damaged: it is not what it was when the zip was made.`,
  );
  const film = await listed((list) => list.map((one) => (one.path === "film.mp4" ? { ...one, sha256: "0".repeat(64) } : one)));
  expect((await refusal(there, arriving(film))).message).toMatch(/film\.mp4/);
  const short = await listed((list) => list.map((one) => (one.path === path ? { ...one, bytes: one.bytes - 1 } : one)));
  expect((await refusal(there, arriving(short))).message).toContain(path);
  const unlisted = await listed((list) => list.filter((one) => one.path !== path));
  expect((await refusal(there, arriving(unlisted))).message).toMatch(/a track in it has no file/);
  const doubly = await listed((list) => [...list, list[0]!]);
  expect((await refusal(there, arriving(doubly))).message).toMatch(/lists a file twice/);
  const { [path]: _, ...rest } = files;
  const absent = await zipped(rest, { manifest: { files: (await goodManifest(there, await zipped(files))).files } });
  expect((await refusal(there, arriving(absent))).message).toContain(path);
});

async function goodManifest(server: BareServer, bytes: Buffer): Promise<{ files: { path: string; bytes: number; sha256: string }[] }> {
  writeFileSync(`${server.folder}/manifest.zip`, bytes);
  const zip = await Zip.open(`${server.folder}/manifest.zip`);
  const manifest = JSON.parse((await zip.read("manifest.json", 1e6)).toString());
  zip.close();
  return manifest;
}

test("another version says which, and another kind of zip that it is one", async () => {
  const there = await bareServer();
  const { files } = await good();
  expect((await refusal(there, arriving(await zipped(files, { manifest: { version: 2 } })))).message).toBe(
    "This zip was made by another version of Doubletake (2); this server reads version 1.",
  );
  expect((await refusal(there, arriving(await zipped(files, { manifest: { format: "garden" } })))).message).toMatch(
    /no recording of Doubletake/,
  );
  expect((await refusal(there, arriving(await zipped({ "photos/1.jpg": "x", "manifest.json": "{" })))).message).toMatch(/cannot be read/);
  const { "recording.json": _, ...rest } = files;
  expect((await refusal(there, arriving(await zipped(rest)))).message).toMatch(/lists no “recording.json”/);
});

test("what contradicts itself is refused, and a week is the longest", async () => {
  const there = await bareServer();
  const { files } = await good();
  const spoilt = async (change: (contents: Contents) => void) => {
    const contents = Contents.parse(JSON.parse(String(files["recording.json"])));
    change(contents);
    return (await refusal(there, arriving(await zipped({ ...files, "recording.json": JSON.stringify(contents) })))).message;
  };
  expect(await spoilt((contents) => void Object.assign(contents, { durationMs: 1e12 }))).toMatch(/durationMs/);
  expect(await spoilt((contents) => void Object.assign(contents, { startedAt: "yesterday" }))).toMatch(/startedAt/);
  expect(await spoilt(({ people }) => void people.push(people[0]!))).toMatch(/stands in it for two things/);
  expect(await spoilt(({ people }) => void people.pop())).toMatch(/refers to what is not there/);
  expect(await spoilt(({ tracks }) => void Object.assign(tracks[1]!, { participantId: tracks[0]!.participantId }))).toMatch(
    /same track in it twice/,
  );
});

test("a disk that is full at whatever write leaves nothing, and says so", async () => {
  const { bytes } = await good();
  for (const after of [0, 1, 2, 5, 8]) {
    let writes = 0;
    const full = () => {
      writes += 1;
      if (writes > after) throw Object.assign(new Error("no room"), { code: "ENOSPC", errno: -28 });
    };
    const there = await bareServer({
      ...realFiles,
      async open(path, flags) {
        const file = await realFiles.open(path, flags);
        const guarded: OpenFile = {
          ...file,
          write: async (parts) => {
            full();
            return await file.write(parts);
          },
        };
        return guarded;
      },
    });
    expect(await refusal(there, arriving(bytes)), `after ${after} writes`).toMatchObject({ code: "disk-full" });
  }
});

test("what a crash left half taken in is taken away, and what was whole is kept", async () => {
  const there = await bareServer();
  const { bytes } = await good();
  const taken = await there.unpacking.take(admin, arriving(bytes));
  const half = taken.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  mkdirSync(there.disk.recording(half));
  for (const id of [taken.id, half]) writeFileSync(there.disk.incoming(id), "PK");
  await there.unpacking.sweep();
  expect(there.left()).toEqual([taken.id]);
});

test("of a segment's facts only lines that are facts are kept", () => {
  const chunk = '{"chunk":{"sequence":0,"endOffset":5,"eventMs":1}}';
  const lines = [
    chunk,
    "{",
    '{"chunk":{"sequence":"x"}}',
    '{"other":1}',
    '{"clock":{"sentMs":1}}',
    '{"mark":{"offset":5,"hash":"0123456789abcdef"}}',
  ];
  expect(factsIn(Buffer.from(lines.join("\n")))).toBe(`${chunk}\n{"mark":{"offset":5,"hash":"0123456789abcdef"}}\n`);
});
