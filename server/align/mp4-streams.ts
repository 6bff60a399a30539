// The moov box of a fragmented MP4, read into streams and what their fragments need. Throws UserError for what is off the allow-list.
import { boxesOf, boxIn, Fields } from "./boxes.ts";
import { mp4Codecs, opusPreSkip } from "./codec.ts";
import { type Codec, refusal, type Stream } from "./container.ts";

/** What a fragment leaves out when it is the same for all. */
export interface Mp4Track {
  stream: Stream;
  /** Ticks per second. */
  timescale: number;
  /** Added to every presentation time: edit list, milliseconds. */
  editMs: number;
  duration: number;
  size: number;
  flags: number;
}

export function tracksOf(moov: Buffer): Mp4Track[] {
  const boxes = boxesOf(moov);
  const mvex = boxes.find((box) => box.type === "mvex");
  if (!mvex)
    throw refusal("This MP4 is of the kind that is written in one piece; only fragmented MP4 can be received while it is recorded.");
  const movieScale = timescaleOf(boxes.find((box) => box.type === "mvhd")?.body ?? null) || 1000;
  const tracks = boxes.filter((box) => box.type === "trak").map((box) => trackOf(box.body, movieScale));
  for (const box of boxesOf(mvex.body)) {
    if (box.type !== "trex") continue;
    const fields = new Fields(box.body).skip(4);
    const track = tracks.find(({ stream }) => stream.number === fields.u32());
    fields.skip(4);
    if (track) Object.assign(track, { duration: fields.u32(), size: fields.u32(), flags: fields.u32() });
  }
  return tracks;
}

function trackOf(trak: Buffer, movieScale: number): Mp4Track {
  const tkhd = boxIn(trak, "tkhd");
  const handler = boxIn(trak, "mdia", "hdlr")?.toString("latin1", 8, 12);
  const entry = boxIn(trak, "mdia", "minf", "stbl", "stsd");
  const timescale = timescaleOf(boxIn(trak, "mdia", "mdhd"));
  const sample = entry ? boxesOf(entry, 8)[0] : undefined;
  if (!tkhd || !sample || !(timescale > 0)) throw refusal("This MP4 does not say what is in its streams.");
  const kind = handler === "vide" ? "video" : handler === "soun" ? "audio" : null;
  const codec = Object.hasOwn(mp4Codecs, sample.type) ? mp4Codecs[sample.type] : undefined;
  if (!codec || !kind || ["opus", "aac"].includes(codec) !== (kind === "audio"))
    throw refusal(`This MP4 has a stream of kind "${sample.type}"; H.264, VP9, AV1, AAC and Opus are accepted.`);
  const number = new Fields(tkhd).skip(tkhd[0] === 1 ? 20 : 12).u32();
  const stream = kind === "video" ? videoOf(number, codec, sample.body, orientationOf(tkhd)) : audioOf(number, codec, sample.body);
  return { stream, timescale, editMs: editMsOf(boxIn(trak, "edts", "elst"), movieScale, timescale), duration: 0, size: 0, flags: 0 };
}

/** mvhd and mdhd have their timescale at the same place. */
function timescaleOf(box: Buffer | null): number {
  return box ? new Fields(box).skip(box[0] === 1 ? 20 : 12).u32() : 0;
}

/** The usual edit list: empty edits (negative start), then one that says where in the media presentation begins. */
function editMsOf(elst: Buffer | null, movieScale: number, timescale: number): number {
  if (!elst) return 0;
  const fields = new Fields(elst);
  const { version } = fields.full();
  const count = fields.u32();
  let editMs = 0;
  for (let index = 0; index < count && fields.left >= (version === 1 ? 20 : 12); index += 1) {
    const duration = version === 1 ? fields.u64() : fields.u32();
    const mediaTime = version === 1 ? fields.i64() : fields.i32();
    fields.skip(4);
    if (mediaTime >= 0) return editMs - (mediaTime / timescale) * 1000;
    editMs += (duration / movieScale) * 1000;
  }
  return editMs;
}

type Orientation = Pick<Stream, "turned" | "mirrored">;

/** The matrix of a track's header (ISO/IEC 14496-12, 8.3.2): rows (a b) and (c d), each behind its own third number, applied to points written as
 * rows. Safari has quarter turns and mirrors in it; of anything else the nearest one is taken. */
function orientationOf(tkhd: Buffer): Orientation {
  const at = tkhd[0] === 1 ? 52 : 40;
  if (tkhd.length < at + 36) return { turned: 0, mirrored: false };
  const [a, b, c, d] = [0, 4, 12, 16].map((place) => tkhd.readInt32BE(at + place)) as [number, number, number, number];
  const mirrored = a * d - b * c < 0;
  const quarters = Math.round(Math.atan2(b, mirrored ? -a : a) / (Math.PI / 2));
  return { turned: (((quarters + 4) % 4) * 90) as Stream["turned"], mirrored };
}

