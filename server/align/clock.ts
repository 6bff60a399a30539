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

/** One ping speaks for this long: long enough that a quick one is among them, short against the drift of a quartz (200 ppm: 6 ms). Shorter in a
 * short call, so that there are some. */
const spanMs = { least: 5000, most: 30_000, share: 1 / 8 };
/** In less time no quartz drifts by what would be seen (200 ppm: 2 ms). */
const driftSpanMs = 8000;
/** In less than this only what exceeds two round trips is drift, and what a quartz can have. */
const sureSpanMs = 20_000;
/** Over so long a path that is as slow as ever is as it ever was; in less, what changes may be the path. */
const steadyMs = 60_000;
/** Two clocks of whole machines are never further apart in speed. */
const quartzPpm = 200;
/** No working clock drifts more: what exceeds it is noise. */
const driftMaxPpm = 1000;

/** A stretch of the browser's clock. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** `over`: what the fit is wanted for. Null when no sample is of this epoch. */
export function fitClock(samples: readonly ClockSample[], epoch: string, over?: Stretch): ClockFit | null {
  const pings = samples
    .filter((sample) => sample.epoch === epoch && sample.receivedMs >= sample.sentMs)
    .map(({ sentMs, receivedMs, serverMs }) => ({
      atMs: (sentMs + receivedMs) / 2,
      offsetMs: serverMs - (sentMs + receivedMs) / 2,
      roundTripMs: receivedMs - sentMs,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  const spoken = quickest(pings);
  const [first, last] = [spoken[0], spoken.at(-1)];
  if (!first || !last) return null;
  const best = Math.min(...spoken.map((ping) => ping.roundTripMs));
  const span = last.atMs - first.atMs;
  const line = slopedOrFlat(spoken, span);
  const at = (ms: number) => line.offsetMs + line.slope * (ms - line.centreMs);
  const residuals = spoken.map((ping) => ({ ping, off: Math.abs(ping.offsetMs - at(ping.atMs)) }));
  // Further off the line than the path explains: the clock itself bent (a time daemon slewing it). Follow the pings instead.
  const bent = spoken.length >= 4 && residuals.filter(({ ping, off }) => off > halfTrip(ping) + 2).length >= spoken.length / 4;
  const followed = bent ? spoken.filter(({ roundTripMs }) => roundTripMs <= best * 2 + 2) : [];
  // Beyond them nothing is known of a bent clock, and two pings side by side say nothing of its speed.
  const points = bent
    ? [-1, ...followed.keys(), followed.length].map((place) => {
        const { atMs, offsetMs } = followed[Math.min(Math.max(0, place), followed.length - 1)]!;
        return { atMs: atMs + (place < 0 ? -steadyMs : place === followed.length ? steadyMs : 0), offsetMs };
      })
    : [first.atMs, first.atMs + steadyMs].map((atMs) => ({ atMs, offsetMs: at(atMs) }));
  const bounds = bent ? followed.map(halfTrip) : residuals.map(({ ping, off }) => off + halfTrip(ping));
  bounds.sort((a, b) => a - b);
  // Of the better three quarters the worst: each ping speaks for its own time, and the slowest are there only for want of a better.
  const near = bounds[(bounds.length * 3) >> 2]!;
  const lean = Math.min((2 * bounds.at(-1)!) / Math.max(1, span), (quartzPpm + Math.abs(line.slope) * 1e6) / 1e6);
  const beyond = over ? Math.max(0, over.toMs - last.atMs, first.atMs - over.fromMs) : 0;
  return { points, driftPpm: line.slope * 1e6, uncertaintyMs: near + beyond * lean };
}

/** A slope that the round trips alone could have made is no slope. */
function slopedOrFlat(pings: readonly Ping[], span: number): Line {
  const sloped = lineThrough(pings, span >= driftSpanMs);
  const trip =
    pings.reduce((sum, ping) => sum + ping.roundTripMs * weightOf(ping), 0) / pings.reduce((sum, ping) => sum + weightOf(ping), 0);
  const real =
    Math.abs(sloped.slope) * span > trip / (span < sureSpanMs ? 0.5 : span < steadyMs ? 2 : 4) &&
    Math.abs(sloped.slope) * 1e6 <= (span < sureSpanMs ? 1.25 * quartzPpm : driftMaxPpm);
  return real ? sloped : lineThrough(pings, false);
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

/** The true offset is never further from a ping's, wherever on the path the time went. */
const halfTrip = ({ roundTripMs }: Ping) => roundTripMs / 2;

/** The ping with the least round trip of each span, less those that were slow all the same. */
function quickest(pings: readonly Ping[]): Ping[] {
  const bySpan = new Map<number, Ping>();
  const totalMs = (pings.at(-1)?.atMs ?? 0) - (pings[0]?.atMs ?? 0);
  const lengthMs = Math.min(spanMs.most, Math.max(spanMs.least, totalMs * spanMs.share));
  for (const ping of pings) {
    const span = Math.floor((ping.atMs - pings[0]!.atMs) / lengthMs);
    const known = bySpan.get(span);
    if (!known || ping.roundTripMs < known.roundTripMs) bySpan.set(span, ping);
  }
  const chosen = [...bySpan.values()];
  const best = Math.min(...chosen.map((ping) => ping.roundTripMs));
  return chosen.filter((ping) => ping.roundTripMs <= best * 4 + 10);
}

interface Line {
  centreMs: number;
  offsetMs: number;
  slope: number;
}

const weightOf = ({ roundTripMs }: Ping) => 1 / (roundTripMs + 0.5) ** 2;

/** Least squares, each ping weighing as its round trip was short. */
function lineThrough(pings: readonly Ping[], sloped: boolean): Line {
  const weights = pings.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (value: (ping: Ping) => number) => pings.reduce((sum, ping, index) => sum + weights[index]! * value(ping), 0) / total;
  const base = pings[0]!;
  const centreMs = base.atMs + mean((ping) => ping.atMs - base.atMs);
  const offsetMs = base.offsetMs + mean((ping) => ping.offsetMs - base.offsetMs);
  const spread = mean((ping) => (ping.atMs - centreMs) ** 2);
  const slope = sloped && spread > 0 ? mean((ping) => (ping.atMs - centreMs) * (ping.offsetMs - offsetMs)) / spread : 0;
  return { centreMs, offsetMs, slope };
}
