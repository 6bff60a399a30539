// Fragmented MP4 as MediaRecorder writes it: ftyp, moov, then moof and mdat in turn. Bytes in, packets out.
// Promise: after damage it goes on at the next moof; of an mdat only what is not yet a whole sample is held in memory.
import { boxAt } from "./boxes.ts";
import { audioSamples, checkStreams } from "./codec.ts";
import { refusal, type Scanner, type Stream } from "./container.ts";
import { frameSize, tooLarge } from "./framesize.ts";
import { type Sample, samplesOf } from "./mp4-samples.ts";
import { type Mp4Track, tracksOf } from "./mp4-streams.ts";
import { Pace } from "./pace.ts";
import { Packets } from "./packets.ts";
import { Pending } from "./pending.ts";

/** What is passed over; no recorder writes a larger one. */
const boxMaxBytes = 16 * 1024 * 1024;
/** What is read: 65,000 samples, an hour of pictures between two key frames. */
const indexMaxBytes = 1024 * 1024;
/** The media of one fragment: minutes between two key frames at any bit rate that a browser records. */
const mediaMaxBytes = 1024 * 1024 * 1024;
/** An mdat may hold a little more than its fragment points at. */
const slackBytes = 1024;
const moofMagic = Buffer.from("moof");

export class Mp4Scanner implements Scanner {
  readonly streams: Stream[] = [];
  readonly packets = new Packets();
  damagedBytes = 0;
  readonly #pending = new Pending();
  readonly #pace = new Pace();
  #phase: "head" | "fragments" | "lost" = "head";
  #tracks: Mp4Track[] = [];
  /** Samples of the fragment at hand whose bytes are still to come, in file order. */
  #expected: Sample[] = [];
  #next = 0;
  /** Where the mdat at hand ends; -1 outside of one. */
  #mediaEnd = -1;
  #damaged = new Set<number>();
  /** No fragment begins before this offset in the box at hand. */
  #clean = 0;
  /** Next decode time per stream, for fragments that do not state theirs. */
  #decodeTicks = new Map<number, number>();

  push(bytes: Uint8Array): void {
    this.#pending.append(bytes);
    const view = this.#pending.view;
    let at = 0;
    while (at < view.length) {
      const next = this.#phase === "lost" ? this.#find(view, at) : this.#mediaEnd >= 0 ? this.#media(view, at) : this.#box(view, at);
      if (next === null) break;
      at = next;
    }
    this.#pending.drop(at);
  }

