// The sizes in a film's windows, as its header wants them: kept of what was composed here, read from the files of what was not.
// Promise: they are there whenever they are asked for. What is to be asked for is read ahead in moments, by whoever has nothing else to do, and what
// cannot be read then is passed over: whoever asks for it is told.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { indexOf, type WindowIndex } from "./film.ts";

/** Of windows, 1.2 kB each: ten hours of them. What is beyond is read whenever it is asked for. */
const mostKept = 12_000;
/** More than any moof of ours: 96 pictures and 150 frames of sound take about 3 kB. */
const moofBytes = 16 * 1024;
/** Longest that whoever has something else to do waits, but for a slow disk. */
const momentMs = 4;

const head = Buffer.allocUnsafeSlow(moofBytes);

export class Sizes {
  readonly #kept = new Map<string, WindowIndex>();
  /** Files that may be asked for, the last one first. */
  #ahead: string[] = [];

  /** Of a window whose bytes are at hand. */
  keep(path: string, bytes: Buffer): void {
    this.#keep(path, indexOf(bytes, bytes.length));
  }

  /** Throws where the file cannot be read, or is no window. */
  of(path: string): WindowIndex {
    return this.#kept.get(path) ?? this.#keep(path, read(path));
  }

  /** These are going to be asked for, in this order. */
  expect(paths: readonly string[]): void {
    const room = Math.max(0, mostKept - this.#kept.size - this.#ahead.length);
    this.#ahead = [...this.#ahead, ...paths.slice(0, room).reverse()];
  }

  /** Reads ahead for a moment. False: there is nothing left to read. `nowMs`: a clock. */
  readAhead(nowMs: () => number = () => performance.now()): boolean {
    for (const until = nowMs() + momentMs; ; ) {
      const path = this.#ahead.pop();
      if (path === undefined) return false;
      try {
        this.of(path);
      } catch {
        // Composed anew and taken away meanwhile, most likely; if it is wanted all the same, that is said then.
      }
      if (nowMs() >= until) return this.#ahead.length > 0;
    }
  }

  #keep(path: string, index: WindowIndex): WindowIndex {
    // What is written anew under a name that is known has other sizes.
    if (this.#kept.size < mostKept || this.#kept.has(path)) this.#kept.set(path, index);
    return index;
  }
}

/** At once, and without a promise: eight hours have nine thousand of them. */
function read(path: string): WindowIndex {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    return indexOf(head.subarray(0, readSync(file, head, 0, moofBytes, 0)), size);
  } finally {
    closeSync(file);
  }
}
