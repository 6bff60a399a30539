// WebM (RFC 9559) as MediaRecorder writes it: unknown-size clusters, no index. Bytes in, packets out.
// Promise: after damage it goes on at the next cluster, and never holds more than one element in memory.
import { audioSamples, checkStreams } from "./codec.ts";
import { refusal, type Scanner, type Stream } from "./container.ts";
import { childrenOf, headerAt, sizeAt, uintOf } from "./ebml.ts";
import { frameSize, tooLarge } from "./framesize.ts";
import { Pace } from "./pace.ts";
import { Packets } from "./packets.ts";
import { Pending } from "./pending.ts";
import { id, streamsOf } from "./webm-streams.ts";

/** No element that a recorder writes in one piece is larger; a header that claims more is damage. */
const elementMaxBytes = 16 * 1024 * 1024;
/** Everything before the first cluster. */
const headMaxBytes = 1024 * 1024;
/** A cluster that says it is this much earlier, or later, than the one before has a damaged time. */
const backwardsMaxMs = 60_000;
const forwardsMaxMs = 24 * 3_600_000;

const skipped = new Set<number>([id.void, id.crc, id.cues, id.seekHead, id.tags, id.chapters, id.previousSize, id.position]);
const clusterMagic = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

export class WebmScanner implements Scanner {
  readonly streams: Stream[] = [];
  readonly packets = new Packets();
  damagedBytes = 0;
  readonly #pending = new Pending();
  readonly #pace = new Pace();
  #phase: "head" | "clusters" | "lost" = "head";
  /** Codec delays that the container itself states, per stream, to be taken off. */
  #delayMs = new Map<number, number>();
  /** Milliseconds per tick of the file's own clock. */
  #tickMs = 1;
  #clusterTicks: number | null = null;
  #lastClusterMs = 0;
  /** Streams whose next packet comes after damage. */
  #damaged = new Set<number>();
  /** No cluster begins before this offset in the element at hand. */
  #clean = 0;

  push(bytes: Uint8Array): void {
    this.#pending.append(bytes);
    const view = this.#pending.view;
    let at = 0;
    while (at < view.length) {
      const next = this.#phase === "lost" ? this.#find(view, at) : this.#element(view, at);
      if (next === null) break;
      at = next;
    }
    this.#pending.drop(at);
  }

