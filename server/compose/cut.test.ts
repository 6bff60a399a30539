import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { windowTicks } from "../../protocol/film.ts";
import { boxesIn } from "./box.ts";
import { type CutPart, cutOf, shortened, spanOf } from "./cut.ts";
import { indexOf } from "./film.ts";
import { audioFrame, initSegment, mediaSegment, type Sample } from "./mp4.ts";

const folder = mkdtempSync(join(tmpdir(), "cut-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const format = {
  canvas: { width: 1280, height: 720 },
  avcC: Buffer.from([1, 100, 0, 31, 255, 225, 0, 0]),
  audioConfig: Buffer.from([0x11, 0x90]),
};

/** In the order of decoding, as an encoder with two pictures in between gives them: the key, then each third before the two that it is for. */
function decodeOrder(ticks: number): number[] {
  const order = [0];
  for (let tick = 1; tick < ticks; tick += 3) {
    const after = Math.min(tick + 2, ticks - 1);
    order.push(after, ...[tick, tick + 1].filter((one) => one < after));
  }
  return order;
}

/** Every picture and sound is four bytes that say which it is. */
function windowAt(index: number, ticks = windowTicks): Buffer {
  const firstTick = index * windowTicks;
  const named = (kind: number, at: number) => Buffer.from([kind, at >> 16, (at >> 8) & 0xff, at & 0xff]);
  const video: Sample[] = decodeOrder(ticks).map((tick) => ({ bytes: named(1, firstTick + tick), at: firstTick + tick, key: tick === 0 }));
  const sounds = Math.ceil((ticks * 1600) / audioFrame);
  const audio: Sample[] = Array.from({ length: sounds }, (_, at) => ({
    bytes: named(2, index * 150 + at),
    at: at * audioFrame,
    key: true,
  }));
  return mediaSegment(index, firstTick, video, audio);
}

const lastTicks = 40;
const windows = [0, 1, 2, 3].map((index) => {
  const path = join(folder, `${index}.m4s`);
  const bytes = windowAt(index, index === 3 ? lastTicks : windowTicks);
  writeFileSync(path, bytes);
  return { path, bytes: bytes.length };
});
writeFileSync(join(folder, "init.mp4"), initSegment(format));
const filmTicks = 3 * windowTicks + lastTicks;

function bytesOf(parts: readonly CutPart[]): Buffer {
  return Buffer.concat(
    parts.map((part) => ("data" in part ? part.data : readFileSync(part.path).subarray(part.from, part.from + part.bytes))),
  );
}

/** What the file's tables say: each track's samples, where they lie in time, and the edit. Times in ticks. */
function read(film: Buffer) {
  const inside = (of: { start: number; end: number }, type: string) =>
    [...boxesIn(film, of.start, of.end)].filter((one) => one.type === type);
  const one = (of: { start: number; end: number }, ...types: string[]): { start: number; end: number } =>
    types.reduce((at, type) => inside(at, type)[0]!, of);
  const moov = one({ start: 0, end: film.length }, "moov");
  return inside(moov, "trak").map((trak) => {
    const stbl = one(trak, "mdia", "minf", "stbl");
    const [stsz, stsc, stco] = ["stsz", "stsc", "stco"].map((type) => one(stbl, type).start) as [number, number, number];
    const count = film.readUInt32BE(stsz + 8);
    const runs = Array.from({ length: film.readUInt32BE(stsc + 4) }, (_, at) => [
      film.readUInt32BE(stsc + 8 + at * 12),
      film.readUInt32BE(stsc + 12 + at * 12),
    ]);
    const samples: number[] = [];
    for (let chunk = 1; chunk <= film.readUInt32BE(stco + 4); chunk++) {
      let at = film.readUInt32BE(stco + 4 + chunk * 4);
      for (let of = runs.findLast(([first]) => first! <= chunk)![1]!; of > 0; of--) {
        samples.push(film.readUIntBE(at + 1, 3));
        at += film.readUInt32BE(stsz + 12 + (samples.length - 1) * 4);
      }
    }
    expect(samples).toHaveLength(count);
    const elst = one(trak, "edts", "elst").start;
    return { samples, durationMs: film.readUInt32BE(elst + 8), from: film.readUInt32BE(elst + 12) };
  });
}

const span = fc
  .tuple(fc.integer({ min: 0, max: filmTicks - 1 }), fc.integer({ min: 1, max: filmTicks }))
  .map(([fromTick, length]) => ({ fromTick, toTick: Math.min(filmTicks, fromTick + length) }));

test("a cut shows the pictures asked for and their sound, and holds none after its end but those they are made from", async () => {
  await fc.assert(
    fc.asyncProperty(span, async ({ fromTick, toTick }) => {
      const [video, audio] = read(bytesOf(await cutOf(windows, { fromTick, toTick })));
      const first = Math.floor(fromTick / windowTicks) * windowTicks;
      const shown = new Set(video!.samples);
      for (let tick = first; tick < toTick; tick++) expect(shown.has(tick), `picture ${tick}`).toBe(true);
      expect(Math.max(...video!.samples)).toBeLessThan(toTick + 2);
      // Media time 0 is the first window's first picture, and the film is two ticks late.
      expect(video!.from).toBe((fromTick - first + 2) * 3000);
      expect(audio!.from).toBe((fromTick - first) * 1600);
      for (const { durationMs } of [video!, audio!]) {
        expect(durationMs).toBeLessThanOrEqual(((toTick - fromTick) * 1000) / 30);
        expect(durationMs).toBeGreaterThan(((toTick - fromTick) * 1000) / 30 - 1);
      }
      const [from, to] = [(first / windowTicks) * 150, Math.ceil((toTick * 1600) / audioFrame)];
      expect(audio!.samples).toEqual(Array.from({ length: to - from }, (_, at) => from + at));
    }),
    { numRuns: 30 },
  );
});

test("whole windows are served as they lie on the disk", async () => {
  const parts = await cutOf(windows, { fromTick: 10, toTick: 2 * windowTicks + 5 });
  expect(parts.slice(1, 3)).toEqual(windows.slice(0, 2).map(({ path, bytes }) => ({ path, from: 0, bytes })));
  expect(parts.slice(3).every((part) => "path" in part && part.path === windows[2]!.path)).toBe(true);
  expect(bytesOf(parts.slice(3)).length).toBeLessThan(windows[2]!.bytes - 800);
});

test("a window that is shortened to its own length stays as it is", () => {
  const bytes = windowAt(0);
  const index = indexOf(bytes, bytes.length);
  expect(shortened(index, windowTicks).index).toEqual(index);
});

test("moments become the pictures nearest to them, and what has no picture is refused in words", () => {
  expect(spanOf(1000, 2000, 60_000)).toEqual({ fromTick: 30, toTick: 60 });
  expect(spanOf(1000, 1001, 60_000)).toEqual({ fromTick: 30, toTick: 31 });
  expect(spanOf(59_000, 99_000, 60_000)).toEqual({ fromTick: 1770, toTick: 1800 });
  expect(() => spanOf(2000, 2000, 60_000)).toThrow("has to end after it begins");
  expect(() => spanOf(60_000, 61_000, 60_000)).toThrow("The film ends before");
});
