// From a segment's packets to the picture that is on show at a tick: the last one that began at or before it.
// Promise: the same picture whether it was decoded in passing or after a jump; damage means holding the picture before, never an error.
import { AV_CODEC_FLAG_LOW_DELAY, AV_FRAME_FLAG_CORRUPT, AVERROR_EAGAIN, AVERROR_EOF } from "node-av/constants";
import { Codec, CodecContext, Frame, type Packet, Rational } from "node-av/lib";
import type { Stream } from "../align/container.ts";
import { maxSide } from "../align/framesize.ts";
import { must, newPacket, setOptions } from "./libav.ts";
import { ticksPerSecond } from "./place.ts";
import type { SegmentFile } from "./source.ts";

const decoders: Readonly<Record<Exclude<Stream["codec"], "pcm">, string>> = {
  vp8: "vp8",
  vp9: "vp9",
  av1: "libdav1d",
  h264: "h264",
  opus: "opus",
  aac: "aac",
};

export function openDecoder(stream: Stream): CodecContext {
  if (stream.codec === "pcm") throw new Error("PCM needs no decoder");
  const codec = Codec.findDecoderByName(decoders[stream.codec] as Parameters<typeof Codec.findDecoderByName>[0]);
  if (!codec) throw new Error(`this FFmpeg has no decoder for ${stream.codec}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  // Media time in microseconds.
  context.pktTimebase = new Rational(1, 1_000_000);
  if (stream.extra) context.extraData = Buffer.from(stream.extra);
  // Whatever a stream says of itself later on: no picture is larger than the ones that were let in.
  setOptions(context, { max_pixels: String(maxSide * maxSide), max_samples: String(mostSamples) });
  if (stream.codec === "av1") context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
  if (stream.kind === "audio") context.sampleRate = stream.sampleRate;
  try {
    must(context.open2Sync(codec, null), `opening the ${stream.codec} decoder`);
  } catch (error) {
    context.freeContext();
    throw error;
  }
  return context;
}

/** Of one frame of sound: Opus has 5760, AAC 2048. */
const mostSamples = 16_384;
/** Shown before it begins, when it is a segment's first and no further away: a face need not wait for its first picture. */
const earlyTicks = ticksPerSecond;
/** How many key frames to go back when the nearest one does not decode. */
const retries = 8;

export class Footage {
  /** Changes with every new picture on show. */
  serial = 0;
  decoded = 0;
  errors = 0;
  readonly #file: SegmentFile;
  readonly #context: CodecContext;
  readonly #packet: Packet = newPacket();
  #shown: Frame | null = null;
  #next: Frame | null = null;
  #spare: Frame | null = null;
  /** Index of the next packet to be sent. */
  #at = -1;
  #needsKey = true;
  /** Pictures that the decoder took in but has not given out. */
  #owed = 0;
  #drained = false;

  constructor(file: SegmentFile, stream: Stream) {
    this.#file = file;
    this.#context = openDecoder(stream);
  }

  /** To be called before the ticks of a window are asked for, in order. */
  prepare(firstTick: number): void {
    const key = this.#keyBefore(firstTick);
    const ahead = this.#shown ? this.#tickOf(this.#shown) > firstTick : this.#at < 0;
    if (ahead || this.#drained || (key !== null && this.#file.keys[key]! > this.#at)) this.#seek(firstTick, key);
  }

  /** Null: nothing to show yet. `lastTick`: pictures after it are not looked at, because they may not all be here yet. */
  at(tick: number, lastTick: number): Frame | null {
    this.#next ??= this.#pull();
    while (this.#next && this.#tickOf(this.#next) <= tick) {
      this.#recycle(this.#shown);
      this.#shown = this.#next;
      this.serial += 1;
      this.#next = this.#pull();
    }
    if (this.#shown || !this.#next) return this.#shown;
    const first = this.#tickOf(this.#next);
    return first - tick <= earlyTicks && first <= lastTick && this.#isFirst(this.#next) ? this.#next : null;
  }

  close(): void {
    for (const frame of [this.#shown, this.#next, this.#spare]) frame?.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #keyBefore(tick: number): number | null {
    const { keys } = this.#file;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#file.tickOf(this.#file.picture(keys[middle]!)!.mediaMs) <= tick) low = middle + 1;
      else high = middle;
    }
    return low > 0 ? low - 1 : null;
  }

  #seek(tick: number, key: number | null): void {
    for (let back = 0; back < retries; back++) {
      const from = key === null ? 0 : key - back;
      this.#restart(this.#file.keys[from] ?? 0);
      if (key === null || from === 0 || this.at(tick, tick)) return;
    }
  }

  #restart(index: number): void {
    this.#context.flushBuffers();
    this.#recycle(this.#shown);
    this.#recycle(this.#next);
    this.#shown = null;
    this.#next = null;
    this.#at = index;
    this.#needsKey = true;
    this.#owed = 0;
    this.#drained = false;
  }

  #pull(): Frame | null {
    for (;;) {
      const frame = this.#receive();
      if (frame) return frame;
      if (this.#drained) return null;
      const packet = this.#file.picture(this.#at);
      if (packet) {
        this.#at += 1;
        if (packet.afterDamage) this.#needsKey = true;
        if (this.#needsKey && !packet.key) continue;
        this.#needsKey = false;
        this.#send(this.#file.read(packet), packet.mediaMs, packet.key);
      } else if (this.#owed > 0) {
        // No more bytes, but pictures inside: out with them, at the price of a jump when more bytes come.
        this.#context.sendPacketSync(null);
        this.#drained = true;
      } else return null;
    }
  }

  #receive(): Frame | null {
    for (;;) {
      const frame = this.#spare ?? newFrame();
      this.#spare = null;
      const answer = this.#context.receiveFrameSync(frame);
      if (answer >= 0) {
        this.decoded += 1;
        this.#owed = Math.max(0, this.#owed - 1);
        if (!this.#broken(frame)) return frame;
      }
      this.#recycle(frame);
      if (answer >= 0) continue;
      if (answer !== AVERROR_EAGAIN && answer !== AVERROR_EOF) this.#fail();
      return null;
    }
  }

  #broken(frame: Frame): boolean {
    const large = frame.width > maxSide || frame.height > maxSide;
    const broken = large || frame.decodeErrorFlags !== 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT);
    if (broken) this.#fail();
    return broken;
  }

  #send(bytes: Buffer, mediaMs: number, key: boolean): void {
    this.#packet.unref();
    this.#packet.data = bytes;
    this.#packet.pts = BigInt(Math.round(mediaMs * 1000));
    this.#packet.isKeyframe = key;
    if (this.#context.sendPacketSync(this.#packet) < 0) this.#fail();
    else this.#owed += 1;
  }

  #fail(): void {
    this.errors += 1;
    this.#owed = 0;
    this.#needsKey = true;
  }

  #tickOf(frame: Frame): number {
    return this.#file.tickOf(Number(frame.pts) / 1000);
  }

  #isFirst(frame: Frame): boolean {
    const first = this.#file.picture(this.#file.keys[0] ?? 0);
    return first !== null && BigInt(Math.round(first.mediaMs * 1000)) === frame.pts;
  }

  #recycle(frame: Frame | null): void {
    if (!frame) return;
    frame.unref();
    if (this.#spare && this.#spare !== frame) frame.free();
    else this.#spare = frame;
  }
}

export function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
