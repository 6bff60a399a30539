// What people heard of one another → whether their tracks lie right. Pure.
// Promise: nothing is moved unless both of a pair heard the other for certain, and hearing knows it better than the clocks or proves them wrong.
import type { Hearing } from "../../protocol/timeline.ts";
import type { Lag } from "./lag.ts";

/** One direction of a pair, delays that the browser knows of taken off. */
export interface Ear {
  lag: Lag;
  /** How long the listener's browser held the sound back, the middle of it; null: not known. */
  heldMs: number | null;
  /** Least time there and back between the two browsers; null: not known. */
  roundTripMs: number | null;
  /** Whose figures they are: each kind of browser has its own habits. */
  browser: string;
}

/** Track `a` lies later than track `b` by `errorMs`, within `uncertaintyMs`. */
export interface Pair {
  a: string;
  b: string;
  errorMs: number;
  uncertaintyMs: number;
}

/** A track as the clocks placed it. */
export interface Placed {
  id: string;
  uncertaintyMs: number;
}

/** A connection that does not say how long it is. */
const roundTripMs = 80;
/** What a browser that does not say may have held back. */
const bufferMs = 40;
/** Two seconds' mean of a buffer that grows and shrinks is off by such a share of it: on a starved machine, where Firefox held back a second, 5 %. */
const heldShare = 0.05;
/** Of two browsers that measure alike, the delays they do not tell (encoding, packets of 20 ms) differ by no more. Chromium 156 and Firefox 153 hear
 * one another 10-20 ms later than network and buffer explain. */
const browsersMs = 6;
/** Of two kinds of browsers: what each does to sound before it sends it was only measured in Chromium. */
const strangersMs = 18;
/** Sound takes time: a lag far below nothing is a false peak, and one of seconds as well. */
const latencyRange = { fromMs: -60, toMs: 1500 };
/** A pair's error is taken for true when all that is known fits to within this. */
const fitMs = 10;
/** Less is not worth a second look: half a picture. */
const moveMinMs = 17;

/** `aHearsB`: how late B's voice comes to A, by A's clock against B's track. Half the difference of the two ways is the error, since what both ways
 * have in common is latency. Null: they do not fit together. */
export function pairOf(a: string, b: string, aHearsB: Ear, bHearsA: Ear): Pair | null {
  const latencyMs = (aHearsB.lag.lagMs + bHearsA.lag.lagMs) / 2;
  if (latencyMs < latencyRange.fromMs || latencyMs > latencyRange.toMs) return null;
  const trips = [aHearsB.roundTripMs, bHearsA.roundTripMs].filter((ms) => ms !== null);
  const path = Math.min(trips.length > 0 ? Math.min(...trips) : roundTripMs, 2 * Math.max(0, latencyMs) + roundTripMs);
  const habitsMs = aHearsB.browser === bHearsA.browser ? browsersMs : strangersMs;
  const held = [aHearsB, bHearsA].reduce((sum, { heldMs }) => sum + (heldMs === null ? bufferMs : heldMs * heldShare), 0);
  return {
    a,
    b,
    errorMs: (aHearsB.lag.lagMs - bHearsA.lag.lagMs) / 2,
    // Nobody can see how a way there and back divides: at worst all of it lies in one direction, and half of that is seen as error.
    uncertaintyMs: path / 2 + held / 2 + (aHearsB.lag.uncertaintyMs + bHearsA.lag.uncertaintyMs) / 2 + habitsMs,
  };
}

/** By track; those that nothing certain can be said of are left out. */
export function hearingOf(tracks: readonly Placed[], pairs: readonly Pair[]): Map<string, Hearing> {
  const found = new Map<string, Hearing>();
  for (const group of groupsOf(tracks, pairs)) {
    const mine = pairs.filter(({ a }) => group.some(({ id }) => id === a));
    const late = lateness(group, mine);
    const off = (id: string) => late.get(id) ?? 0;
    // Somebody's ears contradict the others': nobody is believed.
    if (mine.some(({ a, b, errorMs, uncertaintyMs }) => Math.abs(off(a) - off(b) - errorMs) > uncertaintyMs + fitMs)) continue;
    for (const track of group) {
      const near = mine.filter(({ a, b }) => a === track.id || b === track.id).toSorted((x, y) => x.uncertaintyMs - y.uncertaintyMs)[0];
      const other = group.find(({ id }) => near && id === (near.a === track.id ? near.b : near.a));
      if (near && other) found.set(track.id, verdictOf(track, other, off(track.id), near.uncertaintyMs));
    }
  }
  return found;
}

/** `other`: whom it was compared with best. */
function verdictOf(track: Placed, other: Placed, lateMs: number, heardMs: number): Hearing {
  const clocksMs = track.uncertaintyMs + other.uncertaintyMs;
  const wrong = Math.abs(lateMs) > clocksMs + heardMs;
  const better = Math.abs(lateMs) > heardMs + fitMs && 2 * heardMs <= clocksMs;
  if (Math.abs(lateMs) >= moveMinMs && (wrong || better))
    return { verdict: "corrected", correctionMs: lateMs, uncertaintyMs: heardMs + Math.min(track.uncertaintyMs, other.uncertaintyMs) };
  return {
    verdict: "confirmed",
    correctionMs: 0,
    uncertaintyMs: Math.abs(lateMs) + heardMs + Math.min(track.uncertaintyMs, other.uncertaintyMs),
  };
}

/** How much later than it should each track lies. Pairs only tell differences; the clocks that know most stay where they are. */
function lateness(group: readonly Placed[], pairs: readonly Pair[]): Map<string, number> {
  const late = new Map(group.map(({ id }) => [id, 0]));
  for (let round = 0; round < 200; round++) {
    for (const { id } of group) {
      let [weights, sum] = [1e-9, 0];
      for (const { a, b, errorMs, uncertaintyMs } of pairs) {
        if (a !== id && b !== id) continue;
        const weight = 1 / uncertaintyMs ** 2;
        weights += weight;
        sum += weight * (a === id ? late.get(b)! + errorMs : late.get(a)! - errorMs);
      }
      late.set(id, sum / weights);
    }
  }
  const stays = weightedMedian(group.map(({ id, uncertaintyMs }) => ({ value: late.get(id)!, weight: 1 / (uncertaintyMs + 1) })));
  for (const [id, ms] of late) late.set(id, ms - stays);
  return late;
}

function weightedMedian(items: { value: number; weight: number }[]): number {
  const sorted = items.toSorted((x, y) => x.value - y.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { value, weight } of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return 0;
}

/** Tracks that hear one another, directly or through others; those that nobody hears for certain are in none. */
function groupsOf(tracks: readonly Placed[], pairs: readonly Pair[]): Placed[][] {
  const groups: Placed[][] = [];
  const left = new Map(tracks.map((track) => [track.id, track]));
  for (const first of tracks) {
    if (!left.delete(first.id)) continue;
    const group = [first];
    for (const { id } of group)
      for (const { a, b } of pairs) {
        const next = left.get(a === id ? b : b === id ? a : "");
        if (next && left.delete(next.id)) group.push(next);
      }
    if (group.length > 1) groups.push(group);
  }
  return groups;
}
