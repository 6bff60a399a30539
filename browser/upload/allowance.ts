// What all uploads of this device together may send, and what they were seen to get through. Promise: at a given pace no more than a
// twenty-fifth of a second's worth goes out at once, so that somebody's voice never waits behind a whole chunk.

/** How much is saved up, ms, while nothing is sent: more than two of the shortest waits, so that a timer that is late loses nothing. Little, because
 * WebRTC takes what a voice waits behind one such piece for a queue that grows. */
const savedMs = 40;
/** Below this a frame is mostly its own headers. */
const leastBytes = 1200;
/** Frames that are smaller tell the round trip and not the width of the way. */
const tellingBytes = 16 * 1024;
/** How long a width once seen is believed, ms. */
const believedMs = 30_000;
/** In flight without one: as long as that takes at the width that was seen, but no less than this. Whoever joins a call finds no more in its way. */
const freeMs = 2000;
const freeBytes = 256 * 1024;
/** In flight at a given pace: so many seconds' worth, or what waits in the system's buffers could not be taken back when the call needs the way. */
const aheadMs = 1500;

export class Allowance {
  /** Bytes that were acked, of all uploads, with the clock samples among them: beside a trickle those are half of it. */
  through = 0;
  /** Bytes per second; null: no limit. */
  #rate: number | null = null;
  #saved = 0;
  #atMs = 0;
  #widest: { bytesPerSecond: number; atMs: number } | null = null;

  pace(bytesPerSecond: number | null, nowMs: number): void {
    this.#save(nowMs);
    this.#rate = bytesPerSecond;
  }

  /** How much may be sent now, at most `wanted`, with `ahead` bytes sent and not yet acked; 0: wait. */
  take(wanted: number, ahead: number, nowMs: number): number {
    if (this.#rate === null) return ahead > Math.max(freeBytes, ((this.uplink ?? 0) * freeMs) / 1000) ? 0 : wanted;
    if (ahead > 0 && ahead >= Math.max(2 * leastBytes, (this.#rate * aheadMs) / 1000)) return 0;
    this.#save(nowMs);
    if (this.#saved < Math.min(wanted, leastBytes)) return 0;
    const bytes = Math.min(wanted, Math.floor(this.#saved));
    this.#saved -= bytes;
    return bytes;
  }

  /** When it is worth asking again, ms from now. */
  get waitMs(): number {
    return this.#rate === null ? 50 : Math.min(1000, Math.max(15, (leastBytes / this.#rate) * 1000));
  }

  /** A frame was acked so long after it was sent. */
  arrived(bytes: number, tookMs: number, nowMs: number): void {
    this.through += bytes;
    if (bytes < tellingBytes || tookMs <= 0) return;
    const bytesPerSecond = (bytes * 1000) / tookMs;
    const known = this.#widest;
    if (!known || bytesPerSecond >= known.bytesPerSecond || nowMs - known.atMs > believedMs) this.#widest = { bytesPerSecond, atMs: nowMs };
  }

  /** The most that got through lately, bytes per second; null: nothing told. */
  get uplink(): number | null {
    return this.#widest?.bytesPerSecond ?? null;
  }

  #save(nowMs: number): void {
    const rate = this.#rate ?? 0;
    const most = Math.max(leastBytes, (rate * savedMs) / 1000);
    this.#saved = Math.min(most, this.#saved + (rate * (nowMs - this.#atMs)) / 1000);
    this.#atMs = nowMs;
  }
}
