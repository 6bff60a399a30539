import fc from "fast-check";
import { expect, test } from "vitest";
import { boxesIn } from "./box.ts";
import { filmHead, formatOf, indexOf, type WindowIndex } from "./film.ts";
import { audioFrame, initSegment, mediaSegment, type Sample } from "./mp4.ts";

const format = {
  canvas: { width: 1280, height: 720 },
  avcC: Buffer.from([1, 100, 0, 31, 255, 225, 0, 0]),
  audioConfig: Buffer.from([0x11, 0x90]),
};

/** `sizes` of pictures; one frame of sound for each. */
function windowWith(firstTick: number, sizes: readonly number[]): Buffer {
  const samples = (fill: number, step: number): Sample[] =>
    sizes.map((size, index) => ({ bytes: Buffer.alloc(size, fill + index), at: firstTick * step + index, key: index === 0 }));
  return mediaSegment(1, firstTick, samples(1, 1), samples(100, audioFrame));
}

/** The film's samples of a track, read through the header's tables. */
function samplesOf(film: Buffer, head: Buffer, track: number): Buffer[] {
  const path = (from: number, to: number, types: string[], nth = 0): { start: number; end: number } => {
    const found = [...boxesIn(head, from, to)].filter((box) => box.type === types[0])[nth]!;
    return types.length === 1 ? found : path(found.start, found.end, types.slice(1));
  };
  const moov = path(0, head.length, ["moov"]);
  const stbl = path(moov.start, moov.end, ["trak", "mdia", "minf", "stbl"], track);
  const table = (type: string) => path(stbl.start, stbl.end, [type]).start;
  const [stsz, stsc, stco] = [table("stsz"), table("stsc"), table("stco")];
  const sizes = Array.from({ length: head.readUInt32BE(stsz + 8) }, (_, index) => head.readUInt32BE(stsz + 12 + index * 4));
  const runs = Array.from({ length: head.readUInt32BE(stsc + 4) }, (_, index) => [
    head.readUInt32BE(stsc + 8 + index * 12),
    head.readUInt32BE(stsc + 12 + index * 12),
  ]);
  const samples: Buffer[] = [];
  for (let chunk = 1; chunk <= head.readUInt32BE(stco + 4); chunk++) {
    let at = head.readUInt32BE(stco + 4 + chunk * 4);
    const count = runs.findLast(([first]) => first! <= chunk)![1]!;
    for (let sample = 0; sample < count; sample++) {
      const size = sizes[samples.length]!;
      samples.push(film.subarray(at, at + size));
      at += size;
    }
  }
  expect(samples).toHaveLength(sizes.length);
  return samples;
}

test("through the header's tables every sample of every window is found, byte for byte", () => {
  const size = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.array(fc.array(size, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 }), (shapes) => {
      let tick = 0;
      const windows = shapes.map((sizes) => {
        const window = windowWith(tick, sizes);
        tick += sizes.length;
        return window;
      });
      const head = filmHead(
        format,
        windows.map((window) => indexOf(window, window.length)),
      );
      const film = Buffer.concat([head, ...windows]);
      const mdat = head.length - 16;
      expect(Number(head.readBigUInt64BE(mdat + 8))).toBe(film.length - mdat);
      for (const [track, fill] of [1, 100].entries())
        expect(samplesOf(film, head, track)).toEqual(
          shapes.flatMap((sizes) => sizes.map((length, index) => Buffer.alloc(length, fill + index))),
        );
    }),
  );
});

test("past 4 GB positions take 64 bits", () => {
  const window = windowWith(0, [10, 20]);
  const index = (): WindowIndex => ({ ...indexOf(window, window.length), bytes: 3_000_000_000 });
  const head = filmHead(format, [index(), index()]);
  expect(head.includes("stco")).toBe(false);
  const co64 = head.indexOf("co64") + 8;
  expect(head.readUInt32BE(co64)).toBe(2);
  expect(Number(head.readBigUInt64BE(co64 + 12) - head.readBigUInt64BE(co64 + 4))).toBe(3_000_000_000);
  expect(Number(head.readBigUInt64BE(co64 + 4))).toBe(head.length + indexOf(window, window.length).video.at);
});

test("the format is read back from the init segment, and only from ours", () => {
  expect(formatOf(initSegment(format))).toEqual(format);
  const changed = initSegment(format);
  changed[100]! ^= 1;
  expect(() => formatOf(changed)).toThrow("not ours");
});

test("a picture that would be shown before it is decoded is refused", () => {
  const late = { bytes: Buffer.alloc(1), at: 0, key: true };
  expect(() => mediaSegment(1, 0, [late, late, late, late], [])).toThrow("more than 2 late");
});
