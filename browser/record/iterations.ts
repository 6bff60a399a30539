// When the media graph began each of its iterations, and how far it had come. Firefox's recorder counts its sound by them, and begins with one. Pure.
import type { GraphReading } from "../../protocol/recording.ts";
import { readingOf } from "./freshest.ts";

/** By the graph's thread: the wall clock, ms, when an iteration began, and the time of the graph then, ms. */
export type Told = [wallMs: number, mediaMs: number];

/** The graph computes some blocks of 128 samples in one iteration, and waits for the next: blocks that follow one another faster are of the same. */
const blockMs = 2;
/** An iteration that begins sooner after the last that was told is not told: no graph that plays to anybody is in such a hurry. */
const iterationMs = 5;
/** Told together. */
const togetherMs = 40;

/** Tells iterations from blocks, by a clock that somebody may set, whichever way. */
export class Iterations {
  #blockMs = Number.NEGATIVE_INFINITY;
  #iterationMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;
  #told: Told[] = [];

  /** Of each block of the graph, as it is computed. Answers what is to be told now, if anything is. */
  block(wallMs: number, mediaMs: number): Told[] | null {
    const since = (ms: number) => Math.abs(wallMs - ms);
    if (since(this.#blockMs) >= blockMs && since(this.#iterationMs) >= iterationMs) {
      this.#iterationMs = wallMs;
      this.#told.push([wallMs, mediaMs]);
    }
    this.#blockMs = wallMs;
    if (this.#told.length === 0 || since(this.#toldMs) < togetherMs) return null;
    this.#toldMs = wallMs;
    return this.#told.splice(0);
  }
}

/** The wall clock tells whole milliseconds. */
const grainMs = 2;

/** Puts them on the browser's clock by how old they are by the wall's, which whoever listens reads together with the browser's.
 * Promise: in order, and none of the future: somebody may set the wall clock between an iteration and the message that tells of it. */
export class Dated {
  #last: GraphReading = { browserMs: Number.NEGATIVE_INFINITY, mediaMs: Number.NEGATIVE_INFINITY };

  by(browserNowMs: number, wallNowMs: number, told: readonly Told[]): GraphReading[] {
    return told.flatMap(([wallMs, mediaMs]) => {
      const reading = readingOf(browserNowMs - (wallNowMs - wallMs), mediaMs);
      const { browserMs } = reading;
      if (browserMs > browserNowMs + grainMs || browserMs <= this.#last.browserMs || reading.mediaMs < this.#last.mediaMs) return [];
      this.#last = reading;
      return [reading];
    });
  }
}

/** A graph that falls so far behind from one iteration to the next has lost time between these two, or was late. */
const stepMs = 12;

/** What is worth sending of successive iterations: those at each end, the freshest of each span, both sides of what may be a loss, and all that began
 * from `all.fromMs` to `all.toMs`. */
export function worthSending(readings: readonly GraphReading[], spanMs: number, all: { fromMs: number; toMs: number }): GraphReading[] {
  const behind = readings.map(({ browserMs, mediaMs }) => browserMs - mediaMs);
  const spanOf = (index: number) => Math.floor(readings[index]!.browserMs / spanMs);
  const kept = new Set([0, readings.length - 1]);
  let freshest = 0;
  for (const [index, { browserMs }] of readings.entries()) {
    if (spanOf(index) !== spanOf(freshest)) {
      kept.add(freshest);
      freshest = index;
    } else if (behind[index]! < behind[freshest]!) freshest = index;
    if (browserMs >= all.fromMs && browserMs <= all.toMs) kept.add(index);
    if (index > 0 && behind[index]! - behind[index - 1]! > stepMs) kept.add(index - 1).add(index);
  }
  return readings.filter((_, index) => kept.has(index));
}
