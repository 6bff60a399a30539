// Readings of a clock that is never told early, only late: of each short span the one that is least behind. Pure: readings are given.
// Promise: what was kept is in order, and is told to everybody who asks from where he stopped.
import type { GraphReading } from "../../protocol/recording.ts";

/** Both in tenths of a millisecond: no browser tells time more exactly. */
export const readingOf = (browserMs: number, mediaMs: number): GraphReading => ({ browserMs: round(browserMs), mediaMs: round(mediaMs) });

const round = (ms: number) => Math.round(ms * 10) / 10;

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

  /** Null: there is none yet. */
  get lastMs(): number | null {
    return this.#readings.at(-1)?.browserMs ?? null;
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