  /** Reads the element at `at`; returns where to go on, or null when more bytes are needed. */
  #element(view: Buffer, at: number): number | null {
    const head = this.#phase === "head";
    if (head && this.#pending.offset + at > headMaxBytes) throw refusal("This WebM file does not say what is in it in its first megabyte.");
    const header = headerAt(view, at);
    if (header === "short") return null;
    if (header === "bad") return this.#damage(view, at, "bytes that are no WebM element");
    const start = at + header.length;
    if (header.id === id.segment && head) return start;
    if (header.id === id.cluster) {
      if (head) throw refusal("This WebM file begins to play before it has said what is in it.");
      this.#clusterTicks = null;
      return start;
    }
    const known =
      head || header.id === id.timestamp || header.id === id.simpleBlock || header.id === id.blockGroup || skipped.has(header.id);
    if (!known) return this.#damage(view, at, "an element that does not belong there");
    if (header.size < 0 || header.size > (head ? headMaxBytes : elementMaxBytes))
      return this.#damage(view, at, header.size < 0 ? "an element without an end" : `an element that claims ${header.size} bytes`);
    const end = start + header.size;
    const body = view.subarray(start, Math.min(end, view.length));
    // A size that was damaged swallows the clusters after it: one that begins inside an element proves it.
    if (!head && this.#swallows(body, start)) return this.#damage(view, at, "");
    if (end > view.length) return null;
    if (head) this.#headElement(header.id, body);
    else if (!this.#clusterElement(header.id, body, this.#pending.offset + start)) return this.#damage(view, at, "");
    return end;
  }

  /** Whether a cluster begins inside the element at hand. Each byte is looked at once, however small the pushes are. */
  #swallows(body: Buffer, start: number): boolean {
    const offset = this.#pending.offset + start;
    const from = Math.max(0, this.#clean - offset);
    if (clusterIn(body, from) >= 0) return true;
    this.#clean = offset + Math.max(from, body.length - clusterHeadBytes);
    return false;
  }

  #headElement(element: number, body: Buffer): void {
    if (element === id.ebml) {
      const docType = childrenOf(body).find((child) => child.id === id.docType);
      const name = docType ? Buffer.from(docType.body).toString("latin1").replace(/\0+$/, "") : "matroska";
      if (name !== "webm" && name !== "matroska")
        throw refusal(`This is an EBML file of type "${name.slice(0, 20).replace(/[^\x20-\x7e]/g, "?")}", not a WebM or MP4 recording.`);
    } else if (element === id.info) {
      const scale = childrenOf(body).find((child) => child.id === id.timestampScale);
      if (scale) this.#tickMs = uintOf(scale.body) / 1e6;
      if (!(this.#tickMs > 0 && this.#tickMs <= 1000)) throw refusal("This WebM file counts time in a unit that makes no sense.");
    } else if (element === id.tracks) {
      const { streams, delayMs } = streamsOf(body);
      checkStreams(streams);
      this.streams.push(...streams);
      this.#delayMs = delayMs;
      this.#phase = "clusters";
    }
  }

  /** False: the element is damaged. */
  #clusterElement(element: number, body: Buffer, offset: number): boolean {
    if (element === id.timestamp) {
      if (body.length > 8) return false;
      const ticks = uintOf(body);
      const atMs = ticks * this.#tickMs;
      if (atMs < this.#lastClusterMs - backwardsMaxMs || atMs > this.#lastClusterMs + forwardsMaxMs) return false;
      this.#clusterTicks = ticks;
      this.#lastClusterMs = atMs;
    } else if (element === id.simpleBlock) {
      return this.#block(body, offset, null);
    } else if (element === id.blockGroup) {
      const children = childrenOf(body);
      const block = children.find((child) => child.id === id.block);
      const key = !children.some((child) => child.id === id.referenceBlock);
      return block !== undefined && this.#block(block.body, offset + block.at, key);
    }
    return true;
  }

  /** `key` null: the block's own flag says. */
  #block(body: Uint8Array, offset: number, key: boolean | null): boolean {
    const first = body[0];
    if (!first || this.#clusterTicks === null) return false;
    const numberLength = Math.clz32(first) - 23;
    const length = numberLength + 3;
    if (body.length < length) return false;
    const number = sizeAt(body, 0, numberLength);
    const stream = this.streams.find((candidate) => candidate.number === number);
    if (!stream) return false;
    const ticks = ((body[numberLength]! << 24) >> 16) | body[numberLength + 1]!;
    const flags = body[numberLength + 2]!;
    if (flags & 0x06) {
      if (this.packets.length === 0)
        throw refusal("This WebM file packs several frames into one block (lacing), which no browser's recorder does.");
      return false;
    }
    if (body.length === length) return true;
    const mediaMs = (this.#clusterTicks + ticks) * this.#tickMs - (this.#delayMs.get(number) ?? 0);
    if (!this.#pace.takes(stream, mediaMs)) return false;
    if (stream.kind === "video" && tooLarge(frameSize(stream, body.subarray(length)))) {
      // Left out, and with it what builds on it.
      this.#damaged.add(number);
      this.damagedBytes += body.length;
      return true;
    }
    this.packets.push({
      stream: number,
      kind: stream.kind,
      mediaMs,
      offset: offset + length,
      size: body.length - length,
      key: stream.kind === "audio" || (key ?? (flags & 0x80) !== 0),
      afterDamage: this.#damaged.delete(number),
      samples: stream.kind === "audio" ? audioSamples(stream, body.subarray(length, length + 2), body.length - length) : 0,
    });
    return true;
  }

  #damage(view: Buffer, at: number, what: string): number {
    if (this.#phase === "head") throw refusal(`This WebM file is damaged at its beginning: ${what} at byte ${this.#pending.offset + at}.`);
    this.#phase = "lost";
    this.#clusterTicks = null;
    for (const stream of this.streams) this.#damaged.add(stream.number);
    this.damagedBytes += 1;
    return Math.min(at + 1, view.length);
  }

  /** Looks for the next cluster; what is passed over is damaged. */
  #find(view: Buffer, at: number): number | null {
    const found = clusterIn(view, at);
    // The last bytes may be the beginning of one.
    const to = found >= 0 ? found : Math.max(at, view.length - clusterHeadBytes);
    this.damagedBytes += to - at;
    if (found >= 0) this.#phase = "clusters";
    return to === at && found < 0 ? null : to;
  }
}

/** Identifier, a size of up to eight bytes, and the first header inside. */
const clusterHeadBytes = 24;

/** Where a cluster begins whose head is plausible and all there; -1 when none does. */
function clusterIn(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(clusterMagic, from); at >= 0; at = bytes.indexOf(clusterMagic, at + 1)) {
    const header = headerAt(bytes, at);
    if (typeof header === "string" || header.size > 256 * 1024 * 1024) continue;
    const inside = headerAt(bytes, at + header.length);
    if (typeof inside === "string") continue;
    if (inside.id === id.timestamp && inside.size >= 1 && inside.size <= 8) return at;
    if (inside.id === id.crc && inside.size === 4) return at;
  }
  return -1;
}
