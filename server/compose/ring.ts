// How far a voice moves its ring at each tick of a window. Pure.
// Promise: a function of the sound around the window alone, so that a window composed by itself has the same rings.

import { levelMs } from "../store/levels.ts";
import type { Voice } from "./loud.ts";
import { ringSteps } from "./nametile.ts";

/** dB below full scale: this quiet moves nothing, this loud moves it to the end. */
const quiet = 52;
const loud = 16;
/** A ring falls back over this many ticks; no more than what is decoded before a window. */
const fall = [1, 0.7, 0.35];

/** `tickOf`: of a moment of the segment's media. One value per tick, 0 to `ringSteps`. */
export function ringsOf(pieces: readonly Voice[], tickOf: (mediaMs: number) => number, firstTick: number, ticks: number): Uint8Array {
  const before = fall.length - 1;
  const least = new Uint8Array(ticks + before).fill(127);
  for (const { fromMediaMs, levels } of pieces)
    for (const [index, level] of levels.entries()) {
      const tick = tickOf(fromMediaMs + index * levelMs) - firstTick + before;
      if (tick >= 0 && tick < least.length) least[tick] = Math.min(least[tick]!, level);
    }
  const strength = (level: number) => Math.max(0, Math.min(1, (quiet - level) / (quiet - loud)));
  return Uint8Array.from({ length: ticks }, (_, tick) =>
    Math.round(ringSteps * Math.max(...fall.map((share, ago) => share * strength(least[tick + before - ago]!)))),
  );
}
