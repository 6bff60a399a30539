// Which readings of the recorder's own clock are believed: those by the graph's own thread, where they are of the same graph as the element's and of as
// much of it, for they go on while the page stands still; else the element's. Pure.
import type { ClockSample, GraphReading } from "../../protocol/recording.ts";

/** By what a list of readings is judged. */
export interface Grain {
  /** A new level is one when it has been held for so long. */
  heldMs: number;
  /** Twice what is between two readings where nothing is held up, and the graph goes on. */
  aliveMs: number;
}

export interface Readings {
  list: readonly GraphReading[];
  grain: Grain;
}

/** The page reads every 125 ms. */
export const byElement: Grain = { heldMs: 500, aliveMs: 250 };
/** The graph's thread is heard every 40 ms. */
export const byThread: Grain = { heldMs: 80, aliveMs: 100 };

/** Both are compared in stretches so long, in which a page that is not held up reads the element twice as often as is asked for here. */
const stretchMs = 2000;
const leastElement = 8;
const leastPulses = 4;
/** They may differ by the grain of the element's readings and by a block of sound that the graph has in hand, in three stretches of four: where time is
 * lost while the page stands still they differ by what was lost. */
const sameMs = 40;
const leastShare = 0.75;
/** The graph's thread may begin and end so much later and earlier. */
const edgeMs = 2000;

export function readingsOf(samples: readonly ClockSample[]): Readings {
  const element = samples.flatMap(({ graph }) => graph ?? []);
  const pulses = samples.flatMap((sample) => sample.pulses ?? []);
  return believed(pulses, element) ? { list: pulses, grain: byThread } : { list: element, grain: byElement };
}

/** When the graph ran again that stood still at this moment of the browser's clock, or this moment; only its own thread tells. */
export function ranFrom({ list, grain }: Readings, browserMs: number): number {
  const index = list.findIndex((reading) => reading.browserMs >= browserMs);
  const [before, after] = [list[index - 1], list[index]];
  if (grain !== byThread || !before || !after) return browserMs;
  return after.browserMs - before.browserMs > grain.aliveMs ? after.browserMs : browserMs;
}

function believed(pulses: readonly GraphReading[], element: readonly GraphReading[]): boolean {
  const [from, to] = [pulses[0], pulses.at(-1)];
  if (!from || !to) return false;
  const [first, last] = [element[0], element.at(-1)];
  if (!first || !last) return true;
  if (from.browserMs > first.browserMs + edgeMs || to.browserMs < last.browserMs - edgeMs) return false;
  const apart = apartMs(pulses, element);
  const middle = apart.toSorted((a, b) => a - b)[apart.length >> 1] ?? 0;
  return apart.filter((ms) => Math.abs(ms - middle) <= sameMs).length >= apart.length * leastShare;
}

/** What the two differ by in each stretch that has enough of both, by the freshest of either. */
function apartMs(pulses: readonly GraphReading[], element: readonly GraphReading[]): number[] {
  const [a, b] = [pulses, element].map(leastByStretch) as [Map<number, Least>, Map<number, Least>];
  return [...a].flatMap(([stretch, { count, behindMs }]) => {
    const other = b.get(stretch);
    return other && count >= leastPulses && other.count >= leastElement ? [other.behindMs - behindMs] : [];
  });
}

interface Least {
  count: number;
  behindMs: number;
}

function leastByStretch(readings: readonly GraphReading[]): Map<number, Least> {
  const stretches = new Map<number, Least>();
  for (const { browserMs, mediaMs } of readings) {
    const stretch = Math.floor(browserMs / stretchMs);
    const { count, behindMs } = stretches.get(stretch) ?? { count: 0, behindMs: Number.POSITIVE_INFINITY };
    stretches.set(stretch, { count: count + 1, behindMs: Math.min(behindMs, browserMs - mediaMs) });
  }
  return stretches;
}
