// H.264 and AAC for one window, each from a fresh encoder: nothing of the window before has any influence.
// Promise: as many pictures and AAC frames as the window has, and the same decoder configuration in every window.
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
  AVCOL_PRI_SMPTE170M,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_SMPTE170M,
} from "node-av/constants";
import { Codec, CodecContext, Frame, type Packet, Rational } from "node-av/lib";
import { presetOf } from "./effort.ts";
import type { Canvas } from "./layout.ts";
import { must, newPacket, setOptions } from "./libav.ts";
import type { Stereo } from "./mix.ts";
import { audioFrame, type Sample } from "./mp4.ts";
import { sampleRate, ticksPerSecond } from "./place.ts";
import { windowTicks } from "./window.ts";

const tickBase = new Rational(1, ticksPerSecond);

export class VideoEncoder {
  readonly #context = new CodecContext();
  readonly #packet: Packet = newPacket();
  readonly #firstTick: number;
  readonly #samples: Sample[] = [];

  constructor(canvas: Canvas, firstTick: number, effort = 0) {
    this.#firstTick = firstTick;
    const codec = encoderNamed("libx264");
    const context = this.#context;
    context.allocContext3(codec);
    context.width = canvas.width;
    context.height = canvas.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = tickBase;
    context.framerate = new Rational(ticksPerSecond, 1);
    context.gopSize = windowTicks;
    // Fixed, not the machine's: the number of threads shows in the bytes.
    context.threadCount = 2;
    // What browsers record: limited range, BT.601. See also `mp4.ts`, `stage.ts`.
    context.colorRange = AVCOL_RANGE_MPEG;
    context.colorPrimaries = AVCOL_PRI_SMPTE170M;
    context.colorTrc = AVCOL_TRC_SMPTE170M;
    context.colorSpace = AVCOL_SPC_SMPTE170M;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    setOptions(context, {
      preset: presetOf(effort),
      crf: "23",
      "forced-idr": "1",
      // Without a thread that looks ahead by itself (the last of these) x264 holds four pictures less, and makes the same bytes.
      "x264-params": "scenecut=0:open-gop=0:annexb=0:sync-lookahead=0",
    });
    must(context.open2Sync(codec, null), "opening the H.264 encoder");
  }

  /** Ticks in order. The frame may be drawn over after this. */
  push(frame: Frame, tick: number): void {
    frame.pictType = tick === this.#firstTick ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    frame.pts = BigInt(tick);
    frame.timeBase = tickBase;
    must(this.#context.sendFrameSync(frame), "encoding a picture");
    this.#drain();
  }

  /** `extra`: the AVCDecoderConfigurationRecord. */
  finish(): { samples: Sample[]; extra: Buffer } {
    must(this.#context.sendFrameSync(null), "ending the pictures");
    this.#drain();
    const extra = this.#context.extraData;
    if (extra?.[0] !== 1) throw new Error("the H.264 encoder gave no configuration record");
    return { samples: this.#samples, extra: Buffer.from(extra) };
  }

  #drain(): void {
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { data, pts, isKeyframe } = this.#packet;
      if (data) this.#samples.push({ bytes: Buffer.from(data), at: Number(pts), key: isKeyframe });
      this.#packet.unref();
    }
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}

/** AAC that begins here sounds as if it had gone on all the time only after so many frames (fewer: a click; more: no better). */
const leadInFrames = 4;

/** What has to be mixed for a window's sound. */
export function soundRange(firstSample: number, samples: number): { from: number; to: number } {
  const frames = Math.ceil(samples / audioFrame);
  return { from: firstSample - leadInFrames * audioFrame, to: firstSample + (frames + 1) * audioFrame };
}

/** `sound` covers `soundRange`. The frames returned begin at `firstSample`. */
export function encodeSound(sound: Stereo, firstSample: number, samples: number): { samples: Sample[]; extra: Buffer } {
  const codec = encoderNamed("aac");
  const context = new CodecContext();
  const packet = newPacket();
  try {
    context.allocContext3(codec);
    context.sampleRate = sampleRate;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = stereoLayout;
    context.bitRate = 128_000n;
    context.timeBase = new Rational(1, sampleRate);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    setOptions(context, { aac_coder: "twoloop" });
    must(context.open2Sync(codec, null), "opening the AAC encoder");
    const kept: Sample[] = [];
    const drain = () => {
      while (context.receivePacketSync(packet) >= 0) {
        const at = Number(packet.pts);
        // libavcodec stamps a packet with the first sample that is heard once it is decoded, the one before it being known.
        if (packet.data && at >= firstSample && at < firstSample + samples) kept.push({ bytes: Buffer.from(packet.data), at, key: true });
        packet.unref();
      }
    };
    const { from } = soundRange(firstSample, samples);
    const planar = new Float32Array(audioFrame * 2);
    for (let at = 0; at + audioFrame <= sound[0].length; at += audioFrame) {
      planar.set(sound[0].subarray(at, at + audioFrame), 0);
      planar.set(sound[1].subarray(at, at + audioFrame), audioFrame);
      sendFrame(context, planar, from + at);
      drain();
    }
    must(context.sendFrameSync(null), "ending the sound");
    drain();
    const extra = context.extraData;
    if (!extra) throw new Error("the AAC encoder gave no configuration");
    return { samples: kept, extra: Buffer.from(extra) };
  } finally {
    packet.free();
    context.freeContext();
  }
}

const stereoLayout = { nbChannels: 2, order: AV_CHANNEL_ORDER_NATIVE, mask: 3n };

/** One side after the other; copied. */
function sendFrame(context: CodecContext, planar: Float32Array<ArrayBuffer>, firstSample: number): void {
  const frame = Frame.fromAudioBuffer(Buffer.from(planar.buffer), {
    nbSamples: audioFrame,
    format: AV_SAMPLE_FMT_FLTP,
    sampleRate,
    channelLayout: stereoLayout,
    timeBase: { num: 1, den: sampleRate },
    pts: BigInt(firstSample),
  });
  try {
    must(context.sendFrameSync(frame), "encoding sound");
  } finally {
    frame.free();
  }
}

function encoderNamed(name: "libx264" | "aac"): Codec {
  const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (!codec) throw new Error(`this FFmpeg has no encoder ${name}`);
  return codec;
}
