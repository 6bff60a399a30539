import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { indexOf } from "./film.ts";
import { audioFrame, mediaSegment } from "./mp4.ts";
import { Sizes } from "./sizes.ts";

const root = mkdtempSync(join(tmpdir(), "sizes-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let sizes: Sizes;
beforeEach(() => {
  sizes = new Sizes();
});

/** A window whose pictures have these sizes. */
function windowWith(...lengths: number[]): Buffer {
  const samples = (step: number) => lengths.map((length, index) => ({ bytes: Buffer.alloc(length), at: index * step, key: index === 0 }));
  return mediaSegment(1, 0, samples(1), samples(audioFrame));
}

function written(name: string, bytes = windowWith(name.length, 7)): string {
  writeFileSync(join(root, name), bytes);
  return join(root, name);
}

/** Every look at it is a moment later than all before together. */
function slowClock(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 1000;
    return nowMs;
  };
}

test("what is asked for is read, and what was composed here need not be", () => {
  const bytes = windowWith(100, 20, 3);
  expect(sizes.of(written("a", bytes))).toEqual(indexOf(bytes, bytes.length));
  sizes.keep(join(root, "not there"), bytes);
  expect(sizes.of(join(root, "not there"))).toEqual(indexOf(bytes, bytes.length));
  expect(() => sizes.of(join(root, "nowhere"))).toThrow("ENOENT");
});

test("reading ahead stops after each moment, and then nothing has to be read any more", () => {
  const paths = ["b", "bb", "bbb"].map((name) => written(name));
  sizes.expect(paths);
  expect([1, 2, 3, 4].map(() => sizes.readAhead(slowClock()))).toEqual([true, true, false, false]);
  for (const path of paths) rmSync(path);
  expect(paths.map((path) => sizes.of(path).video.sizes[0])).toEqual([1, 2, 3]);
});

test("with a quick disk a moment is enough for many", () => {
  sizes.expect(["c", "cc", "ccc"].map((name) => written(name)));
  expect(sizes.readAhead(() => 0)).toBe(false);
});

test("what cannot be read ahead is passed over; whoever asks for it is told", () => {
  const paths = [join(root, "gone"), written("d", Buffer.from("no window")), written("dd")];
  sizes.expect(paths);
  expect(sizes.readAhead(() => 0)).toBe(false);
  rmSync(paths[2]!);
  expect(sizes.of(paths[2]!).video.sizes[0]).toBe(2);
  expect(() => sizes.of(paths[0]!)).toThrow("ENOENT");
  expect(() => sizes.of(paths[1]!)).toThrow("moof");
});

test("a window that is written anew under its name has its new sizes", () => {
  const path = written("e");
  sizes.expect([path]);
  sizes.keep(path, windowWith(55));
  expect(sizes.readAhead(() => 0)).toBe(false);
  expect(sizes.of(path).video.sizes[0]).toBe(55);
});
