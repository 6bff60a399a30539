// Whether the server can be reached again, asked once a second over plain HTTP while there is no socket: no event tells of an outage behind the
// router, TCP asks ever more rarely for a socket that hangs (after 1, 3 and 7 s), and browsers open no second one to the same server meanwhile.
// Promise: one answer, one call of `onReached`.

/** A probe that takes longer says nothing of a network that is there. */
const everyMs = 1000;

export interface ProbingOptions {
  /** Whether the server answers the least there is to ask; `signal` ends the question. */
  probe: (signal: AbortSignal) => Promise<boolean>;
  onReached: () => void;
}

export class Probing {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asking: AbortController | null = null;

  constructor(readonly options: ProbingOptions) {}

  /** Until an answer, or `stop`; everybody whom a server left asks at a moment of their own. */
  start(): void {
    this.#timer ??= setTimeout(() => void this.#ask(), everyMs * (0.5 + Math.random() / 2));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#asking?.abort();
    this.#asking = null;
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking?.abort();
    this.#asking = asking;
    this.#timer = setTimeout(() => void this.#ask(), everyMs);
    const reached = await this.options.probe(asking.signal);
    if (!reached || this.#asking !== asking) return;
    this.stop();
    this.options.onReached();
  }
}
