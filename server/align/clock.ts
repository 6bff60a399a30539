// A browser's clock against the server's, from pings. Pure.
// Promise: only the quickest round trips speak, and `uncertaintyMs` is what an unlucky path could have hidden from them.
import type { ClockSample } from "../../protocol/recording.ts";

export interface ClockFit {
  /** Server clock minus browser clock, at the browser's time `atMs`. Straight lines between the points and beyond the outermost. Never empty. */
  points: readonly { atMs: number; offsetMs: number }[];
  /** How much faster the server's clock runs, over the whole span. */
  driftPpm: number;
  uncertaintyMs: number;
}

interface Ping {
  atMs: number;
  offsetMs: number;
  roundTripMs: number;
}

/** One ping speaks for this long: long enough that a quick one is among them, short against the drift of a quartz (200 ppm: 6 ms). */
const spanMs = 30_000;
/** Below this, asymmetry of the path looks like drift. */
const driftSpanMs = 60_000;
/** No working clock drifts more: what exceeds it is noise. */
const driftMaxPpm = 1000;

/** Null when no sample is of this epoch. */
export function fitClock(samples: readonly ClockSample[], epoch: string): ClockFit | null {
  const pings = samples
    .filter((sample) => sample.epoch === epoch && sample.receivedMs >= sample.sentMs)
    .map(({ sentMs, receivedMs, serverMs }) => ({
      atMs: (sentMs + receivedMs) / 2,
      offsetMs: serverMs - (sentMs + receivedMs) / 2,
      roundTripMs: receivedMs - sentMs,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  const quick = quickest(pings);
  const first = quick[0];
  const last = quick.at(-1);
  if (!first || !last) return null;
  const best = Math.min(...quick.map((ping) => ping.roundTripMs));
  const span = last.atMs - first.atMs;
  let line = lineThrough(quick, span >= driftSpanMs);
  // A slope that the round trips alone could have made is no slope.
  if (Math.abs(line.slope) * span <= best / 4 || Math.abs(line.slope) * 1e6 > driftMaxPpm) line = lineThrough(quick, false);
  const at = (ms: number) => line.offsetMs + line.slope * (ms - line.centreMs);
  const residuals = quick.map((ping) => ({ ping, off: Math.abs(ping.offsetMs - at(ping.atMs)) }));
  // Further off the line than the path explains: the clock itself bent (a time daemon slewing it). Follow the pings instead.
  const bent = quick.length >= 4 && residuals.filter(({ ping, off }) => off > ping.roundTripMs / 2 + 2).length >= quick.length / 4;
  const points = bent
    ? quick.map(({ atMs, offsetMs }) => ({ atMs, offsetMs }))
    : [first.atMs, first.atMs + driftSpanMs].map((atMs) => ({ atMs, offsetMs: at(atMs) }));
  const residualMs = bent ? 0 : medianOf(residuals.map(({ off }) => off));
  return { points, driftPpm: line.slope * 1e6, uncertaintyMs: best / 2 + residualMs };
}

export function serverMsOf(fit: ClockFit, browserMs: number): number {
  const { points } = fit;
  let index = 1;
  while (index < points.length - 1 && points[index]!.atMs < browserMs) index += 1;
  const from = points[index - 1]!;
  const to = points[index] ?? from;
  const slope = to.atMs > from.atMs ? (to.offsetMs - from.offsetMs) / (to.atMs - from.atMs) : 0;
  return browserMs + from.offsetMs + slope * (browserMs - from.atMs);
}

/** The ping with the least round trip of each span, less those that were slow all the same. */
function quickest(pings: readonly Ping[]): Ping[] {
  const bySpan = new Map<number, Ping>();
  for (const ping of pings) {
    const span = Math.floor((ping.atMs - pings[0]!.atMs) / spanMs);
    const known = bySpan.get(span);
    if (!known || ping.roundTripMs < known.roundTripMs) bySpan.set(span, ping);
  }
  const chosen = [...bySpan.values()];
  const best = Math.min(...chosen.map((ping) => ping.roundTripMs));
  return chosen.filter((ping) => ping.roundTripMs <= best * 2 + 2);
}

/** Least squares, each ping weighing as its round trip was short. */
function lineThrough(pings: readonly Ping[], sloped: boolean): { centreMs: number; offsetMs: number; slope: number } {
  const weights = pings.map((ping) => 1 / (ping.roundTripMs + 0.5) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (value: (ping: Ping) => number) => pings.reduce((sum, ping, index) => sum + weights[index]! * value(ping), 0) / total;
  const base = pings[0]!;
  const centreMs = base.atMs + mean((ping) => ping.atMs - base.atMs);
  const offsetMs = base.offsetMs + mean((ping) => ping.offsetMs - base.offsetMs);
  const spread = mean((ping) => (ping.atMs - centreMs) ** 2);
  const slope = sloped && spread > 0 ? mean((ping) => (ping.atMs - centreMs) * (ping.offsetMs - offsetMs)) / spread : 0;
  return { centreMs, offsetMs, slope };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
