// Our own MP4 writer for the windows: the init segment, and one media segment (moof, mdat) per window.
// Promise: a segment's times follow from its window's number alone, and the init segment is the same for every window of a film.
import { filmDelayMs, pictureMs } from "../../protocol/film.ts";
import { box, boxInPieces, fullBox, table, text, u8, u16, u32, u64 } from "./box.ts";
import type { Canvas } from "./layout.ts";
import { samplesPerTick } from "./place.ts";

export const videoScale = 90_000;
export const audioScale = 48_000;
/** 90 kHz units in a tick. */
export const tickUnits = 3000;
/** x264 veryfast with B-frames decodes up to two pictures ahead of what it shows. The whole film is written so much later, picture and
 * sound alike: then no picture has to be shown before it is decoded, and no edit list is needed. */
export const delayTicks = Math.round(filmDelayMs / pictureMs);

export interface FilmFormat {
  canvas: Canvas;
  /** AVCDecoderConfigurationRecord. */
  avcC: Buffer;
  /** AudioSpecificConfig. */
  audioConfig: Buffer;
}

export interface Sample {
  bytes: Buffer;
  /** Video: the tick at which it is shown. Audio: its first sample. */
  at: number;
  key: boolean;
}

/** AAC frames are this long, always. */
export const audioFrame = 1024;

export function initSegment(format: FilmFormat): Buffer {
  const none = [
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0, 0)),
    fullBox("stco", 0, 0, u32(0)),
  ];
  const trex = (track: number) => fullBox("trex", 0, 0, u32(track, 1, 0, 0, 0));
  return Buffer.concat([
    box("ftyp", text("iso6"), u32(0), text("iso6cmfcisomavc1mp41")),
    box("moov", movieHeader(0), ...videoTrack(format, 0, none), ...audioTrack(format, 0, none), box("mvex", trex(1), trex(2))),
  ]);
}

/** `firstTick`: of the window. Video in the order of decoding, one picture per tick. */
export function mediaSegment(sequence: number, firstTick: number, video: readonly Sample[], audio: readonly Sample[]): Buffer {
  const videoBytes = video.reduce((sum, sample) => sum + sample.bytes.length, 0);
  const audioBytes = audio.reduce((sum, sample) => sum + sample.bytes.length, 0);
  const moof = (videoAt: number, audioAt: number) =>
    box(
      "moof",
      fullBox("mfhd", 0, 0, u32(sequence)),
      box(
        "traf",
        // 0x20000: offsets count from this moof.
        fullBox("tfhd", 0, 0x20000, u32(1)),
        fullBox("tfdt", 1, 0, u64(firstTick * tickUnits)),
        // 0xf01: data offset; per sample duration, size, flags, composition offset.
        fullBox("trun", 0, 0xf01, u32(video.length, videoAt), table(video.flatMap((sample, index) => videoRow(sample, firstTick + index)))),
      ),
      box(
        "traf",
        fullBox("tfhd", 0, 0x20020, u32(2, independent)),
        fullBox("tfdt", 1, 0, u64((firstTick + delayTicks) * samplesPerTick)),
        fullBox("trun", 0, 0x301, u32(audio.length, audioAt), table(audio.flatMap((sample) => [audioFrame, sample.bytes.length]))),
      ),
    );
  const start = moof(0, 0).length + 8;
  const samples = [...video, ...audio].map((sample) => sample.bytes);
  return Buffer.concat([moof(start, start + videoBytes), u32(8 + videoBytes + audioBytes), text("mdat"), ...samples]);
}

/** Sample flags: depends on nothing; or: depends on others, and no place to start from. */
const independent = 0x0200_0000;
const dependent = 0x0101_0000;

function videoRow(sample: Sample, decodeTick: number): [number, number, number, number] {
  const later = sample.at + delayTicks - decodeTick;
  if (later < 0) throw new Error(`picture of tick ${sample.at} is decoded at tick ${decodeTick}, more than ${delayTicks} late`);
  return [tickUnits, sample.bytes.length, sample.key ? independent : dependent, later * tickUnits];
}

