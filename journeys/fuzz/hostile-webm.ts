// WebM that uses every field against whoever believes it: sizes, times, counts, codecs, nesting.
import { cluster, element, opus20ms, uint, webmHead, webmSegment } from "../../server/align/media.fixture.ts";
import { hex, join, type Made, text } from "./bytes.ts";

const ebml = element(0x1a45dfa3, element(0x4282, text("webm")));
const segment = element(0x18538067, null);
const info = element(0x1549a966, uint(0x2ad7b1, 1_000_000));
const video = (...more: Uint8Array[]) => join(uint(0xd7, 1), uint(0x83, 1), element(0x86, text("V_VP8")), ...more);
const size = (width: number, height: number) => element(0xe0, join(uint(0xb0, width), uint(0xba, height)));
const webm = (tracks: Uint8Array, ...rest: Uint8Array[]) => join(ebml, segment, info, element(0x1654ae6b, tracks), ...rest);
const oneTrack = (body: Uint8Array, ...rest: Uint8Array[]) => webm(element(0xae, body), ...rest);
const picture = (payload: Uint8Array, atMs = 0) => cluster(atMs, [{ track: 1, relativeMs: 0, key: true, payload }]);
/** A VP8 key frame's header that claims a size. */
const vp8Key = (width: number, height: number) =>
  join([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, width & 255, width >> 8, height & 255, height >> 8], new Uint8Array(40));
const sound = (payload: Uint8Array, count = 1) =>
  cluster(
    0,
    Array.from({ length: count }, (_, index) => ({ track: 2 as const, relativeMs: index * 20, key: true, payload })),
  );
/** A block with these bytes for track number, time and flags. */
const rawBlock = (bytes: number[], payload: Uint8Array = new Uint8Array(20)) => element(0xa3, join(bytes, payload));
const clusterOf = (...inside: Uint8Array[]) => join(element(0x1f43b675, null), ...inside);

