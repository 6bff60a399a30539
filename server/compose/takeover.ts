// Whose sound is heard where two recorders of one person ran at once: the one that began later, as soon as it has settled; and when that one ends
// first, the earlier one again. Pure.
// Promise: what both recorded is heard once, and nobody hears the change.
import { sampleRate } from "./place.ts";

/** Samples of the recording, `to` not included. */
export interface Stretch {
  from: number;
  to: number;
}

/** Of a voice: silent in it. At each end it goes, or comes back, over `fade` samples before and after; 0: at once. */
export interface Hush extends Stretch {
  fadeFrom: number;
  fadeTo: number;
}

/** A decoder that begins needs so long to sound as if it had gone on all the time; see `mix.ts`. */
const settleSamples = sampleRate * 0.04;
/** Half of a change, samples. */
const fadeMost = sampleRate * 0.005;

/** For each of one person's recorders, where it is not heard. */
export function hushesOf(stretches: readonly Stretch[]): Hush[][] {
  const hushes: Hush[][] = stretches.map(() => []);
  const order = stretches.map((_, index) => index).sort((a, b) => stretches[a]!.from - stretches[b]!.from || a - b);
  for (const [turn, earlier] of order.entries())
    for (const later of order.slice(turn + 1)) {
      const [one, other] = [stretches[earlier]!, stretches[later]!];
      const both = Math.min(one.to, other.to) - other.from;
      if (both <= 0) continue;
      const comesBack = one.to > other.to;
      const lead = Math.floor(Math.min(settleSamples, both / (comesBack ? 4 : 2)));
      const fade = Math.min(fadeMost, lead);
      const taken = Math.round(other.from) + lead;
      const back = comesBack ? Math.round(other.to) - lead : null;
      hushes[earlier]!.push({ from: taken, to: back ?? one.to, fadeFrom: fade, fadeTo: back === null ? 0 : fade });
      hushes[later]!.push({ from: other.from, to: taken, fadeFrom: 0, fadeTo: fade });
      if (back !== null) hushes[later]!.push({ from: back, to: other.to, fadeFrom: fade, fadeTo: 0 });
    }
  return hushes;
}

/** Takes a voice back in place. `from`: the sample that its first one is. */
export function hushed(side: Float32Array, from: number, hushes: readonly Hush[]): void {
  for (const { from: first, to: last, fadeFrom, fadeTo } of hushes) {
    const begin = Math.max(0, first - fadeFrom - from);
    const end = Math.min(side.length, last + fadeTo - from);
    for (let at = begin; at < end; at++) side[at]! *= Math.max(falling(at + from, first, fadeFrom), 1 - falling(at + from, last, fadeTo));
  }
}

/** From 1 to 0 around a sample. */
function falling(at: number, middle: number, fade: number): number {
  return fade === 0 ? Number(at < middle) : Math.min(1, Math.max(0, (middle + fade - at) / (2 * fade)));
}