function videoOf(number: number, codec: Codec, entry: Buffer, orientation: Orientation): Stream {
  const fields = new Fields(entry).skip(24);
  const width = fields.u16();
  const height = fields.u16();
  const configuration = boxesOf(entry, 78).find((box) => ["avcC", "vpcC", "av1C"].includes(box.type));
  // vpcC says nothing that the VP9 decoder takes as extradata.
  const extra = configuration && configuration.type !== "vpcC" ? Uint8Array.from(configuration.body) : null;
  if (codec === "h264" && !extra) throw refusal("This MP4 has H.264 without its parameter sets.");
  const lengthPrefixed = codec === "h264";
  const none = { sampleRate: 0, channels: 0, preSkip: 0, sampleFormat: null };
  return { number, kind: "video", codec, width, height, extra, lengthPrefixed, ...none, ...orientation };
}

function audioOf(number: number, codec: Codec, entry: Buffer): Stream {
  const fields = new Fields(entry).skip(16);
  const channels = fields.u16();
  const sampleRate = fields.skip(6).u32() / 65_536;
  const inside = boxesOf(entry, 28);
  const stream: Stream = {
    number,
    kind: "audio",
    codec,
    width: 0,
    height: 0,
    sampleRate: codec === "opus" ? 48_000 : sampleRate,
    channels,
    extra: null,
    lengthPrefixed: false,
    preSkip: 0,
    sampleFormat: null,
    turned: 0,
    mirrored: false,
  };
  const opus = inside.find((box) => box.type === "dOps");
  const esds = inside.find((box) => box.type === "esds");
  if (codec === "opus" && opus) stream.extra = opusHead(opus.body);
  if (codec === "aac") stream.extra = esds ? audioSpecificConfig(esds.body.subarray(4), sampleRate) : null;
  if (!stream.extra) throw refusal("This MP4 does not say how its sound is coded.");
  if (codec === "opus") stream.preSkip = opusPreSkip(stream.extra);
  // What the decoder goes by. The sample entry has no room for more than 65,535.
  else stream.sampleRate = configuredRate(stream.extra);
  return stream;
}

/** dOps is OpusHead with big-endian numbers, another version byte and no magic ("Encapsulation of Opus in ISOBMFF", 4.3.2). */
function opusHead(dops: Buffer): Uint8Array | null {
  if (dops.length < 11) return null;
  const head = Buffer.concat([Buffer.from("OpusHead\x01", "latin1"), dops.subarray(1)]);
  head.writeUInt16LE(dops.readUInt16BE(2), 10);
  head.writeUInt32LE(dops.readUInt32BE(4), 12);
  head.writeInt16LE(dops.readInt16BE(8), 16);
  return head;
}

/** Descends ES_Descriptor (3) and DecoderConfigDescriptor (4) to DecoderSpecificInfo (5), ISO/IEC 14496-1. `sampleRate`: the sample entry's. */
function audioSpecificConfig(descriptors: Buffer, sampleRate: number): Uint8Array | null {
  let at = 0;
  while (at + 2 <= descriptors.length) {
    const tag = descriptors[at++]!;
    let size = 0;
    for (let count = 0; count < 4; count += 1) {
      const byte = descriptors[at++] ?? 0;
      size = size * 128 + (byte & 127);
      if (byte < 128) break;
    }
    if (tag === 3) at += 3;
    else if (tag === 4) {
      // 0x40 is MPEG-4 audio; MP3 and others hide behind the same sample entry.
      if (descriptors[at] !== 0x40) throw refusal("This MP4 has sound that is not AAC.");
      at += 13;
    } else if (tag === 5) {
      if (at + size > descriptors.length || size < 2) return null;
      const config = Uint8Array.from(descriptors.subarray(at, at + size));
      if (isHighEfficiency(config) || sampleRate === configuredRate(config) * 2)
        throw refusal("This MP4 has HE-AAC sound; AAC-LC is accepted.");
      return withoutReplica(config);
    } else at += size;
  }
  return null;
}

const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

/** ISO/IEC 14496-3, 1.6.2.1: behind five bits of object type four that are a place in the table, or 15 and then the rate. 0: neither. */
function configuredRate(config: Uint8Array): number {
  const bits = [0, 1, 2, 3, 4].reduce((value, at) => value * 256 + (config[at] ?? 0), 0);
  const place = Math.floor(bits / 2 ** 31) & 15;
  return place === 15 ? Math.floor(bits / 2 ** 7) & 0xffffff : (rates[place] ?? 0);
}

/** Twice as many samples in a packet as AAC has, at twice the rate that the container says: object types 5 (SBR) and 29 (PS), or SBR that is told behind
 * a configuration that decoders without it can read (ISO/IEC 14496-3, 1.6.5). A sample entry at twice the configuration's rate tells it, too. */
function isHighEfficiency(config: Uint8Array): boolean {
  const objectType = config[0]! >> 3;
  return objectType === 5 || objectType === 29 || (config[2] === 0x56 && config[3] === 0xe5 && (config[4] ?? 0) >= 128);
}

/** What tells the decoder, behind a configuration, that there is no SBR: a packet may hold some that nothing tells of, and decoded with it lasts twice
 * as long as it says. Without, the voice is at its time, and duller. */
const noReplica = Buffer.from("56e500", "hex");

function withoutReplica(config: Uint8Array): Uint8Array {
  return Buffer.from(config).includes(noReplica.subarray(0, 2), 2) ? config : Buffer.concat([config, noReplica]);
}
