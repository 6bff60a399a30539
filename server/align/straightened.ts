// Fewer points of a line, none of those left out further from it than a tolerance. Pure.
// Promise: what was answered for the first points of a line is answered again when there are more, but for its last point.
import type { Bend } from "./slip.ts";

/** From each point that stays as far as one straight line serves all between (Bristol's swinging door, 1987). `points` in order of media time. */
export function straightened(points: readonly Bend[], withinMs: number): Bend[] {
  const kept: Bend[] = [];
  let last: Bend | null = null;
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  for (const point of points) {
    let from = kept.at(-1);
    if (from && point.mediaMs <= (last ?? from).mediaMs) continue;
    if (from && last && outside(slope(from, point), least, most)) {
      kept.push(last);
      from = last;
      [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    }
    if (!from) kept.push(point);
    else {
      last = point;
      const forMs = point.mediaMs - from.mediaMs;
      least = Math.max(least, (point.afterMs - withinMs - from.afterMs) / forMs);
      most = Math.min(most, (point.afterMs + withinMs - from.afterMs) / forMs);
    }
  }
  return last ? [...kept, last] : kept;
}

const slope = (from: Bend, to: Bend) => (to.afterMs - from.afterMs) / (to.mediaMs - from.mediaMs);
const outside = (value: number, least: number, most: number) => value < least || value > most;
