// The Tracks element of WebM, read into streams. Throws UserError for what is off the allow-list.
import { opusPreSkip, webmCodecs } from "./codec.ts";
import { refusal, type Stream } from "./container.ts";
import { childrenOf, floatOf, uintOf } from "./ebml.ts";

/** The elements that are read or knowingly passed over (RFC 9559, section 5). */
export const id = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  contentEncodings: 0x6d80,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  bitDepth: 0x6264,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  referenceBlock: 0xfb,
  void: 0xec,
  crc: 0xbf,
  cues: 0x1c53bb6b,
  seekHead: 0x114d9b74,
  tags: 0x1254c367,
  chapters: 0x1043a770,
  previousSize: 0xab,
  position: 0xa7,
} as const;

type Fields = Map<number, Uint8Array>;

export function streamsOf(tracks: Uint8Array): { streams: Stream[]; delayMs: Map<number, number> } {
  const streams: Stream[] = [];
  const delayMs = new Map<number, number>();
  for (const entry of childrenOf(tracks)) {
    if (entry.id !== id.trackEntry) continue;
    const fields = fieldsOf(entry.body);
    const stream = streamOf(fields);
    if (streams.some((other) => other.number === stream.number)) throw refusal("Two streams of this WebM file have the same number.");
    streams.push(stream);
    delayMs.set(stream.number, delayOf(number(fields, id.codecDelay, 0)));
  }
  return { streams, delayMs };
}

/** Nanoseconds; an encoder's lookahead is some milliseconds. */
function delayOf(delayNs: number): number {
  if (delayNs > 1e9) throw refusal("This WebM file says that its codec is later than a second, which none is.");
  return delayNs / 1e6;
}

function streamOf(fields: Fields): Stream {
  const codecId = Buffer.from(fields.get(id.codecId) ?? [])
    .toString("latin1")
    .replace(/\0+$/, "");
  if (fields.has(id.contentEncodings)) throw refusal("This WebM file is encrypted or compressed inside, which is not accepted.");
  const codec = Object.hasOwn(webmCodecs, codecId) ? webmCodecs[codecId] : undefined;
  const type = number(fields, id.trackType, 0);
  const kind = type === 1 ? "video" : type === 2 ? "audio" : null;
  if (!codec || !kind || codecId.startsWith("V_") !== (kind === "video"))
    throw refusal(
      `This WebM file has a stream of kind "${codecId.slice(0, 40).replace(/[^\x20-\x7e]/g, "?")}"; VP8, VP9, AV1, H.264, Opus and PCM are accepted.`,
    );
  const extra = fields.get(id.codecPrivate);
  const stream: Stream = {
    number: number(fields, id.trackNumber, 0),
    kind,
    codec,
    width: 0,
    height: 0,
    sampleRate: 0,
    channels: 0,
    // A copy: the view is into bytes that are about to be overwritten.
    extra: extra && extra.length > 0 ? Uint8Array.from(extra) : null,
    lengthPrefixed: codec === "h264" && extra !== undefined && extra[0] === 1,
    preSkip: 0,
    sampleFormat: null,
    // No recorder writes a projection: Safari's, alone in leaving pictures as its camera lies, says so in MP4 only.
    turned: 0,
    mirrored: false,
  };
  if (kind === "video") {
    const video = fieldsOf(fields.get(id.video) ?? new Uint8Array());
    stream.width = number(video, id.pixelWidth, 0);
    stream.height = number(video, id.pixelHeight, 0);
  } else {
    const audio = fieldsOf(fields.get(id.audio) ?? new Uint8Array());
    stream.channels = number(audio, id.channels, 1);
    if (codec === "opus") {
      stream.sampleRate = 48_000;
      stream.preSkip = opusPreSkip(stream.extra);
    } else {
      const rate = audio.get(id.samplingFrequency);
      stream.sampleRate = rate ? floatOf(rate) : 8000;
      stream.sampleFormat = sampleFormatOf(codecId, number(audio, id.bitDepth, codecId.includes("FLOAT") ? 32 : 16));
    }
  }
  return stream;
}

function sampleFormatOf(codecId: string, bits: number): Stream["sampleFormat"] {
  if (codecId.includes("FLOAT")) {
    if (bits === 32) return "f32le";
  } else if (bits === 16 || bits === 24 || bits === 32) {
    return `s${bits}le`;
  }
  throw refusal(`This WebM file has PCM sound of ${bits} bits, which is not accepted.`);
}

function fieldsOf(body: Uint8Array): Fields {
  const fields: Fields = new Map();
  for (const child of childrenOf(body)) if (!fields.has(child.id)) fields.set(child.id, child.body);
  return fields;
}

function number(fields: Fields, element: number, otherwise: number): number {
  const body = fields.get(element);
  return body && body.length > 0 && body.length <= 8 ? uintOf(body) : otherwise;
}
