import { expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import { Container } from "./container.ts";
import { box, mp4Head, u32 } from "./media.fixture.ts";
import { tracksOf } from "./mp4-streams.ts";

/** A moov with one stream of AAC, whose sample entry says 48 kHz unless told otherwise and whose decoder is configured so. */
function moovOf(config: string, rate = 48_000): Buffer {
  const specific = Buffer.from(config, "hex");
  const decoder = Buffer.concat([Buffer.from([0x40, 0x15]), Buffer.alloc(11), Buffer.from([5, specific.length]), specific]);
  const esds = box("esds", u32(0), Buffer.from([3, decoder.length + 5, 0, 1, 0, 4, decoder.length]), decoder);
  const entry = box("mp4a", new Uint8Array(16), Buffer.from("0002001000000000", "hex"), u32(rate * 0x10000), esds);
  const trak = box(
    "trak",
    box("tkhd", u32(0, 0, 0, 1, 0, 0)),
    box(
      "mdia",
      box("mdhd", u32(0, 0, 0, 48_000, 0, 0)),
      box("hdlr", u32(0, 0), "soun", new Uint8Array(12)),
      box("minf", box("stbl", box("stsd", u32(0, 1), entry))),
    ),
  );
  return Buffer.concat([box("mvhd", u32(0, 0, 0, 1000, 0)), trak, box("mvex", box("trex", u32(0, 1, 1, 0, 0, 0)))]);
}

test("AAC-LC is let in, and the decoder is told that it has no SBR, also where the file does not say so", () => {
  for (const config of ["1190", "119056e500"]) {
    const [track] = tracksOf(moovOf(config));
    expect(track!.stream).toMatchObject({ codec: "aac", sampleRate: 48_000, channels: 2 });
    expect(Buffer.from(track!.stream.extra!).toString("hex")).toBe("119056e500");
  }
});

test("HE-AAC, whose packets last twice as long as the container lets on, is refused in words", () => {
  // SBR, PS, and SBR that only newer decoders see.
  for (const config of ["2b118800", "eb118800", "131056e598"])
    expect(() => tracksOf(moovOf(config))).toThrow(new UserError("not-media", "This MP4 has HE-AAC sound; AAC-LC is accepted."));
});

test("HE-AAC that nothing but a sample entry at twice its rate tells of is refused, too", () => {
  // 24 kHz by its place in the table, and in full.
  for (const config of ["1310", "17802ee010"])
    expect(() => tracksOf(moovOf(config))).toThrow(new UserError("not-media", "This MP4 has HE-AAC sound; AAC-LC is accepted."));
  for (const config of ["1310", "17802ee010"]) expect(tracksOf(moovOf(config, 24_000))[0]!.stream.sampleRate).toBe(24_000);
});

test("the sound's rate is its decoder's, where the sample entry has no room for it", () => {
  expect(tracksOf(moovOf("1010", 0))[0]!.stream.sampleRate).toBe(96_000);
});

test("how a picture is turned and mirrored is read from its track's header, of either version", () => {
  // As players show them: Safari writes the quarter turns, alone or behind a mirror; the last two stand for what no recorder writes.
  const cases: [number[], { turned: number; mirrored: boolean }][] = [
    [[1, 0, 0, 1], { turned: 0, mirrored: false }],
    [[0, 1, -1, 0], { turned: 90, mirrored: false }],
    [[-1, 0, 0, -1], { turned: 180, mirrored: false }],
    [[0, -1, 1, 0], { turned: 270, mirrored: false }],
    [[-1, 0, 0, 1], { turned: 0, mirrored: true }],
    [[0, -1, -1, 0], { turned: 270, mirrored: true }],
    [[0, 1, 1, 0], { turned: 90, mirrored: true }],
    [[0.9, 0.1, -0.1, 0.9], { turned: 0, mirrored: false }],
    [[0, 0, 0, 0], { turned: 0, mirrored: false }],
  ];
  for (const [matrix, expected] of cases)
    for (const version of [0, 1] as const) expect(pictureOf(mp4Head({ matrix, version })), `${matrix}`).toMatchObject(expected);
  expect(pictureOf(mp4Head())).toMatchObject({ turned: 0, mirrored: false });
});

function pictureOf(head: Buffer) {
  const container = new Container();
  container.push(head);
  return container.streams[0];
}
