// When no sound comes from anybody any more: sooner than a browser says that a way is broken, and than the socket is asked. Promise: told once, until
// something was heard again.

/** Packets come fifty times a second, also of a muted microphone; one that is lost, or a page that was kept waiting, is none of this. */
const lullMs = 400;

export class Lull {
  #newest = 0;
  /** When something new was there; null: nobody was heard yet. */
  #heardMs: number | null = null;

  /** `played`: when the browser played each of the last packets, by whatever clock it counts. */
  look(played: readonly number[], nowMs: number): boolean {
    const newest = Math.max(0, ...played);
    if (newest > this.#newest) this.#heardMs = nowMs;
    this.#newest = newest;
    // Whoever has left is not silent.
    if (newest === 0) this.#heardMs = null;
    if (this.#heardMs === null || nowMs - this.#heardMs < lullMs) return false;
    this.#heardMs = null;
    return true;
  }
}
