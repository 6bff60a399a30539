// One segment while it grows. The offset is the size of its file; nobody stores it.
// Promise: `append` resolves only when the bytes, and the facts that came with them, are on the disk.
import { createHash, type Hash } from "node:crypto";
import { ProtocolError } from "../../protocol/errors.ts";
import type { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import type { ChunkFrame } from "../../protocol/upload.ts";
import type { Disk } from "../store/disk.ts";
import { type Fact, factLine, type Mark, parseFacts } from "../store/facts.ts";
import { Tape } from "./tape.ts";

/** Sees every durable byte of a segment, in order, once; `push` throws UserError("not-media") on what is not a recording. */
export interface Inspector {
  push(bytes: Uint8Array): void;
  chunk(facts: ChunkFacts): void;
  clock(sample: ClockSample): void;
  /** All bytes seen so far are void: the file starts anew. */
  reset(): void;
}

interface Waiting {
  bytes: Uint8Array;
  resolve: (offset: number) => void;
  reject: (error: unknown) => void;
}

/** How far something is known. `readings`: how much was ever said of the clock. */
interface Known {
  sequence: number;
  receivedMs: number;
  readings: number;
}

/** Samples wait this long for a chunk to go to the disk with, ms: an honest device brings one about once a second, so they cost no sync of their own
 * but where a recorder has nothing new. */
const ridesMs = 1000;
/** So many facts wait for no chunk: a device that comes back brings its samples hundreds at a time. */
const mostRiding = 100;
/** Samples of one segment, with every reading in them: ten minutes of Firefox, which tells most, are 20 000, and eight hours, should no other
 * recorder ever take over, 950 000. The aligner holds them in memory as long as the segment grows. */
const mostReadings = 1_000_000;

export class SegmentFile {
  readonly #tape: Tape;
  readonly #inspector: Inspector;
  #hash: Hash = createHash("sha256");
  #size = 0;
  /** Where the next byte goes: what is durable and what waits for it. */
  #end = 0;
  /** Facts on the disk, and those with what waits. */
  #known: Known = { sequence: -1, receivedMs: Number.NEGATIVE_INFINITY, readings: 0 };
  #noted: Known = this.#known;
  #facts: Fact[] = [];
  #waiting: Waiting[] = [];
  /** Those who brought samples; they go with the next commit, whoever asks for it. */
  #riding: Waiting[] = [];
  #ride: NodeJS.Timeout | null = null;
  #committing: Promise<void> | null = null;
  /** Why it takes nothing more; null while it does. */
  #over: unknown = null;

  private constructor(tape: Tape, inspector: Inspector) {
    this.#tape = tape;
    this.#inspector = inspector;
  }

  /** Opens or creates the files; what is there already is read once, for the hash and the inspector. */
  static async open(disk: Disk, path: string, facts: SegmentFacts, inspector: Inspector): Promise<SegmentFile> {
    const tape = await Tape.open(disk, path);
    try {
      const file = new SegmentFile(tape, inspector);
      const text = await tape.facts();
      await file.#readMedia(file.#readFacts(text));
      // The first line makes the folder enough to compose from, without the catalog.
      if (text === "") file.#facts.push({ segment: facts });
      return file;
    } catch (error) {
      await tape.park();
      throw error;
    }
  }

  /** Durable bytes. */
  get offset(): number {
    return this.#size;
  }

  /** The disk failed under it: it is to be opened anew. */
  get torn(): boolean {
    return this.#tape.torn;
  }

  /** Nothing is being written and its file handles are let go. */
  get parked(): boolean {
    return this.#tape.parked;
  }

  get busy(): boolean {
    return this.#committing !== null;
  }

  /** Throws when the frame has other bytes than the ones that are here already. To be waited for before `append`. */
  async compare(frame: ChunkFrame): Promise<void> {
    if (frame.offset >= this.#end) return;
    await this.#settled();
    const known = Math.min(frame.bytes.length, this.#size - frame.offset);
    if (known <= 0) return;
    const here = await this.#tape.readMedia(frame.offset, known);
    if (Buffer.compare(here, frame.bytes.subarray(0, here.length)) === 0) return;
    throw new ProtocolError("wrong-bytes", `offset=${frame.offset} length=${frame.bytes.length} differ from the durable ones`);
  }

  /** Resolves once what has come so far is durable; throws where it could not be made so. */
  async durable(): Promise<void> {
    if (this.#committing) await this.#queue(new Uint8Array());
  }

  /** Where a frame has to begin, at the latest. */
  get end(): number {
    return this.#end;
  }

  /** Resolves with the durable offset. Bytes that are here already are passed over, so a frame may come twice. */
  append(frame: ChunkFrame): Promise<number> {
    if (this.#over) return Promise.reject(this.#over);
    if (frame.offset > this.#end) throw new ProtocolError("wrong-offset", `offset=${frame.offset} expected=${this.#end}`);
    const fresh = frame.bytes.subarray(this.#end - frame.offset);
    if (fresh.length === 0) return this.#settled().then(() => this.#size);
    this.#end += fresh.length;
    const { sequence, endOffset, eventMs } = frame;
    if (sequence > this.#noted.sequence) {
      this.#noted = { ...this.#noted, sequence };
      this.#facts.push({ chunk: { sequence, endOffset, eventMs } });
    }
    return this.#queue(fresh);
  }

  /** Resolves once the samples are durable: with the next chunk, or a moment later without. They come in the order of `receivedMs` (a ping is known
   * only when it is back); older ones were here before. */
  clock(samples: readonly ClockSample[]): Promise<number> {
    if (this.#over) return Promise.reject(this.#over);
    let noted = this.#noted;
    const fresh: Fact[] = [];
    for (const clock of samples) {
      if (clock.receivedMs <= noted.receivedMs) continue;
      noted = { ...noted, receivedMs: clock.receivedMs, readings: noted.readings + readingsIn(clock) };
      fresh.push({ clock });
    }
    if (noted.readings > mostReadings) throw new ProtocolError("unexpected", `path=${this.#tape.path} readings=${noted.readings}`);
    if (fresh.length === 0) return Promise.resolve(this.#size);
    this.#noted = noted;
    this.#facts.push(...fresh);
    return new Promise((resolve, reject) => {
      this.#riding.push({ bytes: new Uint8Array(), resolve, reject });
      if (this.#facts.length >= mostRiding) this.flush();
      else this.#ride ??= setTimeout(() => this.flush(), ridesMs);
    });
  }

  /** The samples that wait for a chunk wait no longer. */
  flush(): void {
    this.#board();
    if (this.#waiting.length > 0) this.#committing ??= this.#commit();
  }

  /** Size and hash of all bytes, once everything appended, and every fact, is durable. Takes nothing more until `resume`. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    if (this.#over) throw this.#over;
    const flushed = this.#facts.length > 0 ? this.#queue(new Uint8Array()) : this.#settled();
    this.#over = new ProtocolError("sealed", `path=${this.#tape.path} is being sealed`);
    try {
      await flushed;
      await this.#settled();
    } catch (error) {
      if (!this.torn) this.#over = null;
      throw error;
    }
    return { bytes: this.#size, sha256: this.#hash.copy().digest("hex") };
  }

  /** Not to be sealed after all. */
  resume(): void {
    if (!this.torn) this.#over = null;
  }

  /** Closed for ever: read-only from here on. */
  async seal(): Promise<void> {
    await this.#tape.makeReadOnly();
  }

  /** The file is not what the browser wrote: kept under another name, for whoever looks into it. */
  async setAside(): Promise<void> {
    this.#over ??= new ProtocolError("wrong-hash", `path=${this.#tape.path} was set aside`);
    await this.#settled();
    await this.#tape.setAside();
    this.#inspector.reset();
  }

  /** Lets go of the file handles until the next append. */
  async park(): Promise<void> {
    this.flush();
    // Nothing may come between the look and the closing.
    while (this.#committing) await this.#committing;
    await this.#tape.park();
  }

  async close(): Promise<void> {
    await this.park();
  }

  #queue(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#committing ??= this.#commit();
    });
  }

  #board(): void {
    if (this.#ride) clearTimeout(this.#ride);
    this.#ride = null;
    this.#waiting.push(...this.#riding.splice(0));
  }

  async #settled(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  /** Group commit: everything that came while the last sync ran goes to disk with one write and one sync. */
  async #commit(): Promise<void> {
    // One turn of the loop, so that frames read from the socket together are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#board();
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#keep(batch.flatMap(({ bytes }) => (bytes.length > 0 ? [bytes] : [])));
        for (const entry of batch) entry.resolve(this.#size);
      } catch (error) {
        this.#board();
        for (const entry of [...batch, ...this.#waiting.splice(0)]) entry.reject(error);
      }
    }
    this.#committing = null;
  }

  /** Throws what the disk or the inspector says. What was not made durable is forgotten, so that it can be sent again. */
  async #keep(bytes: Uint8Array[]): Promise<void> {
    const [facts, noted] = [this.#facts, this.#noted];
    this.#facts = [];
    const hash = this.#hash.copy();
    for (const part of bytes) hash.update(part);
    const mark = { offset: this.#size + lengthOf(bytes), hash: shortOf(hash) };
    const lines = [...facts, ...(bytes.length > 0 ? [{ mark }] : [])].map(factLine).join("");
    try {
      await this.#tape.append(bytes, lines);
    } catch (error) {
      this.#end = this.#size;
      this.#noted = this.#known;
      // The file still wants its first line; whatever else was noted comes again with the bytes.
      this.#facts = facts.filter((fact) => "segment" in fact);
      if (this.torn) this.#over = error;
      throw error;
    }
    this.#known = noted;
    this.#hash = hash;
    this.#size = mark.offset;
    try {
      for (const fact of facts) this.#show(fact);
      for (const part of bytes) this.#inspector.push(part);
    } catch (error) {
      this.#over = error;
      throw error;
    }
  }

  #show(fact: Fact): void {
    if ("chunk" in fact) this.#inspector.chunk(fact.chunk);
    else if ("clock" in fact) this.#inspector.clock(fact.clock);
  }

  #readFacts(text: string): Mark[] {
    const known = { ...this.#known };
    const marks: Mark[] = [];
    for (const line of text.split("\n")) {
      const { chunk, clock, mark } = parseFacts(line) ?? {};
      if (chunk && chunk.sequence > known.sequence) {
        known.sequence = chunk.sequence;
        this.#show({ chunk });
      }
      if (clock) {
        known.receivedMs = clock.receivedMs;
        known.readings += readingsIn(clock);
        this.#show({ clock });
      }
      if (mark) marks.push(mark);
    }
    this.#known = known;
    this.#noted = known;
    return marks;
  }

  /** Believes the media up to the last mark whose hash holds. What lies behind it was never acked, and comes again. */
  async #readMedia(marks: readonly Mark[]): Promise<void> {
    let doubts = 0;
    for (const mark of marks) {
      if (mark.offset <= this.#size || mark.offset > this.#tape.bytes) continue;
      if (doubts === mostDoubts) break;
      const hash = this.#hash.copy();
      const parts: Uint8Array[] = [];
      for (let offset = this.#size; offset < mark.offset; offset += readBytes) {
        parts.push(await this.#tape.readMedia(offset, Math.min(readBytes, mark.offset - offset)));
        hash.update(parts.at(-1)!);
      }
      if (shortOf(hash) !== mark.hash) {
        doubts += 1;
        continue;
      }
      this.#hash = hash;
      this.#size = mark.offset;
      for (const part of parts) this.#inspector.push(part);
    }
    this.#end = this.#size;
    await this.#tape.shorten(this.#size);
  }
}

const readBytes = 1024 * 1024;
/** Once one mark does not hold, hardly any after it does; each costs a reading of all bytes since the last good one. */
const mostDoubts = 8;
const readingsIn = ({ graph, pulses, sightings }: ClockSample) =>
  1 + (graph?.length ?? 0) + (pulses?.length ?? 0) + (sightings?.length ?? 0);
const shortOf = (hash: Hash) => hash.copy().digest("hex").slice(0, 16);
const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);
