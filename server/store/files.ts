// The few calls of the file system that recordings are written with, as one door, so that tests can stand a failing disk behind it.
// Promise: nothing here retries, caches or hides an error.
import fs from "node:fs";
import { chmod, mkdir, open, rename, stat, unlink } from "node:fs/promises";

export interface OpenFile {
  /** Writes at the end ("a+") or after what was written before ("w"). Resolves with how many bytes were taken, perhaps fewer than given. */
  write(parts: readonly Uint8Array[]): Promise<number>;
  /** Resolves with how many bytes were read; 0 at the end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  size(): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Resolves when the bytes and the size are on the disk. After it has failed once, what it says about this file is worth nothing. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /** "a+" and "w" create, "r" throws ENOENT. */
  open(path: string, flags: "a+" | "w" | "r"): Promise<OpenFile>;
  /** With all folders above it; resolves with the topmost that was not there. Their names are durable only once each one's parent is synced. */
  makeFolder(path: string): Promise<string | undefined>;
  /** Makes the names in a folder durable. After it has failed once, what it says about those that were new is worth nothing. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  makeReadOnly(path: string): Promise<void>;
  size(path: string): Promise<number>;
}

export const realFiles: Files = {
  open: async (path, flags) => openFile(await done<number>((call) => fs.open(path, flags, call))),
  makeFolder: (path) => mkdir(path, { recursive: true }),
  async syncFolder(path) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  unlink,
  makeReadOnly: (path) => chmod(path, 0o440),
  size: async (path) => (await stat(path)).size,
};

/** Callbacks below, because a FileHandle costs several promises a call, and this is called several times per chunk of everybody. */
function openFile(descriptor: number): OpenFile {
  return {
    write: (parts) => done<number>((call) => fs.writev(descriptor, parts, call)),
    read: (into, offset) => done<number>((call) => fs.read(descriptor, into, 0, into.length, offset, call)),
    size: async () => (await done<fs.Stats>((call) => fs.fstat(descriptor, call))).size,
    truncate: (size) => done<void>((call) => fs.ftruncate(descriptor, size, call)),
    datasync: () => done<void>((call) => fs.fdatasync(descriptor, call)),
    close: () => done<void>((call) => fs.close(descriptor, call)),
  };
}

function done<T>(start: (call: (error: Error | null, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

/** All of it, in as many writes as it takes. */
export async function writeAll(file: OpenFile, parts: readonly Uint8Array[]): Promise<void> {
  let left = parts;
  while (left.length > 0) {
    let taken = await file.write(left);
    const rest: Uint8Array[] = [];
    for (const part of left) {
      if (taken >= part.length) taken -= part.length;
      else {
        rest.push(part.subarray(taken));
        taken = 0;
      }
    }
    left = rest;
  }
}

/** Everything that is in the file now, piece by piece; a piece is valid until the next one is asked for. */
export async function* readAll(file: OpenFile, until = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(1024 * 1024, until));
  for (let offset = 0; offset < until; ) {
    const count = await file.read(buffer.subarray(0, Math.min(buffer.length, until - offset)), offset);
    if (count === 0) return;
    offset += count;
    yield buffer.subarray(0, count);
  }
}
