// One segment in the outbox: its bytes as they were recorded (position = offset), and its log.
// Promise: a chunk handed over is readable until the server sealed the segment, even when the device's storage is full.
import { sha256 } from "@noble/hashes/sha2.js";
import type { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import type { Finished } from "../../protocol/upload.ts";
import { crc32 } from "./crc32.ts";
import { encodeLine, type Line, type Log, type LoggedChunk, parseLog } from "./log.ts";
import type { Shelf, ShelfFile } from "./shelf.ts";

/** Bytes of one chunk, or of a part of it. */
export interface Piece extends ChunkFacts {
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What the server has for good. */
export interface Acked {
  offset: number;
  /** `receivedMs` of the last clock sample that it has, too: it takes none that is older. 0: none. */
  samplesMs: number;
}

const nothing: Finished = { bytes: 0, sha256: hex(sha256.create().digest()) };

/** Between two breaths of whoever reads back what an earlier page left: some 50 ms of work. */
const breathBytes = 4 * 1024 * 1024;

type Hasher = ReturnType<typeof sha256.create>;

export class Segment {
  /** Most of one track that waits in memory for the server, where the device keeps nothing: half an hour without a connection.
   * A tab that the browser ends for its size would lose all of it. */
  static memoryMostBytes = 512 * 1024 * 1024;

  readonly chunks: LoggedChunk[] = [];
  readonly samples: ClockSample[] = [];
  finished: Finished | null = null;
  sealed: Finished | null = null;
  /** As far as it has told us, on this connection or an earlier one. */
  acked: Acked = { offset: 0, samplesMs: 0 };
  /** The device will not give back what it holds of it: left alone until a later page tries. */
  unreadable = false;
  /** Memory could take no more: it ends before its recorder did. */
  overfull = false;
  /** The server came back with less than it had acked, and nobody else kept that: it ends there. */
  lost = false;
  #hasher: Hasher = sha256.create();
  /** What the device took before it took no more. */
  #beginning: Finished = nothing;
  #logBytes = 0;
  /** What the device would not take, kept in memory; the first byte's offset is `#onDevice`. */
  readonly #overflow: { offset: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  #onDevice = 0;
  /** Before this, what only memory held is gone: the server has it. */
  #released = 0;
  #unflushed = false;
  #closed = false;
  /** What an earlier page wrote down of it, until that is looked through. */
  #left: Log | null = null;

  private constructor(
    readonly shelf: Shelf,
    readonly folder: string,
    readonly id: string,
    readonly facts: SegmentFacts,
    readonly media: ShelfFile,
    readonly log: ShelfFile,
  ) {}

  static async create(shelf: Shelf, folder: string, id: string, facts: SegmentFacts): Promise<Segment> {
    const log = await shelf.open(folder, `${id}.log`);
    const media = await shelf.open(folder, `${id}.media`);
    const segment = new Segment(shelf, folder, id, facts, media, log);
    segment.#note({ type: "facts", facts });
    // Before the server hears of it: a device that comes back without the facts could not say that nothing more will come.
    segment.flush();
    return segment;
  }

  /** After a reload or a crash; `recover` then finds what there is. Null when not even the facts survived; nothing was recorded then. */
  static async reopen(shelf: Shelf, folder: string, id: string): Promise<Segment | null> {
    const log = await shelf.open(folder, `${id}.log`);
    const known = parseLog(log.read(0, log.size()));
    if (!known.facts) {
      log.close();
      return null;
    }
    const media = await shelf.open(folder, `${id}.media`);
    const segment = new Segment(shelf, folder, id, known.facts, media, log);
    if (known.sealed) await segment.#forget(known.sealed);
    else {
      segment.samples.push(...known.samples);
      segment.#left = known;
    }
    return segment;
  }

  /** Everything up to the first torn chunk, which is its end: nobody records into it any more. What was looked through is sent meanwhile. Of a long
   * recording that is a gigabyte, and whatever else is recorded and sent by now must not wait for it. */
  async recover(): Promise<void> {
    const left = this.#left;
    this.#left = null;
    if (!left) return;
    this.#logBytes = left.soundBytes;
    try {
      const torn = !(await this.#takeBack(left.chunks));
      this.media.truncate(this.#onDevice);
      this.log.truncate(left.soundBytes);
      if (torn) this.#rewriteLog();
      else this.finished = left.finish;
      this.finish();
    } catch (error) {
      console.error(`outbox: segment=${this.id} offset=${this.#onDevice} cannot be read`, error);
      this.unreadable = true;
    }
  }

  /** Everything recorded into it so far. */
  get bytes(): number {
    return this.sealed?.bytes ?? this.chunks.at(-1)?.endOffset ?? 0;
  }

  /** What would not survive this tab and is not on the server. */
  get inMemory(): number {
    return this.bytes - Math.max(this.#released, this.shelf.storage === "device" ? this.#onDevice : 0);
  }

  /** False: some of it would be lost with this tab. */
  get onDevice(): boolean {
    return this.shelf.storage === "device" && this.bytes === this.#onDevice;
  }

  /** On the device although the server has it, until the segment is sealed. */
  get outworn(): number {
    return this.shelf.storage === "device" ? Math.min(this.acked.offset, this.#onDevice) : 0;
  }

  /** `elsewhere`: what the track's other segments hold in memory. */
  append(sequence: number, bytes: Uint8Array<ArrayBuffer>, eventMs: number, elsewhere = 0): void {
    if (bytes.length === 0 || this.overfull || this.lost) return;
    if (this.finished) throw new Error(`segment=${this.id} chunk=${sequence} after finish`);
    const offset = this.bytes;
    if (elsewhere + this.inMemory + bytes.length > Segment.memoryMostBytes) {
      console.error(`outbox: segment=${this.id} offset=${offset} memory is full, the rest is lost`);
      this.overfull = true;
      this.finish();
      return;
    }
    // Once something was not taken, what follows would lie behind a hole.
    if (offset !== this.#onDevice) this.#overflow.push({ offset, bytes });
    else {
      try {
        this.media.write(bytes, offset);
        this.#onDevice = offset + bytes.length;
      } catch (error) {
        console.error(`outbox: segment=${this.id} offset=${offset} kept in memory`, error);
        this.#overflow.push({ offset, bytes });
        if (this.shelf.storage === "device") this.#beginning = { bytes: offset, sha256: hex(this.#hasher.clone().digest()) };
      }
    }
    this.#hasher.update(bytes);
    const chunk = { sequence, endOffset: offset + bytes.length, eventMs, crc32: crc32(bytes) };
    this.chunks.push(chunk);
    this.#note({ type: "chunk", chunk });
  }

  /** Looks without a ping or a reading are given the bytes there are: orders come in the order in which things happened. */
  addSamples(samples: ClockSample[]): void {
    if (samples.length === 0 || this.sealed || this.lost) return;
    const told = samples.map((sample) =>
      sample.epoch === "" && !sample.graph && !sample.sightings && sample.camera === undefined ? { ...sample, bytes: this.bytes } : sample,
    );
    this.samples.push(...told);
    this.#note({ type: "clock", samples: told });
  }

  finish(): void {
    if (this.finished) return;
    this.finished = { bytes: this.bytes, sha256: hex(this.#hasher.digest()) };
    this.#note({ type: "finish", finish: this.finished });
    this.flush();
  }

  /** The bytes from `offset` on, at most `most` and never of two chunks. Null when there are none yet. */
  read(offset: number, most: number): Piece | null {
    const chunk = this.chunks[this.#indexAt(offset)];
    if (!chunk) return null;
    const length = Math.min(most, chunk.endOffset - offset);
    const bytes = offset < this.#onDevice ? this.media.read(offset, length) : this.#readOverflow(offset, length);
    if (bytes.length !== length) throw new Error(`segment=${this.id} offset=${offset} length=${length} got=${bytes.length}`);
    return { sequence: chunk.sequence, endOffset: chunk.endOffset, eventMs: chunk.eventMs, offset, bytes };
  }

  /** The server says that it has everything before `offset`. The device keeps its copy until the segment is sealed; memory cannot afford to. */
  release(offset: number): void {
    this.#released = Math.max(this.#released, Math.min(offset, this.bytes));
    while (this.#overflow[0] && this.#overflow[0].offset + this.#overflow[0].bytes.length <= this.#released) this.#overflow.shift();
    if (this.shelf.storage === "memory") this.media.release?.(this.#released);
  }

  /** False: the server came back with less than it once had, and what is missing was in memory only. */
  readable(offset: number): boolean {
    return offset >= this.#released || (this.shelf.storage === "device" && offset < this.#onDevice);
  }

  /** What lies behind what the server still has cannot be put together with it any more. It seals what it has, as long as that begins with all that this
   * device has. */
  giveUp(): void {
    console.error(`outbox: segment=${this.id} bytes=${this.bytes} server=${this.acked.offset}: what was between is lost`);
    this.lost = true;
    this.finished = this.acked.offset >= this.#beginning.bytes ? this.#beginning : nothing;
    this.chunks.length = 0;
    this.samples.length = 0;
    this.#overflow.length = 0;
    this.#onDevice = 0;
    this.#released = 0;
  }

  flush(): void {
    if (!this.#unflushed || this.#closed) return;
    try {
      this.media.flush();
      this.log.flush();
      this.#unflushed = false;
    } catch (error) {
      // Tried again by the next flush, a second later; the bytes are in the file system's hands until then.
      console.warn(`outbox: segment=${this.id} flush`, error);
    }
  }

  /** The server has all of it, and perhaps more than a torn device still knew of: only the log stays, until the track has ended. */
  async seal(sealed: Finished): Promise<void> {
    if (this.sealed) return;
    this.#note({ type: "sealed", sealed });
    this.log.flush();
    await this.shelf.lost?.();
    await this.#forget(sealed);
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.log.close();
    this.media.close();
  }

  async #forget(sealed: Finished): Promise<void> {
    this.close();
    this.finished = sealed;
    this.sealed = sealed;
    this.chunks.length = 0;
    this.samples.length = 0;
    this.#overflow.length = 0;
    await this.shelf.remove(this.folder, `${this.id}.media`);
  }

  /** False when they are torn. */
  async #takeBack(chunks: readonly LoggedChunk[]): Promise<boolean> {
    const size = this.media.size();
    let breath = breathBytes;
    for (const chunk of chunks) {
      if (chunk.endOffset > size) return false;
      const bytes = this.media.read(this.#onDevice, chunk.endOffset - this.#onDevice);
      if (crc32(bytes) !== chunk.crc32) return false;
      this.#hasher.update(bytes);
      this.chunks.push(chunk);
      this.#onDevice = chunk.endOffset;
      if (this.#onDevice < breath) continue;
      breath = this.#onDevice + breathBytes;
      await new Promise((resolve) => setTimeout(resolve));
    }
    return true;
  }

  /** After torn bytes: the log must not promise chunks that are not there. */
  #rewriteLog(): void {
    this.log.truncate(0);
    this.#logBytes = 0;
    this.#note({ type: "facts", facts: this.facts });
    if (this.samples.length > 0) this.#note({ type: "clock", samples: this.samples });
    for (const chunk of this.chunks) this.#note({ type: "chunk", chunk });
  }

  #note(line: Line): void {
    const data = encodeLine(line);
    this.#unflushed = true;
    try {
      this.log.write(data, this.#logBytes);
      this.#logBytes += data.length;
    } catch (error) {
      // The next line is written over what this one left behind.
      console.error(`outbox: segment=${this.id} log`, error);
    }
  }

  #readOverflow(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const kept = this.#overflow.findLast((one) => one.offset <= offset);
    if (!kept) throw new Error(`segment=${this.id} offset=${offset} is nowhere`);
    return kept.bytes.slice(offset - kept.offset, offset - kept.offset + length);
  }

  /** Index of the chunk that holds `offset`. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.chunks[middle] as LoggedChunk).endOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
