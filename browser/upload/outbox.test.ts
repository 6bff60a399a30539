import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type About, listTracks, readAbout, Track } from "./outbox.ts";
import { Segment } from "./segment.ts";
import { FullShelf } from "./server.fixture.ts";
import { MemoryShelf } from "./shelf.ts";

const facts = { browser: "firefox", version: 153, mimeType: "video/webm", startCallMs: 1, startEventMs: 2 } as const;
const about: About = {
  version: 1,
  recording: "rec_1",
  track: "trk_1",
  token: "t",
  room: "Monday",
  source: "camera",
  startedAt: "2026-11-02T10:00:00.000Z",
};

beforeEach(() => {
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function bytes(length: number, seed = 7): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * seed + length) & 0xff);
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function readAll(segment: Segment, most: number): Uint8Array {
  const parts: number[] = [];
  for (let piece = segment.read(0, most); piece; piece = segment.read(parts.length, most)) parts.push(...piece.bytes);
  return Uint8Array.from(parts);
}

async function recorded(shelf: MemoryShelf, chunks: Uint8Array<ArrayBuffer>[]): Promise<void> {
  const track = await Track.open(shelf, about);
  const segment = await track.addSegment("seg_1", facts);
  for (const [sequence, chunk] of chunks.entries()) segment.append(sequence, chunk, sequence * 1000);
  track.flush();
}

test("a look without a ping is given the bytes there were, and survives the tab", async () => {
  const shelf = new MemoryShelf();
  const track = await Track.open(shelf, about);
  const segment = await track.addSegment("seg_1", facts);
  const mark = { sentMs: 5, receivedMs: 5, serverMs: 0, epoch: "" };
  segment.append(0, bytes(70), 0);
  segment.addSamples([{ ...mark, epoch: "e" }, mark]);
  segment.append(1, bytes(30), 0);
  segment.addSamples([{ ...mark, sentMs: 6 }]);
  segment.addSamples([{ ...mark, graph: [{ browserMs: 7, mediaMs: 1 }] }]);
  track.flush();
  const [again] = (await Track.open(shelf, about)).segments;
  // What was read of a recorder's clock does not say that it had nothing new.
  expect(again?.samples.map((sample) => sample.bytes)).toEqual([undefined, 70, 100, undefined]);
});

test("a segment reads back in pieces of any size, never of two chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 500 }),
      async (lengths, most) => {
        const segment = await Segment.create(new MemoryShelf(), "trk_1", "seg_1", facts);
        const chunks = lengths.map((length) => bytes(length));
        for (const [sequence, chunk] of chunks.entries()) segment.append(sequence, chunk, sequence);
        const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        expect(readAll(segment, most)).toEqual(whole);
        segment.finish();
        expect(segment.finished).toEqual({ bytes: whole.length, sha256: sha256(whole) });
        for (let offset = 0; offset < whole.length; offset++) {
          const piece = segment.read(offset, most);
          expect((piece?.offset ?? 0) + (piece?.bytes.length ?? 0)).toBeLessThanOrEqual(piece?.endOffset ?? 0);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a reopened track holds what was recorded, finished with the hash of its bytes", async () => {
  const shelf = new MemoryShelf();
  const chunks = [bytes(100), bytes(50), bytes(200)];
  await recorded(shelf, chunks);
  const track = await Track.open(shelf, about);
  const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  expect(track.segments.map((segment) => segment.finished)).toEqual([{ bytes: 350, sha256: sha256(whole) }]);
  expect(readAll(track.segments[0] as Segment, 64)).toEqual(whole);
});

test("bytes torn anywhere leave the chunks before the tear, with their hash", async () => {
  const chunks = [bytes(100), bytes(50), bytes(200)];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 349 }), fc.boolean(), async (at, cut) => {
      const shelf = new MemoryShelf();
      await recorded(shelf, chunks);
      const media = await shelf.open(about.track, "seg_1.media");
      if (cut) media.truncate(at);
      else media.write(Uint8Array.from([((media.read(at, 1)[0] ?? 0) + 1) & 0xff]), at);
      const kept = at < 100 ? [] : at < 150 ? chunks.slice(0, 1) : chunks.slice(0, 2);
      const whole = Uint8Array.from(kept.flatMap((chunk) => [...chunk]));
      for (let again = 0; again < 2; again++) {
        const [segment] = (await Track.open(shelf, about)).segments;
        expect(segment?.finished).toEqual({ bytes: whole.length, sha256: sha256(whole) });
      }
    }),
    { numRuns: 60 },
  );
});

