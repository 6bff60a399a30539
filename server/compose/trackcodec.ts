// How a stream's codec is named to the muxer, with the configuration that a file says once.
import type { AudioCodec, VideoCodec } from "mediabunny";
import type { Stream } from "../align/container.ts";

export interface VideoConfig {
  codec: string;
  codedWidth: number;
  codedHeight: number;
  description?: Uint8Array;
}

export interface AudioConfig {
  codec: string;
  sampleRate: number;
  numberOfChannels: number;
  description?: Uint8Array;
}

export function videoCodecOf({ codec }: Stream): VideoCodec {
  if (codec === "h264") return "avc";
  if (codec === "vp8" || codec === "vp9" || codec === "av1") return codec;
  throw new Error(`not a video codec: ${codec}`);
}

export function audioCodecOf({ codec, sampleFormat }: Stream): AudioCodec {
  if (codec === "opus" || codec === "aac") return codec;
  if (codec === "pcm" && sampleFormat) return `pcm-${sampleFormat.slice(0, -2) as "s16" | "s24" | "s32" | "f32"}`;
  throw new Error(`not an audio codec: ${codec}`);
}

/** `key`: a key frame of the stream, in which H.264 has its parameter sets when the container has none. */
export function videoConfigOf(stream: Stream, key: Uint8Array): VideoConfig {
  const base = { codedWidth: stream.width, codedHeight: stream.height };
  if (stream.codec === "h264") {
    if (stream.lengthPrefixed && stream.extra) return { ...base, codec: avcName(stream.extra, 1), description: stream.extra };
    const sps = spsIn(key);
    // Constrained baseline 3.1: said only when the frame has no parameter set, and then the muxer refuses it anyway.
    return { ...base, codec: sps < 0 ? "avc1.42e01f" : avcName(key, sps + 1) };
  }
  if (stream.codec === "av1") return { ...base, codec: av1Name(stream.extra) };
  // Profile 0, 8 bits: what browsers record. Level 4.1 covers 1080p at 60.
  return { ...base, codec: stream.codec === "vp9" ? "vp09.00.41.08" : "vp8" };
}

/** The parameter sets of an avcC as a frame has them, each behind its length (ISO/IEC 14496-15, 5.3.3.1). */
export function parameterSets(avcC: Uint8Array): Buffer {
  const lengthBytes = lengthBytesOf(avcC);
  const parts: Uint8Array[] = [];
  let at = 5;
  for (const mask of [31, 255])
    for (let left = avcC[at++]! & mask; left > 0; left -= 1) {
      const length = (avcC[at]! << 8) | avcC[at + 1]!;
      const prefix = Buffer.alloc(lengthBytes);
      prefix.writeUIntBE(length, 0, lengthBytes);
      parts.push(prefix, avcC.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  return Buffer.concat(parts);
}

/** How many bytes say how long each unit of a frame is. */
export function lengthBytesOf(avcC: Uint8Array): number {
  return (avcC[4]! & 3) + 1;
}

export function audioConfigOf(stream: Stream): AudioConfig {
  const base = { sampleRate: stream.sampleRate, numberOfChannels: stream.channels };
  if (stream.codec === "opus") return { ...base, codec: "opus", description: stream.extra ?? undefined };
  // The first five bits of the AudioSpecificConfig are the object type.
  if (stream.codec === "aac")
    return { ...base, codec: `mp4a.40.${(stream.extra?.[0] ?? 0x10) >> 3}`, description: stream.extra ?? undefined };
  return { ...base, codec: audioCodecOf(stream) };
}

/** Profile, constraints and level (RFC 6381). */
function avcName(bytes: Uint8Array, at: number): string {
  return `avc1.${Buffer.from(bytes.subarray(at, at + 3)).toString("hex")}`;
}

/** av1C: profile and level in the second byte, tier and bit depth in the third. */
function av1Name(extra: Uint8Array | null): string {
  const second = extra?.[1] ?? 0x09;
  const third = extra?.[2] ?? 0;
  const level = String(second & 31).padStart(2, "0");
  return `av01.${second >> 5}.${level}${third & 0x80 ? "H" : "M"}.${third & 0x40 ? (third & 0x20 ? "12" : "10") : "08"}`;
}

/** Where the first sequence parameter set (NAL unit type 7) begins in Annex B bytes; -1 when there is none. */
function spsIn(bytes: Uint8Array): number {
  for (let at = 0; at + 6 < bytes.length; at += 1)
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1 && (bytes[at + 3]! & 31) === 7) return at + 3;
  return -1;
}
