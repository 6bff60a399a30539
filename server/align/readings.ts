// Which readings of the recorder's own clock are believed: those by the graph's own thread, where they are of the same graph as the element's and of as
// much of it, for they go on while the page stands still; else the element's. Pure.
import type { ClockSample, GraphReading, SegmentFacts } from "../../protocol/recording.ts";

/** By what a list of readings is judged. */
export interface Grain {
  /** A new level is one when it has been held for so long. */
  heldMs: number;
  /** Twice what is between two readings where nothing is held up, and the graph goes on. */
  aliveMs: number;
  /** Those around lost time are of the two iterations between which it was lost: what the graph had computed before is older. */
  exact: boolean;
}

export interface Readings {
  list: readonly GraphReading[];
  grain: Grain;
}

/** The page reads every 125 ms. */
export const byElement: Grain = { heldMs: 500, aliveMs: 250, exact: false };
/** Of what the graph's thread tells one iteration is here for every 40 ms, and both around each in which it fell behind by 12 ms and more. */
export const byThread: Grain = { heldMs: 80, aliveMs: 100, exact: true };

/** Both are compared in stretches so long, in which a page that is not held up reads the element twice as often as is asked for here, and only where the
 * thread is heard before and after: in between, the graph may have stood still. */
const stretchMs = 2000;
const leastElement = 8;
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

/** The iteration of the graph that a recorder began with: the first that came after it was asked for. */
export interface Began {
  /** On the browser's clock. */
  browserMs: number;
  /** It may have been so much later, or earlier: another one came before the browser told of the start. */
  orMs: number;
}

/** The browser's clock and the graph's iterations are told to the millisecond. */
const grainMs = 1;
/** A recorder that was asked for is known to the graph's thread by then: of 45 starts on two starved cores four missed an iteration 1 to 12 ms
 * after the call returned, and began with the next. */
const knownMs = 20;
/** A start that is told at once was not told sooner than this. */
const promptMs = 1;
/** Of 57 starts on two busy cores whose threads were served in time some had an iteration within 3 ms of the call's return and another before the event or
 * just then: four began with the other one, and nothing tells them from the rest. */
const tossedMs = 3;

/** Only the graph's thread tells, and only where it was heard before the call. Of those 45 starts 38 were within 3 ms of the iteration found here, five
 * within 2 ms of its `orMs` (7 to 31 ms off), and two 5 and 9 ms before it, which a starved thread had begun late. */
export function beganBy({ list, grain }: Readings, { startCallMs, startedMs = startCallMs, startEventMs }: SegmentFacts): Began | null {
  if (!grain.exact || startEventMs === null || !list.some(({ browserMs }) => browserMs <= startCallMs)) return null;
  const asked = list
    .filter(({ browserMs }) => browserMs > startCallMs && browserMs <= startEventMs + grainMs)
    .map(({ browserMs }) => browserMs);
  const [first, second] = asked.filter((browserMs) => browserMs >= startedMs - grainMs);
  const [soonest] = asked;
  if (soonest === undefined) return null;
  // One that began before the call had returned can only be it where no other could have been told of in time.
  if (first === undefined || first > startEventMs) return { browserMs: soonest, orMs: first === undefined ? 0 : first - soonest };
  if (first > startEventMs - promptMs) return between(soonest, first);
  if (second === undefined || first >= startedMs + knownMs) return { browserMs: first, orMs: 0 };
  if (first < startedMs + grainMs && second <= startEventMs - promptMs) return { browserMs: second, orMs: second - first };
  return first <= startedMs + tossedMs ? between(first, second) : { browserMs: first, orMs: second - first };
}

/** Half as far from either. */
const between = (one: number, other: number): Began => ({ browserMs: (one + other) / 2, orMs: (other - one) / 2 });

function believed(pulses: readonly GraphReading[], element: readonly GraphReading[]): boolean {
  const [from, to] = [pulses[0], pulses.at(-1)];
  if (!from || !to) return false;
  const [first, last] = [element[0], element.at(-1)];
  if (!first || !last) return true;
  if (from.browserMs > first.browserMs + edgeMs || to.browserMs < last.browserMs - edgeMs) return false;
  const apart = apartMs(pulses, element);
  const middle = medianOf(apart);
  return apart.filter((ms) => Math.abs(ms - middle) <= sameMs).length >= apart.length * leastShare;
}

/** How far the thread is ahead of the element in each stretch that has enough of both, in the middle. */
function apartMs(pulses: readonly GraphReading[], element: readonly GraphReading[]): number[] {
  const stretches = new Map<number, number[]>();
  let next = 0;
  for (const { browserMs, mediaMs } of element) {
    while (next < pulses.length && pulses[next]!.browserMs < browserMs) next += 1;
    const [before, after] = [pulses[next - 1], pulses[next]];
    if (!before || !after || after.browserMs - before.browserMs > byThread.aliveMs) continue;
    const share = (browserMs - before.browserMs) / (after.browserMs - before.browserMs);
    const stretch = Math.floor(browserMs / stretchMs);
    const aheads = stretches.get(stretch) ?? [];
    stretches.set(stretch, aheads);
    aheads.push(before.mediaMs + share * (after.mediaMs - before.mediaMs) - mediaMs);
  }
  return [...stretches.values()].filter(({ length }) => length >= leastElement).map(medianOf);
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
