// The one door to a segment's bytes: finds out what they are (WebM or fragmented MP4), then lists streams and packets as bytes arrive.
// Promise: however the bytes are cut, the packets are the same; damage in the middle is skipped, never thrown; what is not accepted media is refused early.
import { UserError } from "../../protocol/errors.ts";
import { Mp4Scanner } from "./mp4.ts";
import { type PacketList, Packets } from "./packets.ts";
import { WebmScanner } from "./webm.ts";

export type Codec = "vp8" | "vp9" | "av1" | "h264" | "opus" | "pcm" | "aac";

export interface Stream {
  /** The container's own number for it; `Packet.stream` says the same. */
  number: number;
  kind: "video" | "audio";
  codec: Codec;
  /** Zero for audio. */
  width: number;
  height: number;
  /** Zero for video. Opus: always 48000. */
  sampleRate: number;
  channels: number;
  /** What libavcodec wants as extradata (avcC, OpusHead, AudioSpecificConfig, av1C, …); null where the container has none
   * (Chromium's H.264 in WebM is Annex B with its parameter sets in-band). */
  extra: Uint8Array | null;
  /** H.264: samples are length-prefixed (avcC) rather than Annex B. */
  lengthPrefixed: boolean;
  /** Samples at `sampleRate` to drop from the start of the decoded segment. They are counted: the first one dropped is at the first packet's `mediaMs`. */
  preSkip: number;
  /** PCM only: how a sample is stored. */
  sampleFormat: "s16le" | "s24le" | "s32le" | "f32le" | null;
  /** By how many degrees, clockwise, the picture is to be turned to stand upright; and whether left and right are to be swapped after that. */
  turned: 0 | 90 | 180 | 270;
  mirrored: boolean;
}

export interface Packet {
  stream: number;
  kind: "video" | "audio";
  /** Media time of the first sample or of the picture (presentation), fractional; the container's own delays are already taken off. */
  mediaMs: number;
  /** Where its bytes are in the segment. */
  offset: number;
  size: number;
  key: boolean;
  /** True on a stream's first packet after damaged bytes were skipped: decode again from the next key frame. */
  afterDamage: boolean;
  /** Audio: length in samples at the stream's rate, 0 where it cannot be told. Video: 0. */
  samples: number;
}

/** What the two scanners have in common. */
export interface Scanner {
  readonly streams: readonly Stream[];
  readonly packets: PacketList;
  readonly damagedBytes: number;
  push(bytes: Uint8Array): void;
}

const none = new Packets();

/** Bytes needed to tell WebM, MP4 and anything else apart. */
const magicBytes = 12;

export class Container {
  #head = new Uint8Array(0);
  #scanner: Scanner | null = null;
  #bytes = 0;

  /** Bytes seen so far. */
  get bytes(): number {
    return this.#bytes;
  }
  get streams(): readonly Stream[] {
    return this.#scanner?.streams ?? [];
  }
  /** In file order; the list only ever grows. A packet appears once its last byte is here. */
  get packets(): PacketList {
    return this.#scanner?.packets ?? none;
  }
  get damagedBytes(): number {
    return this.#scanner?.damagedBytes ?? 0;
  }

  /** The next bytes of the segment. Throws UserError("not-media") when they are no recording that is accepted; the container is then of no more use. */
  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#scanner) {
      this.#scanner.push(bytes);
      return;
    }
    const head = new Uint8Array(this.#head.length + bytes.length);
    head.set(this.#head);
    head.set(bytes, this.#head.length);
    this.#head = head;
    if (head.length < magicBytes) return;
    this.#scanner = scannerFor(head);
    this.#head = new Uint8Array(0);
    this.#scanner.push(head);
  }
}

function scannerFor(head: Uint8Array): Scanner {
  const text = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to));
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return new WebmScanner();
  if (text(4, 8) === "ftyp") return new Mp4Scanner();
  throw refusal(`This is ${nameOf(head, text)}, not a WebM or MP4 recording.`);
}

export function refusal(message: string): UserError {
  return new UserError("not-media", message);
}

function nameOf(head: Uint8Array, text: (from: number, to: number) => string): string {
  const start = text(0, 12);
  if (start.startsWith("RIFF")) return `a RIFF file (${printable(text(8, 12))})`;
  if (start.startsWith("OggS")) return "an Ogg file";
  if (start.startsWith("ID3") || (head[0] === 0xff && (head[1]! & 0xe0) === 0xe0)) return "an MPEG audio file";
  if (start.startsWith("fLaC")) return "a FLAC file";
  if (start.startsWith("\x89PNG") || start.startsWith("GIF8") || start.startsWith("\xff\xd8\xff")) return "a picture";
  if (start.startsWith("PK\x03\x04") || start.startsWith("\x1f\x8b")) return "an archive";
  if (start.startsWith("%PDF")) return "a PDF document";
  if (start.startsWith("#EXTM3U")) return 'an HLS playlist (it begins with "#EXTM3U")';
  const line = /^[\x20-\x7e\t]*/.exec(text(0, Math.min(head.length, 40)))![0];
  if (line.length >= 8) return `a text file (it begins with "${line.trimEnd()}")`;
  const hex = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `a file of an unknown kind (it begins with the bytes ${hex})`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").trim() || "of no kind";
}
