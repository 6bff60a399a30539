// How fast bytes become safe: the slope over the last seconds.
const spanMs = 6000;
/** What a call left in buffers arrives first, faster or slower than all that follows. */
const leastMs = 2000;

export class Rate {
  #points: { atMs: number; bytes: number }[] = [];

  /** Bytes per second; null until there is something to compare with. */
  add(bytes: number, atMs: number): number | null {
    const last = this.#points.at(-1);
    if (last && bytes < last.bytes) this.#points = [];
    this.#points = [...this.#points.filter((point) => atMs - point.atMs <= spanMs), { atMs, bytes }];
    const first = this.#points[0];
    if (!first || atMs - first.atMs < leastMs) return null;
    return ((bytes - first.bytes) / (atMs - first.atMs)) * 1000;
  }
}
