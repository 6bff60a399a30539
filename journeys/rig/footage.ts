// Footage without a browser: the true picture and the beeps as a WebM (or fragmented MP4) in memory, made the way a recorder would stream it.
// For tests of the rig itself, and for participants that need no browser.

import { BufferTarget, EncodedAudioPacketSource, EncodedPacket, EncodedVideoPacketSource, Output, WebMOutputFormat } from "mediabunny";
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_STRING,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_LIBVPX_VP8,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from "node-av/lib";
import { beepMs, cellsOf, strip, toneHz } from "./code.ts";

export interface FootageOptions {
  participant: number;
  durationMs: number;
  /** True time of the first picture and the first sample. */
  trueMs: number;
  /** How much faster than true the clock of camera and microphone runs, parts per million. */
  driftPpm?: number;
  width?: number;
  height?: number;
  /** Leave one out: a camera without a microphone, a microphone without a camera. */
  video?: boolean;
  audio?: boolean;
}

const fps = 30;
const sampleRate = 48_000;
/** 20 ms, as Firefox writes. */
const packetSamples = 960;
/** libopus looks ahead so far; without an OpusHead nobody discards that, so packets are stamped from 0 and the tone lies this much later. */
export const lookAheadMs = 6.5;
const mono = { nbChannels: 1, order: AV_CHANNEL_ORDER_NATIVE, mask: 4n };

/** VP8 and Opus, clusters as they come, no Cues and no Duration: what a MediaRecorder leaves. */
export async function makeFootage(options: FootageOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { video = true, audio = true } = options;
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: 1 }), target });
  const pictures = video ? new EncodedVideoPacketSource("vp8") : null;
  const sounds = audio ? new EncodedAudioPacketSource("opus") : null;
  if (pictures) output.addVideoTrack(pictures, { frameRate: fps });
  if (sounds) output.addAudioTrack(sounds);
  await output.start();
  const { width = 640, height = 360 } = options;
  const videoPackets = pictures ? encodePictures(options, width, height) : [];
  const audioPackets = sounds ? encodeBeeps(options) : [];
  for (const packet of [...videoPackets, ...audioPackets].toSorted((a, b) => a.timestamp - b.timestamp)) {
    if (packet instanceof PicturePacket) {
      await pictures?.add(packet, { decoderConfig: { codec: "vp8", codedWidth: width, codedHeight: height } });
    } else await sounds?.add(packet, { decoderConfig: { codec: "opus", numberOfChannels: 1, sampleRate } });
  }
  await output.finalize();
  if (!target.buffer) throw new Error("nothing was written");
  return new Uint8Array(target.buffer);
}

/** True time at a place of the footage. */
const trueAt = ({ trueMs, driftPpm = 0 }: FootageOptions, mediaMs: number) => trueMs + mediaMs / (1 + driftPpm / 1e6);

class PicturePacket extends EncodedPacket {}

function encodePictures(options: FootageOptions, width: number, height: number): PicturePacket[] {
  const encoder = openEncoder(FF_ENCODER_LIBVPX_VP8, (context) => {
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, fps);
    context.framerate = new Rational(fps, 1);
    context.gopSize = fps;
    context.bitRate = 1_000_000n;
    for (const [name, value] of Object.entries({ deadline: "realtime", "cpu-used": "8" })) {
      check(context.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), name);
    }
  });
  const count = Math.round((options.durationMs * fps) / 1000);
  const packets: PicturePacket[] = [];
  const collect = (packet: Packet) =>
    packets.push(new PicturePacket(copyOf(packet), packet.isKeyframe ? "key" : "delta", Number(packet.pts) / fps, 1 / fps));
  try {
    for (let index = 0; index < count; index++) {
      const frame = Frame.fromVideoBuffer(paint(options.participant, trueAt(options, (index * 1000) / fps), width, height), {
        width,
        height,
        format: AV_PIX_FMT_YUV420P,
        timeBase: new Rational(1, fps),
        pts: BigInt(index),
      });
      encode(encoder, frame, collect);
    }
    encode(encoder, null, collect);
  } finally {
    encoder.freeContext();
  }
  return packets;
}

/** The strip on grey, as planes of YUV 4:2:0. */
export function paint(participant: number, trueMs: number, width: number, height: number): Buffer {
  const luma = Buffer.alloc(width * height, 110);
  cellsOf(participant, trueMs).forEach((bit, index) => {
    const left = Math.round((strip.left + (index % strip.columns) * strip.cellWidth) * width);
    const top = Math.round((strip.top + Math.floor(index / strip.columns) * strip.cellHeight) * height);
    const right = left + Math.ceil(strip.cellWidth * width);
    for (let y = top; y < top + Math.ceil(strip.cellHeight * height); y++) luma.fill(bit ? 220 : 30, y * width + left, y * width + right);
  });
  return Buffer.concat([luma, Buffer.alloc((width * height) / 2, 128)]);
}

function encodeBeeps(options: FootageOptions): EncodedPacket[] {
  const encoder = openEncoder(FF_ENCODER_LIBOPUS, (context) => {
    context.sampleRate = sampleRate;
    context.sampleFormat = AV_SAMPLE_FMT_FLT;
    context.channelLayout = mono;
    context.bitRate = 64_000n;
    context.timeBase = new Rational(1, sampleRate);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  });
  const count = Math.floor((options.durationMs * sampleRate) / 1000 / packetSamples);
  const packets: EncodedPacket[] = [];
  const collect = (packet: Packet) =>
    packets.push(new EncodedPacket(copyOf(packet), "key", (packets.length * packetSamples) / sampleRate, packetSamples / sampleRate));
  try {
    for (let index = 0; index < count; index++) {
      const samples = Buffer.alloc(packetSamples * 4);
      for (let i = 0; i < packetSamples; i++) {
        const atMs = trueAt(options, ((index * packetSamples + i) * 1000) / sampleRate);
        const on = ((atMs % 1000) + 1000) % 1000 < beepMs;
        samples.writeFloatLE(on ? 0.25 * Math.sin((2 * Math.PI * toneHz(options.participant) * atMs) / 1000) : 0, i * 4);
      }
      const frame = Frame.fromAudioBuffer(samples, {
        nbSamples: packetSamples,
        format: AV_SAMPLE_FMT_FLT,
        sampleRate,
        channelLayout: mono,
        timeBase: new Rational(1, sampleRate),
        pts: BigInt(index * packetSamples),
      });
      encode(encoder, frame, collect);
    }
    encode(encoder, null, collect);
  } finally {
    encoder.freeContext();
  }
  return packets;
}

function openEncoder(name: FFEncoderCodec, prepare: (context: CodecContext) => void): CodecContext {
  const codec = Codec.findEncoderByName(name);
  if (!codec) throw new Error(`no encoder ${name}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  prepare(context);
  // Options are set above: open2Sync with a dictionary corrupts the heap (node-av 6.1.1).
  check(context.open2Sync(codec, null), name);
  return context;
}

/** Null flushes. The frame is freed. */
function encode(context: CodecContext, frame: Frame | null, onPacket: (packet: Packet) => void): void {
  check(context.sendFrameSync(frame), "encode");
  frame?.free();
  const packet = new Packet();
  packet.alloc();
  while (context.receivePacketSync(packet) >= 0) {
    onPacket(packet);
    packet.unref();
  }
  packet.free();
}

const copyOf = (packet: Packet) => new Uint8Array(packet.data ?? []);

function check(result: number, what: string): void {
  FFmpegError.throwIfError(result, what);
}