test("a sealed segment's bytes leave the device, its name stays for the end of the track", async () => {
  const shelf = new MemoryShelf();
  await recorded(shelf, [bytes(10)]);
  const track = await Track.open(shelf, about);
  const [segment] = track.segments;
  if (!segment?.finished) throw new Error("not finished");
  await segment.seal(segment.finished);
  expect(await shelf.files(about.track)).not.toContain("seg_1.media");
  const again = await Track.open(shelf, about);
  expect(again.segments.map(({ id, bytes, sealed }) => ({ id, bytes, sealed: sealed !== null }))).toEqual([
    { id: "seg_1", bytes: 10, sealed: true },
  ]);
});

test("the end of a track survives the tab, and coming back takes it back", async () => {
  const shelf = new MemoryShelf();
  await (await Track.open(shelf, about)).end();
  const track = await Track.open(shelf, about);
  expect(track.ended).toBe(true);
  await track.reopen();
  expect((await Track.open(shelf, about)).ended).toBe(false);
});

test("a track is listed with what it takes to upload it, until it is forgotten", async () => {
  const shelf = new MemoryShelf();
  const track = await Track.open(shelf, about);
  expect(await listTracks(shelf)).toEqual(["trk_1"]);
  expect(await readAbout(shelf, "trk_1")).toEqual(about);
  await track.forget();
  expect(await listTracks(shelf)).toEqual([]);
});

test("a torn track.json is nobody's track", async () => {
  const shelf = new MemoryShelf();
  (await shelf.open("trk_1", "track.json")).write(new TextEncoder().encode('{"version":1,"rec'), 0);
  expect(await readAbout(shelf, "trk_1")).toBeNull();
});

test("what a full device does not take is kept in memory and readable all the same", async () => {
  const segment = await Segment.create(new FullShelf(120, "memory"), "trk_1", "seg_1", facts);
  const chunks = [bytes(100), bytes(50), bytes(5)];
  for (const [sequence, chunk] of chunks.entries()) segment.append(sequence, chunk, sequence);
  expect(segment.onDevice).toBe(false);
  expect(readAll(segment, 30)).toEqual(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
});

test("of what a full device did not take, memory keeps only what the server lacks", async () => {
  const segment = await Segment.create(new FullShelf(120), "trk_1", "seg_1", facts);
  const chunks = [bytes(100), bytes(50), bytes(5), bytes(40)];
  for (const [sequence, chunk] of chunks.entries()) segment.append(sequence, chunk, sequence);
  segment.release(155);
  expect([0, 99, 100, 154, 155, 195].map((offset) => segment.readable(offset))).toEqual([true, true, false, false, true, true]);
  expect(segment.read(155, 100)?.bytes).toEqual(chunks[3]);
  segment.release(195);
  expect(segment.onDevice).toBe(false);
  const late = bytes(10);
  segment.append(4, late, 4);
  chunks.push(late);
  expect(segment.readable(120)).toBe(false);
  expect(segment.read(195, 100)?.bytes).toEqual(late);
  segment.finish();
  expect(segment.finished?.sha256).toBe(sha256(Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))));
});

test("memory takes only so much without an ack: the segment then ends, with the hash of what was kept", async () => {
  const { memoryMostBytes } = Segment;
  onTestFinished(() => {
    Segment.memoryMostBytes = memoryMostBytes;
  });
  Segment.memoryMostBytes = 400;
  const segment = await Segment.create(new MemoryShelf(), "trk_1", "seg_1", facts);
  for (let sequence = 0; sequence < 2; sequence++) segment.append(sequence, bytes(100), sequence);
  segment.release(segment.bytes);
  for (let sequence = 2; sequence < 8; sequence++) segment.append(sequence, bytes(100), sequence);
  expect(segment.overfull).toBe(true);
  expect(segment.finished).toEqual({ bytes: 600, sha256: sha256(Buffer.concat(Array.from({ length: 6 }, () => bytes(100)))) });
});

test("on a full device another segment is worth it where this one's bytes would leave it, or where others' have since", async () => {
  const megabyte = 1024 * 1024;
  const shelf = new FullShelf(18 * megabyte);
  const track = await Track.open(shelf, about);
  const full = await track.addSegment("seg_1", facts);
  full.append(0, bytes(17 * megabyte), 0);
  full.acked = { offset: 17 * megabyte, samplesMs: 0 };
  expect(track.crowded(full)).toBe(false);
  full.append(1, bytes(2 * megabyte), 1);
  expect(track.crowded(full)).toBe(true);
  full.acked = { offset: 15 * megabyte, samplesMs: 0 };
  expect(track.crowded(full)).toBe(false);
  full.finish();
  shelf.room = 0;
  const next = await track.addSegment("seg_2", facts);
  next.append(0, bytes(100), 2);
  expect(track.crowded(next)).toBe(false);
  await full.seal(full.finished!);
  expect(track.crowded(next)).toBe(true);
  shelf.room = megabyte;
  const last = await track.addSegment("seg_3", facts);
  last.append(0, bytes(100), 3);
  expect([last.onDevice, track.crowded(last)]).toEqual([true, false]);
});
