// Small WebM and fragmented MP4 files made by hand for tests: right in structure, with bytes that are no real picture or sound.

const bytesOf = (...parts: (Uint8Array | number[] | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

/** An EBML element; `body` null leaves its size unknown. */
export function element(id: number, body: Uint8Array | null): Buffer {
  const hex = id.toString(16);
  const head = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  if (!body) return bytesOf(head, [0x01, 255, 255, 255, 255, 255, 255, 255]);
  return bytesOf(head, [0x10 | (body.length >>> 24), (body.length >>> 16) & 255, (body.length >>> 8) & 255, body.length & 255], body);
}

export function uint(id: number, value: number): Buffer {
  const hex = value.toString(16);
  return element(id, Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex"));
}

const text = (id: number, value: string) => element(id, Buffer.from(value, "latin1"));

export interface Block {
  track: 1 | 2;
  /** Milliseconds since its cluster's time; may be negative. */
  relativeMs: number;
  key: boolean;
  payload: Uint8Array;
  grouped?: boolean;
}

export interface Head {
  docType?: string;
  video?: { codec: string; width: number; height: number; extra?: Uint8Array } | null;
  audio?: { codec: string; rate: number; channels: number; preSkip?: number; delayNs?: number } | null;
}

export function webmHead(head: Head = {}): Buffer {
  const video = head.video === undefined ? { codec: "V_VP8", width: 640, height: 360 } : head.video;
  const audio = head.audio === undefined ? { codec: "A_OPUS", rate: 48_000, channels: 1 } : head.audio;
  const entries: Buffer[] = [];
  if (video) {
    const size = element(0xe0, bytesOf(uint(0xb0, video.width), uint(0xba, video.height)));
    const extra = "extra" in video && video.extra ? element(0x63a2, video.extra) : Buffer.alloc(0);
    entries.push(element(0xae, bytesOf(uint(0xd7, 1), uint(0x83, 1), text(0x86, video.codec), extra, size)));
  }
  if (audio) {
    const rate = Buffer.alloc(4);
    rate.writeFloatBE(audio.rate);
    const sound = element(0xe1, bytesOf(element(0xb5, rate), uint(0x9f, audio.channels)));
    const preSkip = audio.preSkip ?? 0;
    const opus = bytesOf("OpusHead", [1, audio.channels, preSkip & 255, preSkip >> 8, 0x80, 0xbb, 0, 0, 0, 0, 0]);
    const extra = audio.codec === "A_OPUS" ? element(0x63a2, opus) : Buffer.alloc(0);
    const delay = audio.delayNs ? uint(0x56aa, audio.delayNs) : Buffer.alloc(0);
    entries.push(element(0xae, bytesOf(uint(0xd7, 2), uint(0x83, 2), text(0x86, audio.codec), delay, extra, sound)));
  }
  return bytesOf(
    element(0x1a45dfa3, text(0x4282, head.docType ?? "webm")),
    element(0x18538067, null),
    element(0x1549a966, uint(0x2ad7b1, 1_000_000)),
    element(0x1654ae6b, bytesOf(...entries)),
  );
}

export function cluster(atMs: number, blocks: readonly Block[]): Buffer {
  return bytesOf(element(0x1f43b675, null), uint(0xe7, atMs), ...blocks.map(blockOf));
}

function blockOf({ track, relativeMs, key, payload, grouped }: Block): Buffer {
  const flags = key && !grouped ? 0x80 : 0;
  const body = bytesOf([0x80 | track, (relativeMs >> 8) & 255, relativeMs & 255, flags], payload);
  return grouped ? element(0xa0, bytesOf(element(0xa1, body), key ? [] : uint(0xfb, 1))) : element(0xa3, body);
}

/** One Opus packet of 20 ms that decodes to nothing in particular. */
export const opus20ms = Uint8Array.from([(19 << 3) | 0, 1, 2, 3]);
/** And of 60 ms: three frames of 20 ms. */
export const opus60ms = Uint8Array.from([(19 << 3) | 3, 3, 1, 2, 3]);

/** A segment as Chromium would record it: a cluster a second, 30 pictures and about 17 packets of sound in each. */
export function webmSegment(seconds: number, head: Head = {}): Buffer {
  const parts = [webmHead(head)];
  for (let second = 0; second < seconds; second += 1) {
    const blocks: Block[] = [];
    for (let frame = 0; frame < 30; frame += 1)
      blocks.push({
        track: 1,
        relativeMs: Math.round((frame * 1000) / 30),
        key: frame === 0,
        payload: new Uint8Array(40 + frame).fill(frame),
      });
    for (let at = (60 - ((second * 1000) % 60)) % 60; at < 1000; at += 60)
      blocks.push({ track: 2, relativeMs: at, key: true, payload: opus60ms });
    blocks.sort((a, b) => a.relativeMs - b.relativeMs);
    parts.push(cluster(second * 1000, blocks));
  }
  return Buffer.concat(parts);
}

export function box(type: string, ...parts: (Uint8Array | number[] | string)[]): Buffer {
  const body = bytesOf(...parts);
  return bytesOf(u32(body.length + 8), type, body);
}

export const u32 = (...values: number[]): Buffer => {
  const out = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) out.writeUInt32BE(value >>> 0, index * 4);
  return out;
};

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));

