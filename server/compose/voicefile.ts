// One track's sound as WAV or FLAC, as long as the film and aligned with it: silence where nothing was recorded.
// Promise: as loud as it was recorded; every sample stands where the film has it.
import type { FileHandle } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { AV_CHANNEL_ORDER_NATIVE, AV_SAMPLE_FMT_S16 } from "node-av/constants";
import { Codec, CodecContext, Frame, Rational } from "node-av/lib";
import { must, newPacket } from "./libav.ts";
import { mix, type Stereo } from "./mix.ts";
import { sampleRate } from "./place.ts";
import { sampleAt } from "./resample.ts";
import type { SegmentFile } from "./source.ts";

/** "speech": WAV of one channel at 16 kHz. */
export type VoiceFormat = "wav" | "flac" | "speech";

/** What models of speech are trained on. */
export const speechRate = 16_000;
/** Before its samples there are so many bytes, however long it is up to a day. */
export const speechHeadBytes = 44;
const speechStep = sampleRate / speechRate;

/** Decoded at a time: at each beginning the decoder is warmed up for 0.3 s. */
const stretch = sampleRate * 30;
/** 16 bits: below the noise of any microphone, and half of what 24 would take. */
const sampleBytes = 2;

/** `samples`: the length of the film. */
export async function writeVoice(out: FileHandle, format: VoiceFormat, segments: readonly SegmentFile[], samples: number): Promise<void> {
  const speech = format === "speech";
  const channels = speech || segments.every((segment) => (segment.audio?.channels ?? 1) === 1) ? 1 : 2;
  const sink =
    format === "flac"
      ? new Flac(out, channels, samples)
      : new Wav(out, channels, speech ? Math.ceil(samples / speechStep) : samples, speech ? speechRate : sampleRate);
  try {
    await sink.begin();
    for (let from = 0; from < samples; from += stretch) {
      const to = Math.min(samples, from + stretch);
      const voice = voiceOf(segments, from, to);
      await sink.add(speech ? thinned(voice) : whole(voice, channels));
      // FFmpeg's memory is given back only when the event loop turns.
      await turn();
    }
    await sink.end();
  } finally {
    sink.close();
  }
}

/** As it was recorded: without the gain that the film gives it, and never bent. */
function voiceOf(segments: readonly SegmentFile[], from: number, to: number): Stereo {
  const sum: Stereo = [new Float32Array(to - from), new Float32Array(to - from)];
  const alone = (_: SegmentFile, own: Stereo) => {
    for (const [index, side] of sum.entries()) for (let at = 0; at < side.length; at++) side[at]! += own[index]![at]!;
  };
  // A voice that cannot be decoded is silent in the film, too.
  mix(segments, from, to, { silent: () => undefined, alone, trackOf: () => "" });
  return sum;
}

function whole([left, right]: Stereo, channels: number): Buffer {
  const out = Buffer.allocUnsafe(left.length * channels * sampleBytes);
  const values = new Int16Array(out.buffer, out.byteOffset, left.length * channels);
  for (let at = 0; at < left.length; at++) {
    values[at * channels] = toInt16(left[at]!);
    if (channels === 2) values[at * 2 + 1] = toInt16(right[at]!);
  }
  return out;
}

/** Of a stretch that begins on a sample that is kept. */
function thinned([left, right]: Stereo): Buffer {
  const both = left.map((value, at) => (value + right[at]!) / 2);
  const out = Buffer.allocUnsafe(Math.ceil(both.length / speechStep) * sampleBytes);
  const values = new Int16Array(out.buffer, out.byteOffset, out.length / sampleBytes);
  for (let at = 0; at < values.length; at++) values[at] = toInt16(sampleAt(both, at * speechStep, speechStep));
  return out;
}

function toInt16(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value * 32767)));
}

class Wav {
  constructor(
    readonly out: FileHandle,
    readonly channels: number,
    readonly samples: number,
    readonly rate: number,
  ) {}

  async begin(): Promise<void> {
    await this.out.write(wavHead(this.samples, this.channels, this.rate));
  }

  async add(pcm: Buffer): Promise<void> {
    await this.out.write(pcm);
  }

  /** The header said everything already. */
  end(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // Nothing is held.
  }
}

