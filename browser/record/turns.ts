// Since when at most whatever comes to the page now has waited: what was asked for before it has come before it. An event that comes late to a page that
// had turns all the time was sent late; one that comes to a page that was busy may have been sent long before.
// Promise: a turn asks for the next one, but not for ever, and for none any more once it has ended.
import { nowMs } from "./clock.ts";

/** Turns follow one another without a pause (timers would be put off by a busy page), so not for longer than what is waited for takes. */
const mostMs = 300;

export class Turns {
  readonly #channel = new MessageChannel();
  /** When the turn that came last was asked for, and when the next one was. */
  #sinceMs: number;
  #askedMs: number;

  constructor(readonly clockMs: () => number = nowMs) {
    const fromMs = clockMs();
    this.#sinceMs = fromMs;
    this.#askedMs = fromMs;
    const { port1, port2 } = this.#channel;
    port1.onmessage = () => {
      this.#sinceMs = this.#askedMs;
      this.#askedMs = this.clockMs();
      if (this.#askedMs - fromMs < mostMs) port2.postMessage(null);
    };
    port2.postMessage(null);
  }

  /** When this was made, where the page has had no turn since. */
  end(): number {
    this.#channel.port1.close();
    this.#channel.port2.close();
    return this.#sinceMs;
  }
}
