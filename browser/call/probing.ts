// Whether the server can be reached again, asked again and again while there is no socket: no event tells of an outage behind the router, and TCP asks
// ever more rarely for a socket that hangs (after 1, 3 and 7 s). Promise: one answer, one call of `onReached`.

/** Up to this much of the two seconds in which a call is to be back. */
const everyMs = 750;
/** After twenty minutes, in which a server restarts, a network changes and an outage ends. */
const soon = 1600;
const laterMs = 8000;

export interface ProbingOptions {
  /** Whether the server answers, within seconds; `signal` ends the question. */
  probe: (signal: AbortSignal) => Promise<boolean>;
  onReached: () => void;
}

export class Probing {
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #asking = new Set<AbortController>();

  constructor(readonly options: ProbingOptions) {}

  /** Until an answer, or `stop`. Whoever starts it again meanwhile changes nothing. */
  start(afterMs: number): void {
    this.#timer ??= setTimeout(() => void this.#ask(0), afterMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const asking of this.#asking) asking.abort();
    this.#asking.clear();
  }

  /** `asked`: so often before. */
  async #ask(asked: number): Promise<void> {
    this.#timer = setTimeout(() => void this.#ask(asked + 1), asked < soon ? everyMs : laterMs);
    const asking = new AbortController();
    this.#asking.add(asking);
    const reached = await this.options.probe(asking.signal);
    // Not among them any more: it was stopped.
    if (!this.#asking.delete(asking) || !reached) return;
    this.stop();
    this.options.onReached();
  }
}
