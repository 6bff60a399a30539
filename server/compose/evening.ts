// Everybody equally loud: from what was heard of each track in the windows so far to the gain of the next one. Pure.
// Promise: a gain never jumps and never hurries, and depends on earlier windows only, so that a window composed again sounds the same.
import { absoluteGate, addBlocks, type Histogram, integrated, loudnessOf } from "./loudness.ts";

/** Where voices are taken to, LUFS: what EBU R128 s2 recommends at the quiet end for streams; leaves voices 20 dB for their peaks. */
export const targetLufs = -20;
/** Most that is added or taken away, dB: more would raise a room's hum to a voice. */
const mostDb = 12;
/** Per window of 3.2 s, dB: slower than anybody hears as a change. */
const stepDb = 1.6;
/** What is this near is left alone. */
const nearDb = 0.5;
/** So many blocks (100 ms each) have to have passed the gates before anything is believed. */
const leastBlocks = 30;

/** A track's voice in one window. `fromDb` is where the window before left it. */
export interface Gain {
  trackId: string;
  fromDb: number;
  toDb: number;
}

/** What is kept of a track's loudness. */
export interface Evenness {
  track: string;
  heard: Histogram;
}

/** The gain of the next window after one with `beforeDb`, in tenths of a dB. */
export function nextDb(beforeDb: number, heard: Histogram): number {
  const known = integrated(heard);
  if (!known || known.blocks < leastBlocks) return beforeDb;
  const wanted = Math.max(-mostDb, Math.min(mostDb, targetLufs - known.lufs));
  const off = wanted - beforeDb;
  if (Math.abs(off) < nearDb) return beforeDb;
  return tenths(beforeDb + Math.max(-stepDb, Math.min(stepDb, off)));
}

export const tenths = (db: number) => Math.round(db * 10) / 10;

export function hear(known: Evenness | undefined, track: string, energies: readonly number[]): Evenness {
  return { track, heard: addBlocks(known?.heard ?? [], energies) };
}

/** Loudness at every 400 ms as one letter each, for whoever asks who spoke: "~" is 0 LUFS or more, one LU a letter, "." is silence (-70 and less). */
export function lettersOf(energies: readonly number[]): string {
  let out = "";
  for (let at = 0; at < energies.length; at += 4) out += letterOf(loudnessOf(energies[at]!));
  return out;
}

const loudest = "~".charCodeAt(0);

function letterOf(lufs: number): string {
  return lufs <= absoluteGate ? "." : String.fromCharCode(loudest - Math.min(69, Math.max(0, Math.round(-lufs))));
}

/** LUFS. */
export function lufsOf(letter: string): number {
  return letter === "." ? absoluteGate : letter.charCodeAt(0) - loudest;
}
