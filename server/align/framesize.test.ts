import { expect, test } from "vitest";
import { Container } from "./container.ts";
import { configuredSize, frameSize, tooLarge } from "./framesize.ts";
import { cluster, mp4Head, webmHead } from "./media.fixture.ts";
import { Pace } from "./pace.ts";

const hex = (digits: string) => Buffer.from(digits.replaceAll(" ", ""), "hex");
const of = (codec: "vp8" | "vp9" | "av1" | "h264", extra: Buffer | null = null) => ({ codec, extra, lengthPrefixed: extra !== null });
const vp8 = (width: number, height: number) =>
  Buffer.concat([hex("100200 9d012a"), Uint8Array.of(width & 255, width >> 8, height & 255, height >> 8), new Uint8Array(30)]);

// Taken from recordings by libvpx, SVT-AV1 and x264, of 160 × 96 and 1280 × 720.
const avcC = hex("0142c020ffe100126742c0208c8d402802dd350606060784423501000468ce3c80");

test("key frames of every codec say how large they are", () => {
  expect(frameSize(of("vp8"), vp8(1280, 720))).toEqual({ width: 1280, height: 720 });
  // The upper two bits are for scaling.
  expect(frameSize(of("vp8"), vp8(0x4000 | 640, 0xc000 | 360))).toEqual({ width: 640, height: 360 });
  expect(frameSize(of("vp9"), hex("82 498342 00 09f0 05f0 00"))).toEqual({ width: 160, height: 96 });
  expect(frameSize(of("h264"), Buffer.concat([hex("00000001"), avcC.subarray(8, 26)]))).toEqual({ width: 1280, height: 720 });
  const prefixed = Buffer.concat([hex("00000012"), avcC.subarray(8, 26), hex("00000001 65")]);
  expect(frameSize(of("h264", avcC), prefixed)).toEqual({ width: 1280, height: 720 });
  expect(configuredSize(of("h264", avcC))).toEqual({ width: 1280, height: 720 });
});

test("what builds on other frames, or cannot be read, says nothing, wherever it is cut off", () => {
  expect(frameSize(of("vp8"), hex("11 0200 9d012a 4001 b400"))).toBeNull();
  for (const codec of ["vp8", "vp9", "av1", "h264"] as const)
    for (let length = 0; length < 40; length++) {
      for (const byte of [0, 1, 0x0a, 0x55, 0x80, 0xff]) frameSize(of(codec), new Uint8Array(length).fill(byte));
      frameSize(of(codec), avcC.subarray(0, length));
    }
  expect(configuredSize(of("h264", hex("01")))).toBeNull();
});

test("a frame larger than is accepted is left out, with what builds on it, and the stream goes on at the next one", () => {
  const container = new Container();
  const at = (relativeMs: number, payload: Buffer) => ({ track: 1 as const, relativeMs, key: true, payload });
  container.push(Buffer.concat([webmHead(), cluster(0, [at(0, vp8(640, 360)), at(100, vp8(16_383, 16_383)), at(200, vp8(320, 180))])]));
  expect([...container.packets].map(({ mediaMs, afterDamage }) => [mediaMs, afterDamage])).toEqual([
    [0, false],
    [200, true],
  ]);
  expect(tooLarge({ width: 4096, height: 4096 })).toBe(false);
});

test("a configuration that is larger than its container says is refused", () => {
  const container = new Container();
  const golomb = (value: number) => "0".repeat(Math.floor(Math.log2(value + 1))) + (value + 1).toString(2);
  // 1280 × 45 macroblocks.
  const bits = [0, 0, 2, 1].map(golomb).join("") + ["0", golomb(1279), golomb(44), "1"].join("");
  const parameters = Buffer.from(
    bits
      .padEnd(120, "0")
      .match(/.{8}/g)!
      .map((byte) => Number.parseInt(byte, 2)),
  );
  const head = mp4Head();
  head.set(Buffer.concat([hex("6742c020"), parameters]), head.indexOf(hex("6742c020")));
  expect(() => container.push(head)).toThrow(/pixels/);
});

test("times go forwards, at the pace of a recorder, and not for ever", () => {
  const picture = { number: 1, kind: "video" as const };
  const pace = new Pace();
  expect([0, 33, 20, Number.NaN, 1e12, -1e9, Number.POSITIVE_INFINITY].map((atMs) => pace.takes(picture, atMs))).toEqual([
    ...[true, true, true],
    ...[false, false, false, false],
  ]);
  const fast = new Pace();
  expect(() => {
    for (let index = 0; index < 2000; index++) fast.takes(picture, index);
  }).toThrow("no recorder makes");
  const backAndForth = new Pace();
  const back = Array.from({ length: 500 }, (_, index) => backAndForth.takes(picture, index % 2 ? 30_000 : 0) && index % 2 === 0);
  expect(back.filter(Boolean).length).toBeLessThan(70);
});

test("a recorder at 120 pictures a second, and one whose clock was set back, are taken", () => {
  const picture = { number: 1, kind: "video" as const };
  const pace = new Pace();
  for (let index = 0; index < 5000; index++) expect(pace.takes(picture, (index * 1000) / 120)).toBe(true);
  for (let index = 0; index < 5000; index++) expect(pace.takes(picture, index * 33)).toBe(true);
});
