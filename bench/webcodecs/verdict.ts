// What two files of the same stream are worth: where their pictures and beeps lie against what a witness in a worker of its own saw, and what is missing.

import { toneHz } from "../../journeys/rig/code.ts";
import { readFilm } from "../../journeys/rig/film.ts";
import { lagOf } from "../../journeys/rig/measure.ts";
import { reelMs } from "../../journeys/rig/reel.ts";
import { onsetsOf } from "../../journeys/rig/sound.ts";
import type { Noted } from "./worker.ts";

/** How a file's time becomes the browser's clock. */
export interface Anchor {
  /** Of media time 0. */
  pictureMs: number;
  soundMs: number;
}

export interface Verdict {
  /** Place by the anchor minus when it truly was, ms. */
  pictures: number[];
  beeps: number[];
  /** Of the pictures that the witness saw between the file's first and last, those that are not in it. */
  missing: number;
  seen: number;
  /** Longest time between two pictures in the file, ms. */
  holeMs: number;
  /** The browser's clock at the last picture and the last sound. */
  lastMs: number;
  lastSoundMs: number;
}

/** Arrivals are late by chance, never early: as if all had come as quickly as the quickest. */
export function quickestMs(arrivals: readonly (readonly [number, number, unknown])[]): number {
  return arrivals.reduce((least, [stampMs, arrivedMs]) => Math.min(least, arrivedMs - stampMs), Number.POSITIVE_INFINITY);
}

/** Sound's first timestamps are of another clock: the arrivals since the last jump, and the one before it begin anew. */
export function runs<T extends readonly [number, number, unknown]>(arrivals: readonly T[]): T[][] {
  const found: T[][] = [];
  for (const arrival of arrivals) {
    const last = found.at(-1)?.at(-1);
    if (last && Math.abs(arrival[0] - last[0]) < 1000) found.at(-1)!.push(arrival);
    else found.push([arrival]);
  }
  return found;
}

/** Where each code of the reel was captured; a witness whose worker starved saw all the same what came before and after. */
function truthOf({ pictures }: Noted) {
  const delay = quickestMs(pictures);
  return pictures.flatMap(([stampMs, , code]) => (code === null ? [] : [{ codeMs: code + 0.5, trueMs: stampMs + delay }]));
}

export async function judge(file: string, anchor: Anchor, witness: Noted): Promise<Verdict> {
  const film = await readFilm(file, "whole");
  const truth = truthOf(witness);
  const pictures: number[] = [];
  const seen = new Set<number>();
  let [firstMs, lastMs, beforeMs, holeMs] = [Number.NaN, Number.NaN, Number.NaN, 0];
  for (const { atMs, codes } of film.pictures) {
    const placedMs = anchor.pictureMs + atMs;
    if (!Number.isNaN(beforeMs)) holeMs = Math.max(holeMs, placedMs - beforeMs);
    beforeMs = placedMs;
    const code = codes[0]?.[0];
    if (!code) continue;
    const index = nearest(truth, code.trueMs + 0.5, placedMs);
    if (index === null) continue;
    // A picture that was written twice counts once.
    if (seen.has(index)) continue;
    seen.add(index);
    pictures.push(placedMs - truth[index]!.trueMs);
    if (Number.isNaN(firstMs)) firstMs = truth[index]!.trueMs;
    lastMs = truth[index]!.trueMs;
  }
  const all = truth.filter(({ trueMs }) => trueMs >= firstMs && trueMs <= lastMs).length;
  const heard = runs(witness.sounds).flatMap((run) => {
    const delay = quickestMs(run);
    return run.flatMap(([, , onset]) => (onset === null ? [] : [onset + delay]));
  });
  const beeps = film.sound ? onsetsOf(film.sound, toneHz(1)).flatMap((onset) => lagOf(anchor.soundMs + onset, heard) ?? []) : [];
  const { sound } = film;
  const lastSoundMs = sound ? anchor.soundMs + sound.startMs + (sound.samples.length * 1000) / sound.sampleRate : Number.NaN;
  return { pictures, beeps, missing: all - seen.size, seen: all, holeMs, lastMs, lastSoundMs };
}

function nearest(truth: readonly { codeMs: number; trueMs: number }[], codeMs: number, nearMs: number): number | null {
  let best: number | null = null;
  let leastMs = reelMs / 2;
  for (const [index, { codeMs: other, trueMs }] of truth.entries()) {
    const farMs = Math.abs(trueMs - nearMs);
    if (Math.abs(other - codeMs) > 1 || farMs >= leastMs) continue;
    best = index;
    leastMs = farMs;
  }
  return best;
}
