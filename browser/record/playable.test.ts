import fc from "fast-check";
import { expect, test } from "vitest";
import { playable } from "./playable.ts";

const bytes = (...parts: (number[] | Uint8Array)[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
/** With a size of one byte. */
const element = (id: number[], body: number[] | Uint8Array) => bytes(id, [0x80 | body.length], body);
const ebml = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], [0x77, 0x65, 0x62, 0x6d]));
const segment = bytes([0x18, 0x53, 0x80, 0x67], [0x01, 255, 255, 255, 255, 255, 255, 255]);
const scale = element([0x2a, 0xd7, 0xb1], [0x0f, 0x42, 0x40]);
const app = element([0x57, 0x41], [0x43, 0x68]);
const duration = (ticks: number) => {
  const float = new Uint8Array(8);
  new DataView(float.buffer).setFloat64(0, ticks);
  return element([0x44, 0x89], float);
};
const info = (...children: Uint8Array[]) => element([0x15, 0x49, 0xa9, 0x66], bytes(...children));
const cluster = bytes([0x1f, 0x43, 0xb6, 0x75], [0x01, 255, 255, 255, 255, 255, 255, 255], [0xe7, 0x81, 0]);
const tracks = element([0x16, 0x54, 0xae, 0x6b], [1, 2, 3]);
const told = (webm: Uint8Array<ArrayBuffer>, durationMs: number) => bytes(...playable(Uint8Array.from(webm), durationMs));

/** With a size of four bytes, as it is written. */
const written = (...children: Uint8Array[]) => {
  const body = bytes(...children);
  return bytes([0x15, 0x49, 0xa9, 0x66], [0x10, 0, 0, body.length], body);
};

test("a head that says nothing of its length says it, and the rest is as it was", () => {
  const rest = bytes(tracks, cluster);
  expect(told(bytes(ebml, segment, info(scale, app), rest), 2500)).toEqual(bytes(ebml, segment, written(scale, app, duration(2500)), rest));
});

test("in Firefox's file every packet of sound is marked as one to begin at, and pictures are left as they are", () => {
  const track = (number: number, type: number) => element([0xae], bytes([0xd7, 0x81, number], [0x83, 0x81, type]));
  const both = element([0x16, 0x54, 0xae, 0x6b], bytes(track(1, 1), track(2, 2)));
  const empty = element([0x11, 0x4d, 0x9b, 0x74], []);
  const block = (number: number, flags: number) => element([0xa3], [0x80 | number, 0, 5, flags, 7, 7]);
  const file = (flags: number, head: Uint8Array) =>
    bytes(ebml, segment, empty, head, both, cluster, block(1, 0), block(2, flags), cluster, block(2, flags), block(1, 0x80));
  expect(told(file(0, info(scale, duration(0))), 500)).toEqual(file(0x80, written(scale, duration(500))));
});

test("a length of nought, as Firefox writes it, is written over", () => {
  expect(told(bytes(ebml, segment, info(scale, duration(0), app), cluster), 800)).toEqual(
    bytes(ebml, segment, written(scale, app, duration(800)), cluster),
  );
});

test("the length is told in the file's own ticks", () => {
  const halves = element([0x2a, 0xd7, 0xb1], [0x07, 0xa1, 0x20]);
  expect(told(bytes(ebml, segment, info(halves), cluster), 1000)).toEqual(bytes(ebml, segment, written(halves, duration(2000)), cluster));
});

test("a file with an index of its head, of a known size, or of no kind at all stays as it is", () => {
  const index = element([0x11, 0x4d, 0x9b, 0x74], [1]);
  const sized = bytes([0x18, 0x53, 0x80, 0x67], [0x01, 0, 0, 0, 0, 0, 0, 200]);
  for (const file of [bytes(ebml, segment, index, info(scale), cluster), bytes(ebml, sized, info(scale), cluster), bytes(ebml), bytes([0])])
    expect(told(file, 1000)).toEqual(file);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      const file = Uint8Array.from(noise);
      expect(told(file, 1000).length).toBeGreaterThanOrEqual(0);
    }),
  );
});
