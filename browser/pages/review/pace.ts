// How fast a film that grows is played, for whoever watches live to be as near to the call as its windows allow. Pure but for what it remembers.
// Promise: it never asks for what would run dry at the rhythm in which the last windows came, and never for a speed that is heard.

/** Windows (3.2 s) end at another place in the chunks (1 s) that bring them each time, the sixth where the first did: one of five comes latest. */
const remembered = 5;
/** What is still to be shown when the latest of them comes. */
const reserveMs = 250;
/** A distance is made up in about this time, but never faster than this: voices keep their pitch, and nobody notices the pace. */
const pullMs = 10_000;
const mostFaster = 0.08;
const mostSlower = 0.03;
/** Setting a speed costs browsers something. */
const grain = 0.01;

export class Pace {
  /** Of the last windows: where the film ended when it came, less the moment by the clock. Whoever is further ahead of the clock ran dry there. */
  #leadsMs: number[] = [];

  /** A window came at `nowMs`; until then the film ended at `endMs`. */
  grown(endMs: number, nowMs: number): void {
    this.#leadsMs = [endMs - nowMs, ...this.#leadsMs].slice(0, remembered);
  }

  /** As near to the call as is safe, where the film ends at `endMs`; null: not known, or the next window is overdue. */
  nearestMs(endMs: number, nowMs: number): number | null {
    const nearestMs = Math.min(...this.#leadsMs) + nowMs - reserveMs;
    return nearestMs < endMs ? nearestMs : null;
  }

  /** How fast to play at `atMs`; 1 where nothing is known yet. */
  rate(atMs: number, endMs: number, nowMs: number): number {
    const nearestMs = this.nearestMs(endMs, nowMs);
    if (nearestMs === null) return 1;
    const pull = Math.max(-mostSlower, Math.min((nearestMs - atMs) / pullMs, mostFaster));
    return 1 + Math.round(pull / grain) * grain;
  }
}
