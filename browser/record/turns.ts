// When the page last had a turn: whatever comes to it next has waited no longer than since then. An event that comes late to a page that had turns all
// the time was sent late; one that comes to a page that was busy may have been sent long before.
// Promise: a turn asks for the next one, but not for ever, and for none any more once it has ended.
import { nowMs } from "./clock.ts";

/** Turns follow one another without a pause (timers would be put off by a busy page), so not for longer than what is waited for takes. */
const mostMs = 300;

export class Turns {
  readonly #channel = new MessageChannel();
  #lastMs: number;

  constructor(readonly clockMs: () => number = nowMs) {
    const fromMs = clockMs();
    this.#lastMs = fromMs;
    const { port1, port2 } = this.#channel;
    port1.onmessage = () => {
      this.#lastMs = this.clockMs();
      if (this.#lastMs - fromMs < mostMs) port2.postMessage(null);
    };
    port2.postMessage(null);
  }

  /** The last one, or when this was made. */
  end(): number {
    this.#channel.port1.close();
    this.#channel.port2.close();
    return this.#lastMs;
  }
}
