import { expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import { box, u32 } from "./media.fixture.ts";
import { tracksOf } from "./mp4-streams.ts";

/** A moov with one stream of AAC at 48 kHz whose decoder is configured so. */
function moovOf(config: string): Buffer {
  const specific = Buffer.from(config, "hex");
  const decoder = Buffer.concat([Buffer.from([0x40, 0x15]), Buffer.alloc(11), Buffer.from([5, specific.length]), specific]);
  const esds = box("esds", u32(0), Buffer.from([3, decoder.length + 5, 0, 1, 0, 4, decoder.length]), decoder);
  const entry = box("mp4a", new Uint8Array(16), Buffer.from("00020010 00000000 bb800000".replaceAll(" ", ""), "hex"), esds);
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

test("AAC-LC is let in, also where it says that it has no SBR", () => {
  for (const config of ["1190", "119056e500"]) {
    const [track] = tracksOf(moovOf(config));
    expect(track!.stream).toMatchObject({ codec: "aac", sampleRate: 48_000, channels: 2 });
    expect(Buffer.from(track!.stream.extra!).toString("hex")).toBe(config);
  }
});

test("HE-AAC, whose packets last twice as long as the container lets on, is refused in words", () => {
  // SBR, PS, and SBR that only newer decoders see.
  for (const config of ["2b118800", "eb118800", "131056e598"])
    expect(() => tracksOf(moovOf(config))).toThrow(new UserError("not-media", "This MP4 has HE-AAC sound; AAC-LC is accepted."));
});