function trak(number: number, handler: string, timescale: number, entry: Buffer, header = box("tkhd", u32(0, 0, 0, number, 0, 0))): Buffer {
  return box(
    "trak",
    header,
    box(
      "mdia",
      box("mdhd", u32(0, 0, 0, timescale, 0, 0)),
      box("hdlr", u32(0, 0), handler, new Uint8Array(12)),
      box("minf", box("stbl", box("stsd", u32(0, 1), entry))),
    ),
  );
}

/** A real one, of constrained baseline 1280×720. */
const avcC = Buffer.from("0142c020ffe100126742c0208c8d402802dd350606060784423501000468ce3c80", "hex");

/** A track's header, all of it, with the first two rows of its matrix: a, b, c, d. */
function tkhd(number: number, [a, b, c, d]: readonly number[], version: 0 | 1): Buffer {
  const times = version === 1 ? [0, 0, 0, 0, number, 0, 0, 0] : [0, 0, number, 0, 0];
  const matrix = [a!, b!, 0, c!, d!, 0, 0, 0, 16_384].map((value) => Math.round(value * 0x10000));
  return box("tkhd", u32(version * 0x1000000, ...times), new Uint8Array(16), u32(...matrix), new Uint8Array(8));
}

/** ftyp and moov: H.264 at 30000 ticks and Opus at 48000. */
export function mp4Head(
  options: { fragmented?: boolean; entry?: string; width?: number; matrix?: readonly number[]; version?: 0 | 1 } = {},
): Buffer {
  const video = box(options.entry ?? "avc1", new Uint8Array(24), u16(options.width ?? 640, 360), new Uint8Array(50), box("avcC", avcC));
  const dops = box("dOps", [0, 1], u16(312), u32(48_000), u16(0), [0]);
  const audio = box("Opus", new Uint8Array(16), u16(1, 16, 0, 0), u32(0xbb800000), dops);
  const mvex = box("mvex", box("trex", u32(0, 1, 1, 0, 0, 0)), box("trex", u32(0, 2, 1, 0, 0, 0)));
  return bytesOf(
    box("ftyp", "isom", u32(512)),
    box(
      "moov",
      box("mvhd", u32(0, 0, 0, 1000, 0)),
      trak(1, "vide", 30_000, video, options.matrix && tkhd(1, options.matrix, options.version ?? 0)),
      trak(2, "soun", 48_000, audio),
      options.fragmented === false ? [] : mvex,
    ),
  );
}

/** One moof and its mdat: 30 pictures, then 50 packets of sound. */
export function fragment(sequence: number): Buffer {
  const pictures = Array.from({ length: 30 }, (_, frame) => new Uint8Array(50 + frame).fill(frame));
  const sounds = Array.from({ length: 50 }, () => opus20ms);
  const rows = pictures.flatMap((picture, frame) => [1000, picture.length, frame === 0 ? 0x2000000 : 0x1010000]);
  const traf = (number: number, ticks: number, run: Buffer) =>
    box("traf", box("tfhd", u32(0x20000, number)), box("tfdt", u32(0, ticks)), run);
  const moof = (videoAt: number, audioAt: number) =>
    box(
      "moof",
      box("mfhd", u32(0, sequence)),
      traf(1, (sequence - 1) * 30_000, box("trun", u32(0x701, 30, videoAt, ...rows))),
      traf(2, (sequence - 1) * 48_000, box("trun", u32(0x301, 50, audioAt, ...sounds.flatMap((sound) => [960, sound.length])))),
    );
  const videoAt = moof(0, 0).length + 8;
  const audioAt = videoAt + pictures.reduce((sum, picture) => sum + picture.length, 0);
  return bytesOf(moof(videoAt, audioAt), box("mdat", ...pictures, ...sounds));
}

export function mp4Segment(fragments: number): Buffer {
  return Buffer.concat([mp4Head(), ...Array.from({ length: fragments }, (_, index) => fragment(index + 1))]);
}
