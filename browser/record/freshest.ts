// Readings of a clock that is never told early, only late: of each short span the one that is least behind. Pure: readings are given.
// Promise: what was kept is in order, and is told to everybody who asks from where he stopped.
import type { GraphReading } from "../../protocol/recording.ts";

export class Freshest {
  #best: GraphReading | null = null;

  /** `keep` is given the best of a span once the next one has begun. */
  constructor(
    readonly spanMs: number,
    readonly keep: (reading: GraphReading) => void,
  ) {}

  add(reading: GraphReading): void {
    const best = this.#best;
    if (best && this.#spanOf(best) === this.#spanOf(reading)) {
      if (behindOf(reading) < behindOf(best)) this.#best = reading;
      return;
    }
    if (best) this.keep(best);
    this.#best = reading;
  }

  #spanOf = ({ browserMs }: GraphReading) => Math.floor(browserMs / this.spanMs);
}

/** As many readings as lie on a level say no more than its ends: those between which the clock went on as before are left out, but for a few. */
export class Levels {
  #kept: GraphReading | null = null;
  #last: GraphReading | null = null;

  constructor(readonly keep: (reading: GraphReading) => void) {}

  add(reading: GraphReading): void {
    const { browserMs } = reading;
    const kept = this.#kept;
    const steps = kept !== null && Math.abs(behindOf(reading) - behindOf(kept)) > levelMs;
    if (steps && this.#last && this.#last !== kept) this.keep(this.#last);
    if (kept === null || steps || browserMs - kept.browserMs >= everyMs) {
      this.keep(reading);
      this.#kept = reading;
    }
    this.#last = reading;
  }
}

/** Firefox tells its clock in whole milliseconds, rounded, and the graph in blocks of 3. */
const levelMs = 4;
/** Shorter than what waits for a new level to be held (`server/align/graph.ts`). */
const everyMs = 250;

export class Kept {
  #readings: GraphReading[] = [];
  /** How many were let go. */
  #gone = 0;

  constructor(readonly most: number) {}

  add(reading: GraphReading): void {
    this.#readings.push(reading);
    if (this.#readings.length < 2 * this.most) return;
    // Nobody came for them: the newest say most.
    this.#gone += this.most;
    this.#readings = this.#readings.slice(this.most);
  }

  /** The place of the first reading that is no older. */
  placeOf(browserMs: number): number {
    const index = this.#readings.findIndex((reading) => reading.browserMs >= browserMs);
    return this.#gone + (index < 0 ? this.#readings.length : index);
  }

  /** So many from there on at most; the others next time. */
  from(place: number, most: number): { readings: GraphReading[]; next: number } {
    const from = Math.max(0, place - this.#gone);
    const readings = this.#readings.slice(from, from + most);
    return { readings, next: this.#gone + from + readings.length };
  }
}

const behindOf = ({ browserMs, mediaMs }: GraphReading) => browserMs - mediaMs;