/** RIFF; past 4 GB its successor RF64 (EBU Tech 3306), which says the lengths in 64 bits. Little-endian. */
export function wavHead(samples: number, channels: number, rate = sampleRate): Buffer {
  const frame = channels * sampleBytes;
  const data = samples * frame;
  const large = data + 80 > 0xffffffff;
  const sizes = Buffer.alloc(large ? 36 : 0);
  const format = Buffer.alloc(24);
  const start = Buffer.alloc(12);
  const end = Buffer.alloc(8);
  start.write(large ? "RF64" : "RIFF", 0, "latin1");
  start.writeUInt32LE(large ? 0xffffffff : 4 + format.length + end.length + data, 4);
  start.write("WAVE", 8, "latin1");
  if (large) {
    sizes.write("ds64", 0, "latin1");
    sizes.writeUInt32LE(28, 4);
    sizes.writeBigUInt64LE(BigInt(4 + sizes.length + format.length + end.length + data), 8);
    sizes.writeBigUInt64LE(BigInt(data), 16);
    sizes.writeBigUInt64LE(BigInt(samples), 24);
  }
  format.write("fmt ", 0, "latin1");
  format.writeUInt32LE(16, 4);
  format.writeUInt16LE(1, 8);
  format.writeUInt16LE(channels, 10);
  format.writeUInt32LE(rate, 12);
  format.writeUInt32LE(rate * frame, 16);
  format.writeUInt16LE(frame, 20);
  format.writeUInt16LE(sampleBytes * 8, 22);
  end.write("data", 0, "latin1");
  end.writeUInt32LE(large ? 0xffffffff : data, 4);
  return Buffer.concat([start, sizes, format, end]);
}

/** Native FLAC (RFC 9639): the mark, STREAMINFO, and the encoder's frames. STREAMINFO is complete only at the end. */
class Flac {
  readonly #context = new CodecContext();
  readonly #packet = newPacket();
  #pending: Buffer = Buffer.alloc(0);
  #written = 0;

  constructor(
    readonly out: FileHandle,
    readonly channels: number,
    readonly samples: number,
  ) {
    const codec = Codec.findEncoderByName("flac" as Parameters<typeof Codec.findEncoderByName>[0]);
    if (!codec) throw new Error("this FFmpeg has no encoder flac");
    this.#context.allocContext3(codec);
    this.#context.sampleRate = sampleRate;
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16;
    this.#context.channelLayout = this.#layout;
    this.#context.timeBase = new Rational(1, sampleRate);
    this.#context.threadCount = 1;
    must(this.#context.open2Sync(codec, null), "opening the FLAC encoder");
  }

  get #layout() {
    return { nbChannels: this.channels, order: AV_CHANNEL_ORDER_NATIVE, mask: this.channels === 1 ? 4n : 3n };
  }

  async begin(): Promise<void> {
    await this.out.write(this.#head());
  }

  async add(pcm: Buffer): Promise<void> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, pcm]) : pcm;
    const block = this.#context.frameSize * this.channels * sampleBytes;
    let at = 0;
    for (; at + block <= this.#pending.length; at += block) await this.#encode(this.#pending.subarray(at, at + block));
    this.#pending = Buffer.from(this.#pending.subarray(at));
  }

  async end(): Promise<void> {
    if (this.#pending.length > 0) await this.#encode(this.#pending);
    must(this.#context.sendFrameSync(null), "ending the sound");
    await this.#drain();
    await this.out.write(this.#head(), 0, undefined, 0);
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #head(): Buffer {
    const info = Buffer.alloc(34);
    Buffer.from(this.#context.extraData ?? []).copy(info);
    // 36 bits of length: the last four of a shared byte, and four bytes.
    info[13] = (info[13]! & 0xf0) | (Math.floor(this.samples / 2 ** 32) & 0xf);
    info.writeUInt32BE(this.samples % 2 ** 32, 14);
    return Buffer.concat([Buffer.from("fLaC", "latin1"), Buffer.from([0x80, 0, 0, info.length]), info]);
  }

  async #encode(pcm: Buffer): Promise<void> {
    const samples = pcm.length / (this.channels * sampleBytes);
    const frame = Frame.fromAudioBuffer(Buffer.from(pcm), {
      nbSamples: samples,
      format: AV_SAMPLE_FMT_S16,
      sampleRate,
      channelLayout: this.#layout,
      timeBase: { num: 1, den: sampleRate },
      pts: BigInt(this.#written),
    });
    this.#written += samples;
    try {
      must(this.#context.sendFrameSync(frame), "encoding sound");
    } finally {
      frame.free();
    }
    await this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { data } = this.#packet;
      if (data && data.length > 0) await this.out.write(Buffer.from(data));
      this.#packet.unref();
    }
  }
}
