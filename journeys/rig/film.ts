// Looks at a film as a viewer would: decodes it, reads the codes that stand in given rectangles of every picture, and collects its sound.
// Promise: times are the film's own, in ms from its beginning, edit lists applied; nothing of what the product believes enters here.
import { setImmediate as turn } from "node:timers/promises";
import { AV_LOG_ERROR, AV_SAMPLE_FMT_S16, AVERROR_EOF, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Log, Packet, type Stream } from "node-av/lib";
import { type Code, readCode } from "./code.ts";
import type { Sound } from "./sound.ts";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Picture {
  atMs: number;
  /** For each layout asked for, what stands in each of its rectangles. */
  codes: (Code | null)[][];
}

export interface Film {
  width: number;
  height: number;
  pictures: Picture[];
  /** All channels mixed to one. Null when the film has none. */
  sound: Sound | null;
}

/** `layouts`: every arrangement the film may use, so that the caller can see which one held when. Fractions are not allowed: pixels of the film.
 * "whole": one picture fills it, whatever its size, as in a track. */
export async function readFilm(file: string, layouts: Rect[][] | "whole"): Promise<Film> {
  Log.setLevel(AV_LOG_ERROR);
  const input = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  const readers = new Map<number, Reader>();
  try {
    check(await input.openInput(file), `open ${file}`);
    check(await input.findStreamInfo(), "stream info");
    const sounds: Piece[] = [];
    const film: Film = { width: 0, height: 0, pictures: [], sound: null };
    for (const stream of input.streams ?? []) {
      const kind = stream.codecpar.codecType;
      if (kind === AVMEDIA_TYPE_VIDEO) readers.set(stream.index, new Reader(stream, (frame, atMs) => look(film, layouts, frame, atMs)));
      if (kind === AVMEDIA_TYPE_AUDIO) readers.set(stream.index, new Reader(stream, (frame, atMs) => sounds.push(hear(frame, atMs))));
    }
    for (let count = 0; ; count++) {
      const result = input.readFrameSync(packet);
      if (result === AVERROR_EOF) break;
      check(result, "read packet");
      readers.get(packet.streamIndex)?.take(packet);
      packet.unref();
      // node-av frees native memory only when the event loop turns.
      if (count % 32 === 0) await turn();
    }
    for (const reader of readers.values()) reader.take(null);
    film.sound = joined(sounds);
    return film;
  } finally {
    for (const reader of readers.values()) reader.close();
    packet.free();
    await input.closeInput();
  }
}

class Reader {
  #decoder = new CodecContext();
  #frame = new Frame();
  #msPerTick: number;

  constructor(
    stream: Stream,
    private readonly onFrame: (frame: Frame, atMs: number) => void,
  ) {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    if (!codec) throw new Error(`no decoder for codec ${stream.codecpar.codecId}`);
    this.#decoder.allocContext3(codec);
    check(this.#decoder.parametersToContext(stream.codecpar), "parameters");
    this.#decoder.pktTimebase = stream.timeBase;
    this.#msPerTick = (1000 * stream.timeBase.num) / stream.timeBase.den;
    check(this.#decoder.open2Sync(codec, null), "open decoder");
    this.#frame.alloc();
  }

  /** Null: no more will come. */
  take(packet: Packet | null): void {
    check(this.#decoder.sendPacketSync(packet), "decode");
    while (this.#decoder.receiveFrameSync(this.#frame) >= 0) {
      this.onFrame(this.#frame, Number(this.#frame.bestEffortTimestamp) * this.#msPerTick);
      this.#frame.unref();
    }
  }

  close(): void {
    this.#frame.free();
    this.#decoder.freeContext();
  }
}

function look(film: Film, layouts: Rect[][] | "whole", frame: Frame, atMs: number): void {
  film.width = frame.width;
  film.height = frame.height;
  // The first plane of every format that the accepted codecs decode to is brightness, one byte a pixel.
  const luma = frame.data?.[0];
  const stride = frame.linesize[0];
  if (!luma || !stride) throw new Error(`a picture without a plane at ${atMs} ms`);
  const codeIn = ({ x, y, width, height }: Rect) =>
    readCode((left, top) => luma[Math.floor(y + top * height) * stride + Math.floor(x + left * width)] ?? 0);
  const all = layouts === "whole" ? [[{ x: 0, y: 0, width: frame.width, height: frame.height }]] : layouts;
  film.pictures.push({ atMs, codes: all.map((rects) => rects.map(codeIn)) });
}

interface Piece {
  atMs: number;
  sampleRate: number;
  samples: Float32Array;
}

/** Decoders of AAC and Opus give 32-bit floats, one plane a channel; those of FLAC and WAV 16-bit integers, channels in turn. */
function hear(frame: Frame, atMs: number): Piece {
  const samples = new Float32Array(frame.nbSamples);
  const planes = frame.data ?? [];
  const { channels, format } = frame;
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[format === AV_SAMPLE_FMT_S16 ? 0 : channel];
    if (!plane) throw new Error(`a sound without channel ${channel} at ${atMs} ms`);
    const read = (i: number) =>
      format === AV_SAMPLE_FMT_S16 ? plane.readInt16LE((i * channels + channel) * 2) / 32768 : plane.readFloatLE(i * 4);
    for (let i = 0; i < samples.length; i++) samples[i]! += read(i) / channels;
  }
  return { atMs, sampleRate: frame.sampleRate, samples };
}

/** Laid by their times: what is missing between two pieces is silence. */
function joined(pieces: Piece[]): Sound | null {
  const first = pieces[0];
  const last = pieces.at(-1);
  if (!first || !last) return null;
  const { sampleRate } = first;
  const placeOf = (piece: Piece) => Math.max(0, Math.round(((piece.atMs - first.atMs) * sampleRate) / 1000));
  const samples = new Float32Array(placeOf(last) + last.samples.length);
  for (const piece of pieces) samples.set(piece.samples.subarray(0, samples.length - placeOf(piece)), placeOf(piece));
  return { sampleRate, startMs: first.atMs, samples };
}

function check(result: number, what: string): void {
  FFmpegError.throwIfError(result, what);
}
