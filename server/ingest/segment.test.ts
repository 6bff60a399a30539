import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ProtocolError, UserError } from "../../protocol/errors.ts";
import type { ChunkFacts, SegmentFacts } from "../../protocol/recording.ts";
import { Disk } from "../store/disk.ts";
import { parseFacts } from "../store/facts.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import { SegmentFile } from "./segment.ts";

const facts: SegmentFacts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 1, startEventMs: 2 };

function inspector() {
  const seen = { bytes: Buffer.alloc(0), chunks: [] as ChunkFacts[], resets: 0 };
  return {
    seen,
    push: (bytes: Uint8Array) => {
      seen.bytes = Buffer.concat([seen.bytes, bytes]);
      if (seen.bytes.includes("not media")) throw new UserError("not-media", "This is text.");
    },
    chunk: (chunk: ChunkFacts) => void seen.chunks.push(chunk),
    clock: () => undefined,
    reset: () => {
      seen.resets++;
      seen.bytes = Buffer.alloc(0);
    },
  };
}

async function fresh() {
  const disk = new Disk(await mkdtemp(join(tmpdir(), "doubletake-segment-")));
  return { disk, path: join(disk.root, "recordings", "one", "tracks", "one", "a.webm") };
}

const frame = (offset: number, text: string, sequence = 0) => ({
  handle: 0,
  sequence,
  offset,
  endOffset: offset + text.length,
  eventMs: 5,
  bytes: new Uint8Array(Buffer.from(text)),
});

test("what append resolved with is in the file, and the offset is the file's size", async () => {
  const { disk, path } = await fresh();
  const file = await SegmentFile.open(disk, path, facts, inspector());
  expect(await file.append(frame(0, "hello "))).toBe(6);
  expect(await file.append(frame(6, "world", 1))).toBe(11);
  expect(await readFile(path, "utf8")).toBe("hello world");
  expect((await file.finish()).sha256).toBe(createHash("sha256").update("hello world").digest("hex"));
  await file.close();
});

test("any order of repeats and overlaps gives the same file; a hole is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 30 })), { maxLength: 25 }), async (pieces) => {
      const source = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-+";
      const { disk, path } = await fresh();
      const file = await SegmentFile.open(disk, path, facts, inspector());
      let end = 0;
      for (const [offset, length] of pieces) {
        const text = source.slice(offset, offset + length);
        if (offset > end) expect(() => file.append(frame(offset, text))).toThrow(ProtocolError);
        else {
          await file.append(frame(offset, text));
          end = Math.max(end, offset + text.length);
        }
      }
      expect(await readFile(path, "utf8")).toBe(source.slice(0, end));
      await file.close();
    }),
    { numRuns: 15 },
  );
});

test("after a restart the hash, the facts and the inspector are where they were", async () => {
  const { disk, path } = await fresh();
  const before = await SegmentFile.open(disk, path, facts, inspector());
  await Promise.all([before.append(frame(0, "one ")), before.append(frame(4, "two ", 1)), before.append(frame(8, "three", 2))]);
  await before.close();
  const eyes = inspector();
  const after = await SegmentFile.open(disk, path, facts, eyes);
  expect(after.offset).toBe(13);
  expect(eyes.seen.bytes.toString()).toBe("one two three");
  expect(eyes.seen.chunks.map((chunk) => chunk.sequence)).toEqual([0, 1, 2]);
  expect((await after.finish()).sha256).toBe(createHash("sha256").update("one two three").digest("hex"));
  await after.close();
});

test("a chunk sent twice is noted once", async () => {
  const { disk, path } = await fresh();
  const file = await SegmentFile.open(disk, path, facts, inspector());
  await file.append(frame(0, "abc"));
  await file.append(frame(0, "abc"));
  await file.close();
  const lines = (await readFile(path.replace(".webm", ".facts.jsonl"), "utf8")).trim().split("\n");
  expect(lines.filter((line) => parseFacts(line)?.chunk)).toHaveLength(1);
});

test("bytes that are not media are refused with their sentence and the file takes nothing more", async () => {
  const { disk, path } = await fresh();
  const file = await SegmentFile.open(disk, path, facts, inspector());
  await expect(file.append(frame(0, "this is not media"))).rejects.toThrow("This is text.");
  await expect(file.append(frame(17, "more"))).rejects.toThrow("This is text.");
  await file.close();
});

test("a file set aside is kept under another name, and the next one starts empty", async () => {
  const { disk, path } = await fresh();
  const eyes = inspector();
  const file = await SegmentFile.open(disk, path, facts, eyes);
  await file.append(frame(0, "broken"));
  await file.setAside();
  expect(eyes.seen.resets).toBe(1);
  const next = await SegmentFile.open(disk, path, facts, eyes);
  expect(next.offset).toBe(0);
  expect((await readdir(dirname(path))).some((name) => name.includes("suspect"))).toBe(true);
  await next.close();
});

