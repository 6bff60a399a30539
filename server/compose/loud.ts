// How loud a voice is, every ten milliseconds of its segment's own time: falls off when its sound is decoded for the film.
// Promise: figures only, from which nobody can tell a word.
import { levelMs, silenceDb } from "../store/levels.ts";

/** `levels`: dB below full scale, 0 to 127 (silence), one for each `levelMs` from `fromMediaMs` on. */
export interface Voice {
  fromMediaMs: number;
  levels: number[];
}

/** Packets that lie this close to where the one before ended are one voice. */
const joinMs = 1.5;

/** Adds a decoded packet to the voices of its segment. */
export function addLoudness(voices: Voice[], mediaMs: number, [left, right]: [Float32Array, Float32Array], sampleRate: number): void {
  const size = Math.round((sampleRate * levelMs) / 1000);
  const levels: number[] = [];
  for (let from = 0; from + size <= left.length; from += size) {
    let sum = 0;
    for (let at = from; at < from + size; at++) sum += (left[at]! + right[at]!) ** 2 / 4;
    levels.push(sum > 0 ? Math.max(0, Math.min(silenceDb, Math.round(-10 * Math.log10(sum / size)))) : silenceDb);
  }
  const last = voices.at(-1);
  if (last && Math.abs(last.fromMediaMs + last.levels.length * levelMs - mediaMs) <= joinMs) last.levels.push(...levels);
  else voices.push({ fromMediaMs: mediaMs, levels });
}
