// Reading a zip that somebody sent: what is in it, and each file's bytes, checked against what was promised.
// Promise: nothing of it reaches the disk by a name of its own; what is damaged, too much or too clever is refused in words for the person.
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { bundleMostFiles } from "../../protocol/bundle.ts";
import { UserError } from "../../protocol/errors.ts";

/** What we write is stored as it is; of what others packed again, text shrinks to a thirtieth, and media hardly at all. */
const mostShrunk = 100;
/** So little may shrink as it likes. */
const smallBytes = 64 * 1024;
/** Folders, and what archive programs add of their own. */
const mostEntries = bundleMostFiles + 10_000;

export interface Promised {
  path: string;
  bytes: number;
  sha256: string;
}

export class Zip {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Throws UserError where it is no zip, or one that nobody makes in good faith. */
  static async open(path: string): Promise<Zip> {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true }).catch(notZip);
    try {
      return new Zip(zip, await entriesOf(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** What it says of itself; `stream` holds it to that. */
  bytes(path: string): number {
    return this.#entry(path).uncompressedSize;
  }

  /** All of a file that may have at most so many bytes. */
  async read(path: string, mostBytes: number): Promise<Buffer> {
    if (this.bytes(path) > mostBytes) throw new UserError("too-large", `“${path}” in this zip is larger than it can be.`);
    const parts: Buffer[] = [];
    for await (const part of this.#stream(path)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** A file's bytes as they come. Throws at the end when they are not the ones that were promised: what came before must not be kept. */
  async *proven({ path, bytes, sha256 }: Promised): AsyncGenerator<Buffer> {
    if (this.bytes(path) !== bytes) throw damaged(path);
    const hash = createHash("sha256");
    for await (const part of this.#stream(path)) {
      hash.update(part);
      yield part;
    }
    if (hash.digest("hex") !== sha256) throw damaged(path);
  }

  close(): void {
    this.#zip.close();
  }

  async *#stream(path: string): AsyncGenerator<Buffer> {
    let stream: Readable | null = null;
    try {
      stream = await this.#zip.openReadStreamPromise(this.#entry(path));
      yield* stream as AsyncIterable<Buffer>;
    } catch (cause) {
      throw damaged(path, cause);
    } finally {
      stream?.destroy();
    }
  }

  #entry(path: string): Entry {
    const entry = this.#entries.get(path);
    if (!entry)
      throw new UserError("bad-request", `This zip has no “${path}” in it: it is no recording of Doubletake, or a part of it is missing.`);
    return entry;
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > mostEntries) throw tooMany();
  const entries = new Map<string, Entry>();
  let packed = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size >= mostEntries) throw tooMany();
      if (entry.fileName.endsWith("/")) continue;
      if (entry.isEncrypted() || !entry.canDecodeFileData())
        throw new UserError("bad-request", "This zip is encrypted, or packed in a way that is not read here.");
      if (entries.has(entry.fileName)) throw new UserError("bad-request", `“${entry.fileName}” is in this zip twice.`);
      if (entry.uncompressedSize > entry.compressedSize * mostShrunk + smallBytes)
        throw new UserError("too-large", `“${entry.fileName}” in this zip would unpack to far more than a recording has.`);
      packed += entry.compressedSize;
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    notZip(cause);
  }
  // Files that lie on one another make a small zip a huge one.
  if (packed > zip.fileSize) throw new UserError("too-large", "The files in this zip overlap; no program that means well packs them so.");
  return entries;
}

function tooMany(): UserError {
  return new UserError("too-large", `This zip holds more than ${mostEntries} files; no recording has so many.`);
}

function notZip(cause: unknown): never {
  if (typeof (cause as NodeJS.ErrnoException | null)?.errno === "number") throw cause;
  throw new UserError("bad-request", "This is not a zip that can be read: it is another kind of file, or did not arrive whole.", { cause });
}

function damaged(path: string, cause?: unknown): UserError {
  return cause instanceof UserError
    ? cause
    : new UserError("bad-request", `“${path}” in this zip is damaged: it is not what it was when the zip was made.`, { cause });
}