const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

export function movieHeader(durationMs: number): Buffer {
  return fullBox("mvhd", 0, 0, u32(0, 0, 1000, durationMs, 0x10000), u16(0x100, 0), Buffer.alloc(8), matrix, Buffer.alloc(24), u32(3));
}

/** What of a track is shown: from so far into its media (its own units) on, for so long. */
export interface Edit {
  from: number;
  durationMs: number;
}

function editBox({ from, durationMs }: Edit): Buffer {
  return box("edts", fullBox("elst", 0, 0, u32(1, durationMs, from, 0x10000)));
}

/** `duration` in units of `videoScale`; 0 in an init segment. `edit`: else all of it. */
export function videoTrack(format: FilmFormat, duration: number, tables: readonly Uint8Array[], edit?: Edit): Uint8Array[] {
  const { width, height } = format.canvas;
  const whole = { from: delayTicks * tickUnits, durationMs: Math.round((duration * 1000) / videoScale) };
  const { durationMs } = edit ?? whole;
  const edits = duration > 0 ? [editBox(edit ?? whole)] : [];
  const header = fullBox("tkhd", 0, 3, u32(0, 0, 1, 0, durationMs), Buffer.alloc(16), matrix, u32(width * 0x10000, height * 0x10000));
  const media = mediaBox("vide", videoScale, duration, fullBox("vmhd", 0, 1, Buffer.alloc(8)), videoEntry(format), tables);
  return boxInPieces("trak", [header, ...edits], media);
}

export function audioTrack(format: FilmFormat, duration: number, tables: readonly Uint8Array[], edit?: Edit): Uint8Array[] {
  const durationMs = edit?.durationMs ?? Math.round((duration * 1000) / audioScale);
  const header = fullBox("tkhd", 0, 3, u32(0, 0, 2, 0, durationMs), Buffer.alloc(8), u16(0, 0, 0x100, 0), matrix, u32(0, 0));
  const media = mediaBox("soun", audioScale, duration, fullBox("smhd", 0, 0, u32(0)), audioEntry(format), tables);
  return boxInPieces("trak", [header, ...(edit ? [editBox(edit)] : [])], media);
}

function mediaBox(
  kind: "vide" | "soun",
  scale: number,
  duration: number,
  header: Buffer,
  entry: Buffer,
  tables: readonly Uint8Array[],
): Uint8Array[] {
  // 0x55c4: language "und".
  const mdhd = fullBox("mdhd", 1, 0, u64(0, 0), u32(scale), u64(duration), u16(0x55c4, 0));
  const hdlr = fullBox("hdlr", 0, 0, u32(0), text(kind), Buffer.alloc(12), text(kind === "vide" ? "Picture\0" : "Sound\0"));
  const dinf = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const stbl = boxInPieces("stbl", [fullBox("stsd", 0, 0, u32(1), entry), ...tables]);
  return boxInPieces("mdia", [mdhd, hdlr], boxInPieces("minf", [header, dinf], stbl));
}

function videoEntry({ canvas, avcC }: FilmFormat): Buffer {
  return box(
    "avc1",
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(canvas.width, canvas.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box("avcC", avcC),
    // BT.601, limited range.
    box("colr", text("nclx"), u16(6, 6, 6), u8(0)),
    box("pasp", u32(1, 1)),
  );
}

function audioEntry({ audioConfig }: FilmFormat): Buffer {
  // 0x40: MPEG-4 audio, 0x15: an audio stream; then buffer size, and most and mean bits per second.
  const decoder = descriptor(4, u8(0x40, 0x15, 0, 0, 0), u32(128_000, 128_000), descriptor(5, audioConfig));
  const esds = fullBox("esds", 0, 0, descriptor(3, u16(2), u8(0), decoder, descriptor(6, u8(2))));
  return box("mp4a", Buffer.alloc(6), u16(1), Buffer.alloc(8), u16(2, 16, 0, 0), u32(audioScale * 0x10000), esds);
}

function descriptor(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u8(tag, 0x80, 0x80, 0x80, body.length), body]);
}
