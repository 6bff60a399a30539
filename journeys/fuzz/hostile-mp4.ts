// Fragmented MP4 that uses every box against whoever believes it.
import { box, fragment, mp4Head, u32 } from "../../server/align/media.fixture.ts";
import { hex, join, type Made } from "./bytes.ts";

export function madeOfBoxes(): Made[] {
  const out: Made[] = [];
  const ftyp = box("ftyp", "isom", u32(512));
  const head = mp4Head();
  const good = fragment(1);
  for (const [name, bytes] of [
    ["0", u32(0)],
    ["1 and nothing", u32(1)],
    ["7", u32(7)],
    ["2^31", u32(0x80000000)],
    ["2^32 − 1", u32(0xffffffff)],
  ] as const) {
    out.push([`a moov of size ${name}`, join(ftyp, bytes, "moov", new Uint8Array(40))]);
    out.push([`a moof of size ${name}`, join(head, bytes, "moof", good.subarray(8), fragment(2))]);
    out.push([
      `an mdat of size ${name}`,
      join(head, good.subarray(0, good.indexOf("mdat") - 4), bytes, "mdat", new Uint8Array(50), fragment(2)),
    ]);
    out.push([`a free box of size ${name}`, join(head, bytes, "free", new Uint8Array(50), fragment(2))]);
    out.push([`a first box of size ${name}`, join(bytes, "ftypisom", new Uint8Array(20))]);
  }
  for (const large of ["0000000000000000", "000000000000000f", "7fffffffffffffff", "ffffffffffffffff", "0000000100000000"])
    out.push([`a large size of ${large}`, join(head, u32(1), "moof", hex(large), new Uint8Array(60), fragment(2))]);
  // Pictures that lie anyhow: by quarters, mirrored, and as no matrix of a picture is.
  for (const matrix of [
    [0, 1, -1, 0],
    [0, -1, -1, 0],
    [0, 0, 0, 0],
    [-32_768, 32_767, 32_767, -32_768],
    [0.7, 0.7, -0.7, 0.7],
  ])
    out.push([`a picture turned by ${matrix}`, join(mp4Head({ matrix }), good, fragment(2))]);
  const moof = (...trafs: Uint8Array[]) => box("moof", box("mfhd", u32(0, 1)), ...trafs);
  const traf = (run: Uint8Array, tfhd = box("tfhd", u32(0x20000, 1)), tfdt = box("tfdt", u32(0, 0))) => box("traf", tfhd, tfdt, run);
  const withMedia = (index: Uint8Array) => join(head, index, box("mdat", new Uint8Array(200)), fragment(2));
  for (const [name, run] of [
    ["a trun of 2^32 − 1 samples", box("trun", u32(0x701, 0xffffffff, 100))],
    ["a trun of a million samples of nothing", box("trun", u32(0, 1_000_000))],
    ["samples of 2^32 − 1 bytes", box("trun", u32(0x701, 2, 100, 1000, 0xffffffff, 0, 1000, 0xffffffff, 0))],
    ["samples before the fragment", box("trun", u32(0x701, 1, 0x80000000, 1000, 50, 0))],
    ["samples over one another", box("trun", u32(0x701, 2, 100, 1000, 50, 0, 1000, 50, 0))],
    ["samples that last for ever", box("trun", u32(0x301, 3, 150, 0xffffffff, 20, 0xffffffff, 20, 0xffffffff, 20))],
    ["times far before", box("trun", u32(0xb01, 2, 150, 1000, 20, 0x80000000, 1000, 20, 0x80000000))],
    ["a trun cut short", box("trun", u32(0x701, 30, 100))],
    ["an empty trun", box("trun", new Uint8Array(0))],
  ] as const)
    out.push([name, withMedia(moof(traf(run)))]);
  out.push(["a traf of no stream", withMedia(moof(traf(box("trun", u32(0x301, 1, 100, 1000, 20)), box("tfhd", u32(0x20000, 99)))))]);
  out.push([
    "samples of the second kind",
    withMedia(moof(traf(box("trun", u32(0x301, 1, 100, 1000, 20)), box("tfhd", u32(0x20002, 1, 2))))),
  ]);
  out.push(["a base of 2^63", withMedia(moof(traf(box("trun", u32(0x301, 1, 100, 1000, 20)), box("tfhd", u32(1, 1, 0x80000000, 0)))))]);
  out.push([
    "a time of 2^63",
    withMedia(moof(traf(box("trun", u32(0x301, 1, 120, 1000, 20)), undefined, box("tfdt", u32(0x1000000, 0x80000000, 0))))),
  ]);
  out.push([
    "a time of 10^9 seconds",
    withMedia(moof(traf(box("trun", u32(0x301, 1, 120, 1000, 20)), undefined, box("tfdt", u32(0x1000000, 6984, 0xe52c2000))))),
  ]);
  out.push([
    "encrypted samples",
    withMedia(moof(box("traf", box("tfhd", u32(0x20000, 1)), box("senc", u32(2, 1)), box("trun", u32(0x301, 1, 120, 1000, 20))))),
  ]);
  out.push(["a fragment of a hundred thousand boxes", withMedia(moof(join(...Array.from({ length: 100_000 }, () => box("free")))))]);
  out.push(["ten thousand trafs", withMedia(moof(...Array.from({ length: 10_000 }, () => traf(box("trun", u32(0, 0))))))]);
  let nested = box("moof");
  for (let depth = 0; depth < 3000; depth += 1) nested = box("moof", nested);
  out.push(["3000 boxes inside one another", join(head, nested, fragment(2))]);
  for (const entry of ["hvc1", "hev1", "dvh1", "mp4v", "encv", "s263", "jpeg", "tx3g", "stpp", "rtp ", "vp08", "raw "])
    out.push([`an MP4 stream of kind ${entry}`, join(mp4Head({ entry }), good)]);
  for (const width of [0, 4097, 32_768, 65_535]) out.push([`an MP4 picture ${width} wide`, join(mp4Head({ width }), good)]);
  out.push(["an MP4 in one piece", join(mp4Head({ fragmented: false }), good)]);
  out.push(["an index behind its media", join(ftyp, box("mdat", new Uint8Array(500)), head.subarray(ftyp.length))]);
  out.push(["a moov of nothing", join(ftyp, box("moov"), good)]);
  out.push(["a moov of zeros", join(ftyp, box("moov", new Uint8Array(1000)), good)]);
  out.push(["a moov of 100,000 boxes", join(ftyp, box("moov", join(...Array.from({ length: 100_000 }, () => box("free")))), good)]);
  out.push(["a second moov in the middle", join(head, good, head.subarray(ftyp.length), fragment(2))]);
  out.push(["a second ftyp in the middle", join(head, good, head, fragment(2))]);
  const trak = (stsd: Uint8Array, more: Uint8Array = Buffer.alloc(0)) =>
    join(
      ftyp,
      box(
        "moov",
        box("mvhd", u32(0, 0, 0, 1000, 0)),
        box(
          "trak",
          box("tkhd", u32(0, 0, 0, 1, 0, 0)),
          more,
          box(
            "mdia",
            box("mdhd", u32(0, 0, 0, 30_000, 0, 0)),
            box("hdlr", u32(0, 0), "vide", new Uint8Array(12)),
            box("minf", box("stbl", box("stsd", stsd))),
          ),
        ),
        box("mvex", box("trex", u32(0, 1, 1, 0, 0, 0))),
      ),
      good,
    );
  out.push(["an stsd of 2^32 − 1 entries", trak(u32(0, 0xffffffff))]);
  out.push(["an stsd of nothing", trak(new Uint8Array(0))]);
  out.push(["an stsd entry cut short", trak(join(u32(0, 1), box("avc1", new Uint8Array(10))))]);
  const sps = (bytes: string) =>
    join(u32(0, 1), box("avc1", new Uint8Array(24), hex("02800168"), new Uint8Array(50), box("avcC", hex(`0142c020ffe1${bytes}`))));
  out.push(["an avcC without parameter sets", trak(sps("0000"))]);
  out.push(["a parameter set longer than its box", trak(sps("ffff6742c020"))]);
  out.push(["a parameter set of zeros", trak(sps(`0020${`67${"00".repeat(31)}`}`))]);
  out.push(["a parameter set of ones", trak(sps(`0020${`67${"ff".repeat(31)}`}`))]);
  out.push(["a parameter set of 32768 × 32768", trak(sps("0014 6742c01f da 00100010 00080008 0000 00000000"))]);
  out.push(["an edit list of 2^32 − 1 edits", trak(sps("0000"), box("edts", box("elst", u32(0, 0xffffffff))))]);
  const esds = (bytes: string) =>
    join(
      ftyp,
      box(
        "moov",
        box("mvhd", u32(0, 0, 0, 1000, 0)),
        box(
          "trak",
          box("tkhd", u32(0, 0, 0, 1, 0, 0)),
          box(
            "mdia",
            box("mdhd", u32(0, 0, 0, 48_000, 0, 0)),
            box("hdlr", u32(0, 0), "soun", new Uint8Array(12)),
            box(
              "minf",
              box(
                "stbl",
                box("stsd", u32(0, 1), box("mp4a", new Uint8Array(16), hex("00020010 00000000 bb800000"), box("esds", u32(0), hex(bytes)))),
              ),
            ),
          ),
        ),
        box("mvex", box("trex", u32(0, 1, 1, 0, 0, 0))),
      ),
      good,
    );
  for (const bytes of [
    "",
    "03",
    "03ffffffff",
    "0380808000",
    "0319000000041140",
    "03190000000411690000000000000000000000000005021190",
    "0319000000041140000000000000000000000000000502ffff",
    "05ffffff7f",
  ])
    out.push([`an esds of ${bytes || "nothing"}`, esds(bytes)]);
  return out;
}
