// One segment's file while it grows. The offset is the file's size; nobody stores it.
// Promise: `append` resolves only when the bytes, and the facts that came with them, are on the disk.
import { createHash, type Hash } from "node:crypto";
import { chmod, type FileHandle, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { ProtocolError, UserError } from "../../protocol/errors.ts";
import { ChunkFacts, ClockSample, type SegmentFacts } from "../../protocol/recording.ts";
import type { ChunkFrame } from "../../protocol/upload.ts";
import { syncFolder } from "../store/disk.ts";

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

const readBytes = 1024 * 1024;

export class SegmentFile {
  readonly #path: string;
  readonly #inspector: Inspector;
  #media: FileHandle;
  #facts: FileHandle;
  #hash: Hash = createHash("sha256");
  #size = 0;
  #queuedEnd = 0;
  #lastSequence = -1;
  readonly #lastSample = { sentMs: Number.NEGATIVE_INFINITY };
  #waiting: Waiting[] = [];
  #lines: string[] = [];
  #committing: Promise<void> | null = null;
  /** Set once the disk has failed under this file: it takes nothing more and is set aside at the next open. */
  #broken: unknown = null;

  private constructor(path: string, inspector: Inspector, media: FileHandle, facts: FileHandle) {
    this.#path = path;
    this.#inspector = inspector;
    this.#media = media;
    this.#facts = facts;
  }

  /** Opens or creates the file; what is there already is read once, for the hash and the inspector. */
  static async open(path: string, facts: SegmentFacts, inspector: Inspector): Promise<SegmentFile> {
    await mkdir(dirname(path), { recursive: true });
    const media = await open(path, "a+");
    let factsFile: FileHandle | null = null;
    try {
      factsFile = await open(factsPath(path), "a+");
      await syncFolder(dirname(path));
      await syncFolder(dirname(dirname(path)));
      await syncFolder(dirname(dirname(dirname(path))));
      const file = new SegmentFile(path, inspector, media, factsFile);
      await file.#readBack();
      // The first line makes the folder enough to compose from, without the catalog.
      if ((await factsFile.stat()).size === 0) file.#lines.push(`${JSON.stringify({ segment: facts })}\n`);
      return file;
    } catch (error) {
      await media.close();
      await factsFile?.close();
      throw error;
    }
  }

  /** Durable bytes. */
  get offset(): number {
    return this.#size;
  }

  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Resolves with the durable offset. Bytes that are here already are passed over, so a frame may come twice. */
  append(frame: ChunkFrame): Promise<number> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (frame.offset > this.#queuedEnd) {
      throw new ProtocolError("wrong-offset", `offset=${frame.offset} expected=${this.#queuedEnd}`);
    }
    const fresh = frame.bytes.subarray(this.#queuedEnd - frame.offset);
    if (fresh.length === 0) return this.#committing ? this.#committing.then(() => this.#size) : Promise.resolve(this.#size);
    this.#queuedEnd += fresh.length;
    if (frame.sequence > this.#lastSequence) {
      this.#lastSequence = frame.sequence;
      this.#note({ chunk: { sequence: frame.sequence, endOffset: frame.endOffset, eventMs: frame.eventMs } });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: fresh, resolve, reject });
      this.#committing ??= this.#commit();
    });
  }

  /** Kept with the next commit; samples at or before the newest one known are passed over. */
  clock(sample: ClockSample): void {
    if (sample.sentMs <= this.#lastSample.sentMs) return;
    this.#lastSample.sentMs = sample.sentMs;
    this.#note({ clock: sample });
  }

  /** Hash of all bytes, once everything appended is durable. */
  async digest(): Promise<string> {
    await this.#committing;
    if (this.#broken) throw this.#broken;
    if (this.#lines.length > 0) await this.#writeFacts();
    return this.#hash.copy().digest("hex");
  }

  /** Closed for ever: read-only from here on. */
  async seal(): Promise<void> {
    await this.close();
    await chmod(this.#path, 0o440);
  }

  /** The file is not what the browser wrote: keep it under another name, for whoever looks into it. */
  async setAside(): Promise<void> {
    await this.close();
    const name = `${this.#path}.suspect-${Date.now()}`;
    await rename(this.#path, name);
    await unlink(factsPath(this.#path));
    await syncFolder(dirname(this.#path));
    this.#inspector.reset();
  }

  async close(): Promise<void> {
    await this.#committing;
    await Promise.all([this.#media.close(), this.#facts.close()]);
  }

  #note(line: { chunk: ChunkFacts } | { clock: ClockSample }): void {
    this.#lines.push(`${JSON.stringify(line)}\n`);
    if ("chunk" in line) this.#inspector.chunk(line.chunk);
    else this.#inspector.clock(line.clock);
  }

  /** Group commit: everything that came while the last sync ran goes to disk with one write and one sync. */
  async #commit(): Promise<void> {
    // One turn of the loop, so that frames read from the socket together are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await writeAll(
          this.#media,
          batch.map((entry) => entry.bytes),
        );
        await Promise.all([this.#media.datasync(), this.#writeFacts()]);
      } catch (error) {
        await this.#fail(error, batch);
        break;
      }
      try {
        for (const { bytes } of batch) this.#admit(bytes);
      } catch (error) {
        this.#broken = error;
        for (const entry of [...batch, ...this.#waiting.splice(0)]) entry.reject(error);
        break;
      }
      for (const entry of batch) entry.resolve(this.#size);
    }
    this.#committing = null;
  }

  #admit(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    this.#inspector.push(bytes);
  }

  /** A full disk is undone and can be tried again; any other failure condemns the file, since a second fsync may lie (fsyncgate). */
  async #fail(error: unknown, batch: Waiting[]): Promise<void> {
    const code = (error as NodeJS.ErrnoException).code;
    let reason: unknown = new UserError(
      "disk-broken",
      "The server's disk failed. Your recording is kept safe on this device and is sent again.",
      { cause: error },
    );
    if (code === "ENOSPC" || code === "EDQUOT") {
      try {
        await this.#media.truncate(this.#size);
        this.#queuedEnd = this.#size;
        reason = diskFull(error);
      } catch (cause) {
        this.#broken = cause;
      }
    } else {
      this.#broken = reason;
    }
    for (const entry of [...batch, ...this.#waiting.splice(0)]) entry.reject(reason);
  }

  async #writeFacts(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    await writeAll(this.#facts, [Buffer.from(lines.join(""))]);
    await this.#facts.datasync();
  }

  async #readBack(): Promise<void> {
    const text = await readFile(factsPath(this.#path), "utf8");
    for (const line of text.split("\n")) {
      const facts = parseFacts(line);
      if (facts?.chunk) {
        this.#lastSequence = Math.max(this.#lastSequence, facts.chunk.sequence);
        this.#inspector.chunk(facts.chunk);
      }
      if (facts?.clock) {
        this.#lastSample.sentMs = facts.clock.sentMs;
        this.#inspector.clock(facts.clock);
      }
    }
    // A torn last line would swallow the next one.
    if (text.length > 0 && !text.endsWith("\n")) await writeAll(this.#facts, [Buffer.from("\n")]);
    const buffer = new Uint8Array(readBytes);
    for (;;) {
      const { bytesRead } = await this.#media.read(buffer, 0, readBytes, this.#size);
      if (bytesRead === 0) break;
      this.#admit(buffer.slice(0, bytesRead));
    }
    this.#queuedEnd = this.#size;
  }
}

export function diskFull(cause?: unknown): UserError {
  return new UserError(
    "disk-full",
    "The server's disk is full. Your recording is kept safe on this device and goes on when there is room again.",
    { cause },
  );
}

export function factsPath(mediaPath: string): string {
  return mediaPath.replace(/\.\w+$/, ".facts.jsonl");
}

/** Null for a torn or foreign line: it was never acked. */
export function parseFacts(line: string): { chunk?: ChunkFacts; clock?: ClockSample } | null {
  if (line === "") return null;
  try {
    const value = JSON.parse(line) as { chunk?: unknown; clock?: unknown };
    if (value.chunk) return { chunk: ChunkFacts.parse(value.chunk) };
    if (value.clock) return { clock: ClockSample.parse(value.clock) };
    return null;
  } catch {
    return null;
  }
}

async function writeAll(handle: FileHandle, parts: Uint8Array[]): Promise<void> {
  let left = parts;
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    const rest: Uint8Array[] = [];
    for (const part of left) {
      if (bytesWritten >= part.length) bytesWritten -= part.length;
      else {
        rest.push(part.subarray(bytesWritten));
        bytesWritten = 0;
      }
    }
    left = rest;
  }
}
