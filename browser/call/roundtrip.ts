// How long an answer may take until it counts as missing: TCP's retransmission timer (RFC 6298, section 2), between bounds of our own. Pure.

/** Nothing is missing sooner: a busy page is served late, and a lost packet is sent again after a quarter of a second. */
const leastMs = 600;
const mostMs = 2000;

export class RoundTrip {
  #smoothMs: number | null = null;
  #variationMs = 0;

  take(ms: number): void {
    if (this.#smoothMs === null) {
      this.#smoothMs = ms;
      this.#variationMs = ms / 2;
      return;
    }
    this.#variationMs += (Math.abs(this.#smoothMs - ms) - this.#variationMs) / 4;
    this.#smoothMs += (ms - this.#smoothMs) / 8;
  }

  get patienceMs(): number {
    return Math.min(mostMs, Math.max(leastMs, (this.#smoothMs ?? 0) + 4 * this.#variationMs));
  }
}