test("a torn last line of facts is passed over", () => {
  expect(parseFacts('{"chunk":{"sequence":0,"endOff')).toBeNull();
  expect(parseFacts('{"chunk":{"sequence":0,"endOffset":3,"eventMs":1.5}}')?.chunk?.endOffset).toBe(3);
});

test("a ping that comes back after a later look is kept, and what comes twice is not", async () => {
  const { disk, path } = await fresh();
  const clocks: number[] = [];
  const eyes = { ...inspector(), clock: ({ receivedMs }: { receivedMs: number }) => void clocks.push(receivedMs) };
  const file = await SegmentFile.open(disk, path, facts, eyes);
  const look = { sentMs: 1200, receivedMs: 1200, serverMs: 0, epoch: "", graph: [{ browserMs: 1190, mediaMs: 70.5 }] };
  const ping = { sentMs: 1000, receivedMs: 1300, serverMs: 9, epoch: "e" };
  for (const sample of [look, ping, look, ping]) void file.clock([sample]);
  await file.append(frame(0, "hello"));
  expect(clocks).toEqual([1200, 1300]);
  await file.close();
  const again = await SegmentFile.open(disk, path, facts, eyes);
  for (const sample of [look, ping]) void again.clock([sample]);
  await again.append(frame(5, " again", 1));
  expect(clocks).toEqual([1200, 1300, 1200, 1300]);
  await again.close();
});

/** A segment on a disk in memory whose syncs are counted, and a clock that stands still until a test moves it. */
async function counted() {
  const { disk, path } = await fresh();
  const model = await ModelDisk.with(disk.root);
  const clocks: number[] = [];
  const eyes = { ...inspector(), clock: ({ receivedMs }: { receivedMs: number }) => void clocks.push(receivedMs) };
  const file = await SegmentFile.open(new Disk(disk.root, model), path, facts, eyes);
  const syncs: string[] = [];
  model.fault = (call, where) => void (call === "datasync" && syncs.push(where.slice(where.lastIndexOf("/") + 1)));
  const lines = () =>
    String(model.cut(() => 0).bytes(path.replace(".webm", ".facts.jsonl")))
      .split("\n")
      .flatMap((line) => parseFacts(line)?.clock?.receivedMs ?? []);
  return { file, clocks, syncs, lines };
}

const sampleAt = (receivedMs: number) => ({ sentMs: receivedMs, receivedMs, serverMs: 0, epoch: "", bytes: 0 });

test("samples of a recorder that has nothing new are on the disk, and seen, within a second: those that came meanwhile with one sync", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { file, clocks, syncs, lines } = await counted();
    const kept = [1, 2, 3].map((atMs) => file.clock([sampleAt(atMs)]));
    await vi.advanceTimersByTimeAsync(900);
    expect(syncs).toEqual([]);
    vi.advanceTimersByTime(200);
    await Promise.all(kept);
    expect(syncs).toEqual(["a.facts.jsonl"]);
    expect(lines()).toEqual([1, 2, 3]);
    expect(clocks).toEqual([1, 2, 3]);
    await file.close();
  } finally {
    vi.useRealTimers();
  }
});

test("samples go to the disk with the chunk that comes next, and cost no sync of their own", async () => {
  const { file, syncs, lines } = await counted();
  const kept = file.clock([sampleAt(1)]);
  await file.append(frame(0, "hello"));
  await kept;
  expect(syncs).toEqual(["a.webm", "a.facts.jsonl"]);
  expect(lines()).toEqual([1]);
  await file.close();
});

test("hundreds of samples wait for no chunk, and a file that is parked or closed has kept what waited", async () => {
  const { file, lines } = await counted();
  await file.clock(Array.from({ length: 300 }, (_, index) => sampleAt(index)));
  expect(lines()).toHaveLength(300);
  const kept = file.clock([sampleAt(1000)]);
  await file.park();
  await kept;
  const last = file.clock([sampleAt(1001)]);
  await file.close();
  await last;
  expect(lines().slice(300)).toEqual([1000, 1001]);
});

test("more readings of a clock than any recorder makes are refused, and what was there before stays", async () => {
  const { file, lines } = await counted();
  const graph = Array.from({ length: 64 }, (_, index) => ({ browserMs: index, mediaMs: index }));
  await file.clock([sampleAt(1), ...Array.from({ length: 99 }, (_, index) => ({ ...sampleAt(2 + index), graph }))]);
  const flood = Array.from({ length: 16_000 }, (_, index) => ({ ...sampleAt(1000 + index), pulses: graph }));
  expect(() => file.clock(flood)).toThrow(ProtocolError);
  const kept = file.clock([sampleAt(500)]);
  await file.close();
  await kept;
  expect(lines()).toHaveLength(101);
});
