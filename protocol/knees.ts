// How the maps of a timeline are read: piecewise-linear, from a segment's media time to recording time and back. See `Knee`.
import type { Knee } from "./timeline.ts";

/** Media time to recording time, both in ms. No knee at all: they are the same. */
export function mapAt(map: readonly Knee[], mediaMs: number): number {
  return along(map, mediaMs, "mediaMs", "atMs");
}

/** The other way round. */
export function mediaAt(map: readonly Knee[], atMs: number): number {
  return along(map, atMs, "atMs", "mediaMs");
}

function along(map: readonly Knee[], value: number, from: "mediaMs" | "atMs", to: "mediaMs" | "atMs"): number {
  const first = map[0];
  if (!first) return value;
  let low = 0;
  let high = map.length - 1;
  // The last knee at or before the value, but never the very last one: it begins no line.
  while (low < high - 1) {
    const middle = (low + high) >> 1;
    if (map[middle]![from] <= value) low = middle;
    else high = middle;
  }
  const a = map[low]!;
  const b = map[low + 1];
  const run = b ? b[from] - a[from] : 0;
  const slope = b && run > 0 ? (b[to] - a[to]) / run : 1;
  return a[to] + (value - a[from]) * slope;
}
