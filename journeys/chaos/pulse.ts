// How long this machine itself takes for a small write to be durable: what nobody's upload can be faster than.
// Promise: measures beside the server, on the same disk, and touches nothing of it.
import { open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const everyMs = 500;
const piece = Buffer.alloc(4096);

export class Pulse {
  readonly #stop = new AbortController();
  readonly #beating: Promise<void>;
  #longestMs = 0;
  #since = performance.now();

  constructor(file: string) {
    this.#beating = this.#beat(file);
  }

  /** Longest since this was last asked, one that is under way included. */
  longestMs(): number {
    const longest = Math.max(this.#longestMs, performance.now() - this.#since);
    this.#longestMs = 0;
    return longest;
  }

  async #beat(path: string): Promise<void> {
    const file = await open(path, "w");
    try {
      while (!this.#stop.signal.aborted) {
        this.#since = performance.now();
        await file.write(piece, 0, piece.length, 0);
        await file.datasync();
        await wait(everyMs);
        this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#since);
      }
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
  }
}