export function madeOfEbml(): Made[] {
  const good = webmHead();
  const out: Made[] = [];
  for (const [width, height] of [
    [32_768, 32_768],
    [65_535, 1],
    [1, 65_535],
    [4097, 4096],
    [0, 0],
    [0xffffffff, 0xffffffff],
    [4096, 4096],
  ] as const)
    out.push([`a WebM picture of ${width} × ${height}`, oneTrack(video(size(width, height)), picture(vp8Key(16, 16)))]);
  for (const [width, height] of [
    [16_383, 16_383],
    [4097, 16],
    [16, 4097],
    [0, 0],
    [1, 1],
    [4096, 4096],
  ] as const)
    out.push([
      `a VP8 frame of ${width} × ${height} in a file of 640 × 360`,
      join(good, picture(vp8Key(width, height)), picture(vp8Key(width, height), 500)),
    ]);
  for (const count of [2, 3, 50, 500]) {
    const entries = Array.from({ length: count }, (_, index) =>
      element(0xae, join(uint(0xd7, index + 1), uint(0x83, 1), element(0x86, text("V_VP8")), size(64, 64))),
    );
    out.push([`${count} video streams`, webm(join(...entries))]);
  }
  const audio = Array.from({ length: 500 }, (_, index) =>
    element(0xae, join(uint(0xd7, index + 1), uint(0x83, 2), element(0x86, text("A_OPUS")))),
  );
  out.push(["500 audio streams", webm(join(...audio))]);
  out.push([
    "two streams of one number",
    webm(join(element(0xae, video(size(64, 64))), element(0xae, join(uint(0xd7, 1), uint(0x83, 2), element(0x86, text("A_OPUS")))))),
  ]);
  for (const codec of [
    "V_MPEGH/ISO/HEVC",
    "V_MPEG4/ISO/SP",
    "V_MS/VFW/FOURCC",
    "V_UNCOMPRESSED",
    "V_THEORA",
    "S_TEXT/ASS",
    "S_TEXT/UTF8",
    "D_WEBVTT/SUBTITLES",
    "A_AAC",
    "A_VORBIS",
    "A_FLAC",
    "A_MS/ACM",
    "__proto__",
    "constructor",
    "toString",
    "",
    "V_VP8\0evil",
    "A".repeat(10_000),
  ])
    out.push([
      `a stream of kind ${codec.slice(0, 30)}`,
      oneTrack(join(uint(0xd7, 1), uint(0x83, codec.startsWith("V") ? 1 : 2), element(0x86, text(codec)), size(64, 64))),
    ]);
  out.push(["sound that says it is a picture", oneTrack(join(uint(0xd7, 1), uint(0x83, 1), element(0x86, text("A_OPUS")), size(64, 64)))]);
  out.push(["a compressed stream", oneTrack(video(size(64, 64), element(0x6d80, element(0x6240, new Uint8Array(4)))))]);
  out.push([
    "alpha",
    oneTrack(video(uint(0x55ee, 1), element(0xe0, join(uint(0xb0, 64), uint(0xba, 64), uint(0x53c0, 1)))), picture(vp8Key(64, 64))),
  ]);
  out.push([
    "a block with additions",
    join(
      good,
      clusterOf(
        uint(0xe7, 0),
        element(
          0xa0,
          join(element(0xa1, join([0x81, 0, 0, 0], vp8Key(64, 64))), element(0x75a1, element(0xa6, element(0xa5, new Uint8Array(100))))),
        ),
      ),
    ),
  ]);
  for (const scale of [0, 1, 1_000_000_000, 0xffffffff, 0xffffffffffff])
    out.push([
      `a clock of ${scale} ns`,
      join(
        ebml,
        segment,
        element(0x1549a966, uint(0x2ad7b1, scale)),
        element(0x1654ae6b, element(0xae, video(size(64, 64)))),
        picture(vp8Key(64, 64), 30_000),
      ),
    ]);
  out.push([
    "a clock of 1000 bytes",
    join(ebml, segment, element(0x1549a966, element(0x2ad7b1, new Uint8Array(1000).fill(255))), good.subarray(60)),
  ]);
  out.push([
    "a codec delay of 1000 bytes",
    oneTrack(video(size(64, 64), element(0x56aa, new Uint8Array(1000).fill(255))), picture(vp8Key(64, 64))),
  ]);
  out.push([
    "a codec delay of centuries",
    oneTrack(video(size(64, 64), element(0x56aa, new Uint8Array(8).fill(255))), picture(vp8Key(64, 64))),
  ]);
  for (const at of [1e9 * 1000, 2 ** 40, 86_400_001, 86_399_000])
    out.push([`a cluster at ${at} ms`, join(good, picture(vp8Key(64, 64), at), picture(vp8Key(64, 64), at + 500))]);
  out.push([
    "clusters back and forth",
    join(good, ...Array.from({ length: 3000 }, (_, index) => picture(vp8Key(64, 64), index % 2 ? 50_000 : 100))),
  ]);
  out.push([
    "negative times",
    join(good, ...Array.from({ length: 40 }, (_, index) => clusterOf(uint(0xe7, 0), rawBlock([0x81, 0x80, index, 0x80], vp8Key(64, 64))))),
  ]);
  out.push([
    "1000 pictures a second",
    join(
      good,
      ...Array.from({ length: 4 }, (_, second) =>
        cluster(
          second * 1000,
          Array.from({ length: 1000 }, (_, index) => ({ track: 1 as const, relativeMs: index, key: true, payload: vp8Key(64, 64) })),
        ),
      ),
    ),
  ]);
  out.push([
    "200 pictures a second",
    join(
      good,
      ...Array.from({ length: 8 }, (_, second) =>
        cluster(
          second * 1000,
          Array.from({ length: 200 }, (_, index) => ({ track: 1 as const, relativeMs: index * 5, key: true, payload: vp8Key(64, 64) })),
        ),
      ),
    ),
  ]);
  out.push([
    "5000 pictures at one moment",
    join(
      good,
      cluster(
        0,
        Array.from({ length: 5000 }, () => ({ track: 1 as const, relativeMs: 0, key: true, payload: vp8Key(64, 64) })),
      ),
    ),
  ]);
  out.push(["the same cluster a hundred times", join(good, ...Array.from({ length: 100 }, () => picture(vp8Key(64, 64), 1000)))]);
  for (const lacing of [0x02, 0x04, 0x06]) {
    out.push([
      `lacing ${lacing} in the first block`,
      join(good, clusterOf(uint(0xe7, 0), rawBlock([0x81, 0, 0, 0x80 | lacing], new Uint8Array(50).fill(255)))),
    ]);
    out.push([
      `lacing ${lacing} later on`,
      join(
        good,
        picture(vp8Key(64, 64)),
        clusterOf(uint(0xe7, 100), rawBlock([0x81, 0, 0, lacing], new Uint8Array(50).fill(255))),
        picture(vp8Key(64, 64), 200),
      ),
    ]);
  }
  out.push(["a block of no stream", join(good, clusterOf(uint(0xe7, 0), rawBlock([0x9f, 0, 0, 0x80])))]);
  out.push([
    "a block whose stream's number has eight bytes",
    join(good, clusterOf(uint(0xe7, 0), rawBlock([1, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0x80]))),
  ]);
  for (const length of [0, 1, 2, 3, 4])
    out.push([`a block of ${length} bytes`, join(good, clusterOf(uint(0xe7, 0), element(0xa3, new Uint8Array(length).fill(0x81))))]);
  out.push(["a cluster without a time", join(good, clusterOf(rawBlock([0x81, 0, 0, 0x80])))]);
  out.push([
    "a cluster's time of 9 bytes",
    join(good, clusterOf(element(0xe7, new Uint8Array(9).fill(255)), rawBlock([0x81, 0, 0, 0x80]))),
  ]);
  for (const [name, bytes] of [
    ["2^56 − 2", "01fffffffffffffe"],
    ["1 TB", "010000e8d4a51000"],
    ["4 GB", "0100000100000000"],
    ["16 MB + 1", "0100000001000001"],
    ["16 MB", "0100000001000000"],
    ["zero", "80"],
    ["of no length", "00"],
  ] as const) {
    out.push([
      `a block that claims ${name}`,
      join(good, clusterOf(uint(0xe7, 0), join([0xa3], hex(bytes), vp8Key(64, 64))), picture(vp8Key(64, 64), 500)),
    ]);
    out.push([
      `an unknown element that claims ${name}`,
      join(good, clusterOf(uint(0xe7, 0), join([0xec], hex(bytes), new Uint8Array(30))), picture(vp8Key(64, 64), 500)),
    ]);
    out.push([`Tracks that claim ${name}`, join(ebml, segment, info, hex("1654ae6b"), hex(bytes), new Uint8Array(100))]);
    out.push([`an EBML head that claims ${name}`, join(hex("1a45dfa3"), hex(bytes), new Uint8Array(100))]);
  }
  let nested: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 2000; depth += 1) nested = element(0xa0, nested);
  out.push(["2000 groups inside one another", join(good, clusterOf(uint(0xe7, 0), nested))]);
  let entries: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 500; depth += 1) entries = element(0xae, entries);
  out.push(["500 entries inside one another", webm(entries)]);
  out.push(["half a million empty children", join(good, clusterOf(uint(0xe7, 0), element(0xa0, Buffer.alloc(1_000_000, hex("ec80")))))]);
  out.push(["half a million empty children in Tracks", webm(Buffer.alloc(900_000, hex("ec80")))]);
  out.push(["a second Segment", join(webmSegment(1), webmSegment(1))]);
  out.push([
    "another codec in the middle",
    join(
      webmSegment(1),
      ebml,
      segment,
      info,
      element(0x1654ae6b, element(0xae, join(uint(0xd7, 1), uint(0x83, 1), element(0x86, text("V_VP9")), size(64, 64)))),
      picture(vp8Key(64, 64), 1000),
    ),
  ]);
  out.push([
    "VP9 frames in a VP8 stream",
    join(good, ...Array.from({ length: 30 }, (_, index) => picture(hex("82498342000ff00bf400"), index * 33))),
  ]);
  out.push(["media before what they are", join(ebml, segment, picture(vp8Key(64, 64)))]);
  out.push(["no Tracks in a megabyte", join(ebml, segment, info, element(0xec, Buffer.alloc(1_100_000)))]);
  out.push(["a docType of 10 kB", join(element(0x1a45dfa3, element(0x4282, Buffer.alloc(10_000, "x"))), segment)]);
  out.push([
    "a private part of 900 kB",
    oneTrack(video(element(0x63a2, Buffer.alloc(900_000, 0xff)), size(64, 64)), picture(vp8Key(64, 64))),
  ]);
  for (const [name, payload] of [
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(0xff)],
    ["48 frames of 60 ms", Uint8Array.of(0x1b, 48)],
    ["63 frames", Uint8Array.of(0xff, 0x3f)],
    ["zeros", new Uint8Array(4000)],
    ["ones", new Uint8Array(4000).fill(255)],
  ] as const)
    out.push([`Opus packets of ${name}`, join(good, sound(payload, 100))]);
  for (const [rate, channels] of [
    [0, 1],
    [1, 1],
    [8e9, 2],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [48_000, 0],
    [48_000, 255],
    [48_000, 65_536],
  ] as const)
    out.push([
      `PCM of ${channels} channels at ${rate} Hz`,
      join(webmHead({ video: null, audio: { codec: "A_PCM/INT/LIT", rate, channels } }), sound(new Uint8Array(960), 5)),
    ]);
  for (const channels of [0, 3, 9, 255])
    out.push([
      `an OpusHead of ${channels} channels`,
      join(webmHead({ audio: { codec: "A_OPUS", rate: 48_000, channels } }), sound(opus20ms, 50)),
    ]);
  out.push([
    "NaN as PCM",
    join(
      webmHead({ video: null, audio: { codec: "A_PCM/FLOAT/IEEE", rate: 48_000, channels: 1 } }),
      sound(new Uint8Array(3840).fill(255), 50),
    ),
  ]);
  out.push([
    "PCM in one packet of 2 MB",
    join(webmHead({ video: null, audio: { codec: "A_PCM/INT/LIT", rate: 8000, channels: 1 } }), sound(new Uint8Array(2_000_000), 1)),
  ]);
  return out;
}