  /** Reads the box at `at`; returns where to go on, or null when more bytes are needed. */
  #box(view: Buffer, at: number): number | null {
    const box = boxAt(view, at);
    if (box === "short") return null;
    if (box === "bad") return this.#damage(view, at, "bytes that are no MP4 box");
    const offset = this.#pending.offset + at;
    if (box.type === "mdat") {
      if (this.#phase === "head")
        throw refusal("This MP4 has its index behind its media; only fragmented MP4 can be received while it is recorded.");
      const last = this.#expected.reduce((end, sample) => Math.max(end, sample.offset + sample.size), offset + box.length);
      const end = offset + box.size;
      if (box.size > mediaMaxBytes || last > end || end > last + slackBytes) return this.#damage(view, at, "");
      this.#mediaEnd = end;
      return at + box.length;
    }
    const indexed = this.#phase === "head" || box.type === "moof";
    if (box.size > (indexed ? indexMaxBytes : boxMaxBytes))
      return this.#damage(view, at, `a box "${box.type}" that claims ${box.size} bytes`);
    const known = this.#phase === "head" || passed.has(box.type) || box.type === "moof";
    if (!known) return this.#damage(view, at, "");
    if (at + box.size > view.length) return this.#swallows(view, at + box.length) ? this.#damage(view, at, "") : null;
    const body = view.subarray(at + box.length, at + box.size);
    if (box.type === "moov" && this.#phase === "head") this.#moov(body);
    else if (box.type === "moof") {
      if (this.#phase === "head") throw refusal("This MP4 begins to play before it has said what is in it.");
      const samples = samplesOf(body, offset, this.#tracks, this.#decodeTicks);
      if (!samples) return this.#damage(view, at, "");
      this.#expected = samples;
      this.#next = 0;
    }
    return at + box.size;
  }

  #moov(body: Buffer): void {
    try {
      this.#tracks = tracksOf(body);
    } catch (error) {
      if (error instanceof RangeError) throw refusal("This MP4 is damaged at its beginning: its index does not fit together.");
      throw error;
    }
    const streams = this.#tracks.map((track) => track.stream);
    checkStreams(streams);
    this.streams.push(...streams);
    this.#phase = "fragments";
  }

  /** Inside an mdat: hands out every sample that is all here. */
  #media(view: Buffer, at: number): number | null {
    const base = this.#pending.offset;
    const here = base + view.length;
    for (;;) {
      const sample = this.#expected[this.#next];
      if (!sample) break;
      if (sample.offset + sample.size > here) return sample.offset - base > at ? Math.min(sample.offset - base, view.length) : null;
      this.#next += 1;
      this.#emit(sample, view.subarray(sample.offset - base, sample.offset - base + sample.size));
    }
    const end = Math.min(this.#mediaEnd, here);
    if (end === this.#mediaEnd) {
      this.#mediaEnd = -1;
      this.#expected = [];
      this.#next = 0;
    }
    return end - base > at ? end - base : this.#mediaEnd < 0 ? at : null;
  }

  #emit(sample: Sample, bytes: Uint8Array): void {
    const { stream } = sample;
    if (!this.#pace.takes(stream, sample.mediaMs) || (stream.kind === "video" && tooLarge(frameSize(stream, bytes)))) {
      // Left out, and with it what builds on it.
      this.#damaged.add(stream.number);
      this.damagedBytes += sample.size;
      return;
    }
    this.packets.push({
      stream: stream.number,
      kind: stream.kind,
      mediaMs: sample.mediaMs,
      offset: sample.offset,
      size: sample.size,
      key: stream.kind === "audio" || sample.key,
      afterDamage: this.#damaged.delete(stream.number),
      samples: stream.kind === "audio" ? audioSamples(stream, bytes, sample.size) : 0,
    });
  }

  #damage(view: Buffer, at: number, what: string): number {
    if (this.#phase === "head") throw refusal(`This MP4 is damaged at its beginning: ${what} at byte ${this.#pending.offset + at}.`);
    this.#phase = "lost";
    this.#expected = [];
    this.#next = 0;
    for (const stream of this.streams) this.#damaged.add(stream.number);
    this.damagedBytes += 1;
    return Math.min(at + 1, view.length);
  }

  /** Looks for the next fragment; what is passed over is damaged. */
  #find(view: Buffer, at: number): number | null {
    const found = fragmentIn(view, at);
    const to = found >= 0 ? found : Math.max(at, view.length - fragmentHeadBytes);
    this.damagedBytes += to - at;
    if (found >= 0) this.#phase = "fragments";
    return to === at && found < 0 ? null : to;
  }

  /** Whether a fragment begins inside the box at hand. Each byte is looked at once, however small the pushes are. */
  #swallows(view: Buffer, from: number): boolean {
    if (this.#phase === "head") return false;
    const start = Math.max(from, this.#clean - this.#pending.offset);
    if (fragmentIn(view, start) >= 0) return true;
    this.#clean = this.#pending.offset + Math.max(start, view.length - fragmentHeadBytes);
    return false;
  }
}

const passed = new Set(["free", "skip", "sidx", "styp", "emsg", "prft", "uuid", "mfra", "udta", "meta"]);
/** A moof header and the mfhd header inside it. */
const fragmentHeadBytes = 16;

/** Where a moof begins whose first box is a whole mfhd; -1 when none does. */
function fragmentIn(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(moofMagic, from + 4); at >= 0; at = bytes.indexOf(moofMagic, at + 1)) {
    const start = at - 4;
    if (start + fragmentHeadBytes > bytes.length) break;
    const size = bytes.readUInt32BE(start);
    if (
      size >= 24 &&
      size <= indexMaxBytes &&
      bytes.readUInt32BE(start + 8) === 16 &&
      bytes.toString("latin1", start + 12, start + 16) === "mfhd"
    )
      return start;
  }
  return -1;
}
