// The allow-list: which codecs, sizes and stream counts are media to us, and how long an audio packet is.
import { type Codec, refusal, type Stream } from "./container.ts";
import { configuredSize, maxSide } from "./framesize.ts";

export const webmCodecs: Readonly<Record<string, Codec>> = {
  V_VP8: "vp8",
  V_VP9: "vp9",
  V_AV1: "av1",
  "V_MPEG4/ISO/AVC": "h264",
  A_OPUS: "opus",
  "A_PCM/INT/LIT": "pcm",
  "A_PCM/FLOAT/IEEE": "pcm",
};

export const mp4Codecs: Readonly<Record<string, Codec>> = {
  avc1: "h264",
  avc3: "h264",
  vp09: "vp9",
  av01: "av1",
  Opus: "opus",
  mp4a: "aac",
};

/** Throws UserError when these streams together are not what a recorder makes. */
export function checkStreams(streams: readonly Stream[]): void {
  if (streams.length === 0) throw refusal("This recording has neither picture nor sound in it.");
  for (const kind of ["video", "audio"] as const) {
    const count = streams.filter((stream) => stream.kind === kind).length;
    if (count > 1) throw refusal(`This recording has ${count} ${kind} streams; at most one is accepted.`);
  }
  for (const stream of streams) {
    const { kind, sampleRate, channels } = stream;
    if (kind === "video") {
      for (const { width, height } of [stream, configuredSize(stream) ?? stream]) {
        if (width < 1 || height < 1) throw refusal(`This recording says that its picture is ${width}×${height} pixels.`);
        if (width > maxSide || height > maxSide)
          throw refusal(`This recording's picture is ${width}×${height} pixels; at most ${maxSide}×${maxSide} is accepted.`);
      }
    } else if (!(sampleRate >= 8000 && sampleRate <= 192_000) || channels < 1 || channels > 8) {
      throw refusal(`This recording says that its sound has ${channels} channels at ${sampleRate} Hz.`);
    }
  }
}

/** Samples at 48 kHz in an Opus packet (RFC 6716, section 3.1), from its first two bytes; 0 when they are not sound. */
export function opusSamples(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const config = toc >> 3;
  let frame: number;
  if (config >= 16) frame = 120 << (config & 3);
  else if (config >= 12) frame = 480 << (config & 1);
  else frame = [480, 960, 1920, 2880][config & 3]!;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  const samples = frame * frames;
  return samples <= 5760 ? samples : 0;
}

/** Pre-skip of an OpusHead (RFC 7845, section 5.1). */
export function opusPreSkip(head: Uint8Array | null): number {
  return head && head.length >= 12 ? head[10]! | (head[11]! << 8) : 0;
}

const pcmBytes = { s16le: 2, s24le: 3, s32le: 4, f32le: 4 };

export function audioSamples(stream: Stream, start: Uint8Array, size: number): number {
  if (stream.codec === "opus") return opusSamples(start);
  if (stream.codec === "aac") return 1024;
  return stream.sampleFormat ? Math.floor(size / (pcmBytes[stream.sampleFormat] * stream.channels)) : 0;
}
