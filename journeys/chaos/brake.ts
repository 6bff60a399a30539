// A server's composing processes made slow: they stand still for a part of every quarter of a second (SIGSTOP, SIGCONT), as if others had the processors.
// Promise: whoever is on the brake is let go by `release`, and processes that begin meanwhile are on it too.
import { setTimeout as wait } from "node:timers/promises";
import { composingOf } from "./world.ts";

/** Much shorter than a window takes. */
const periodMs = 250;

export class Brake {
  readonly #server: () => number | undefined;
  #pressed: Promise<void> | null = null;
  #go = new AbortController();
  #stoppedMs = 0;
  #pressedAt = 0;

  /** `server`: the pid of the program that started them. */
  constructor(server: () => number | undefined) {
    this.#server = server;
  }

  /** `share`: of the time they stand still, below 1. */
  press(share: number): void {
    this.#go = new AbortController();
    this.#stoppedMs = 0;
    this.#pressedAt = performance.now();
    this.#pressed = this.#brake(share);
  }

  /** Answers for which share of the time they really stood still. */
  async release(): Promise<number> {
    this.#go.abort();
    await this.#pressed;
    this.#pressed = null;
    return this.#stoppedMs / (performance.now() - this.#pressedAt);
  }

  async #brake(share: number): Promise<void> {
    while (!this.#go.signal.aborted) {
      const processes = composingOf(this.#server());
      const from = performance.now();
      try {
        for (const pid of processes) tell(pid, "SIGSTOP");
        await wait(periodMs * share);
      } finally {
        for (const pid of processes) tell(pid, "SIGCONT");
      }
      this.#stoppedMs += performance.now() - from;
      await wait(periodMs * (1 - share));
    }
  }
}

function tell(pid: number, signal: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
