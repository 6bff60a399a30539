// Lost time by readings of the recorder's own clock: how far it had fallen behind the browser's, some times a second. Pure.
// Promise: a reading that came late is no lost time, because a later one is fresh again; what is settled does not change when more comes.
import type { GraphReading } from "../../protocol/recording.ts";
import { type Course, leastStepMs } from "./course.ts";
import { byIterations, iterationMs, jumpMs } from "./iterations.ts";
import type { Grain, Readings } from "./readings.ts";
import { type Bend, bendsOf, type Loss, type Slip, unsureOf } from "./slip.ts";

/** So long a reading may wait for a fresh one. Shorter than what ordinary clocks drift apart by a millisecond, longer than a page is busy. */
const freshMs = 4000;
/** A new level is one when it has been held by so many readings. */
const heldReadings = 3;
/** Steps that follow one another faster are one piece of lost time. */
const nextStepMs = 400;
/** What is named as lost in the timeline: less than a picture nobody misses, but it is put right all the same. */
const namedMs = 20;
/** Clocks that drift apart are followed in straight lines of this length. */
const followMs = 10_000;

/** `zeroMs`: the browser's clock at media time 0; `handedMs`: of `calibration.ts`, null where no picture follows the sound. Null when the readings cannot be of
 * this recorder. */
export function lossByReadings({ list: readings, grain }: Readings, zeroMs: number, handedMs: number | null = null): Loss | null {
  if (readings.length < heldReadings || readings.some((reading, index) => index > 0 && !follows(readings[index - 1]!, reading)))
    return null;
  const behind = readings.map(({ browserMs, mediaMs }) => browserMs - mediaMs);
  const ahead = leastAhead(readings, behind);
  const firstMs = levelAt(readings, behind, ahead, zeroMs);
  const mediaMs = (index: number) => readings[index]!.mediaMs + firstMs - zeroMs;
  const end = settledCount(readings, grain);
  const sureMs = readings.at(-1)!.browserMs - freshMs;
  const sure = readings.findLastIndex(({ browserMs }) => browserMs <= sureMs) + 1;
  const course = { readings, behind, ahead, firstMs, end, sure, mediaMs };
  const { bends, steps, places } = stepsIn(course, grain);
  const unsure = places.filter(({ toMediaMs }) => toMediaMs > 0);
  return {
    ...(grain.exact ? byIterations(course, unsure, handedMs) : { bends, unsure: unsure.map(unsureOf) }),
    slips: steps.filter(({ lostMs, toMediaMs }) => lostMs >= namedMs && toMediaMs > 0),
    settledMediaMs: mediaMs(Math.max(0, end - 1)),
  };
}

/** `places`: where time was lost. `steps`: the same, with those that follow one another fast as one. */
function stepsIn(course: Course, grain: Grain): { bends: Bend[]; steps: Slip[]; places: Slip[] } {
  const { readings, ahead, firstMs, end, mediaMs } = course;
  const bends: Bend[] = [{ mediaMs: mediaMs(0), afterMs: ahead[0]! - firstMs }];
  const steps: Slip[] = [];
  const places: Slip[] = [];
  let levelFrom = 0;
  for (let index = 1; index < end; index += 1) {
    // The least from there on reaches to here: what it was before.
    while (levelFrom < index - 1 && readings[levelFrom]!.browserMs + freshMs < readings[index]!.browserMs) levelFrom += 1;
    const before = ahead[levelFrom]!;
    const lostMs = ahead[index]! - before;
    if (Math.abs(lostMs) > leastStepMs(course, index)) {
      const slip = lostBetween(mediaMs(index - 1), mediaMs(index), lostMs, grain);
      together(places, slip);
      for (const bend of bendsOf(slip, before - firstMs)) put(bends, bend);
      add(steps, slip);
      levelFrom = index;
    } else if (index < course.sure && mediaMs(index) - bends.at(-1)!.mediaMs >= followMs)
      put(bends, { mediaMs: mediaMs(index), afterMs: ahead[index]! - firstMs });
  }
  return { bends, steps, places };
}

/** Two iterations that follow one another have it between them: what the first computed is older. Whoever else reads, and stood still for longer than what
 * was recorded meanwhile, stood still with the graph and woke after it: the time was lost where the readings end. */
function lostBetween(fromMediaMs: number, toMediaMs: number, lostMs: number, { aliveMs, exact }: Grain): Slip {
  if (exact && lostMs > iterationMs) return { fromMediaMs: Math.max(fromMediaMs, toMediaMs - jumpMs), toMediaMs, lostMs };
  const stood = lostMs > toMediaMs - fromMediaMs;
  return { fromMediaMs, toMediaMs: stood ? Math.min(toMediaMs, fromMediaMs + aliveMs) : toMediaMs, lostMs };
}

/** Neither clock runs backwards. */
const follows = (before: GraphReading, after: GraphReading) => after.browserMs > before.browserMs && after.mediaMs >= before.mediaMs;

/** Several readings of a graph that stands still are one place. */
function put(bends: Bend[], next: Bend): void {
  const last = bends.at(-1)!;
  if (next.mediaMs > last.mediaMs) bends.push(next);
  else last.afterMs = next.afterMs;
}

function add(steps: Slip[], { fromMediaMs, toMediaMs, lostMs }: Slip): void {
  const last = steps.at(-1);
  if (last && fromMediaMs - last.toMediaMs < nextStepMs) steps[steps.length - 1] = { ...last, toMediaMs, lostMs: last.lostMs + lostMs };
  else steps.push({ fromMediaMs, toMediaMs, lostMs });
}

/** What was lost between readings that follow one another was lost in one place. */
function together(places: Slip[], slip: Slip): void {
  const last = places.at(-1);
  if (!last || slip.fromMediaMs > last.toMediaMs) places.push(slip);
  else places[places.length - 1] = { ...last, toMediaMs: slip.toMediaMs, lostMs: last.lostMs + slip.lostMs };
}

/** For each reading how far the graph is behind at least, by the freshest of those that follow soon. */
function leastAhead(readings: readonly GraphReading[], behind: readonly number[]): number[] {
  const ahead: number[] = [];
  /** Those further back that may still be the least; their values rise to the front. */
  const candidates: number[] = [];
  let front = 0;
  for (let index = readings.length - 1; index >= 0; index -= 1) {
    while (candidates.length > front && behind[candidates.at(-1)!]! >= behind[index]!) candidates.pop();
    candidates.push(index);
    while (readings[candidates[front]!]!.browserMs > readings[index]!.browserMs + freshMs) front += 1;
    ahead[index] = behind[candidates[front]!]!;
  }
  return ahead;
}

/** How far the graph was behind when the recorder began. Where it is known with which iteration, as far as that one; else what was lost before is none of
 * its, and of what was lost while it began, as much as of the time. */
function levelAt(readings: readonly GraphReading[], behind: readonly number[], ahead: readonly number[], zeroMs: number): number {
  const index = readings.findLastIndex(({ browserMs }) => browserMs <= zeroMs);
  const [before, after] = [readings[index], readings[index + 1]];
  if (before?.browserMs === zeroMs) return behind[index]!;
  if (!before || !after) return ahead[Math.max(0, index)]!;
  const share = (zeroMs - before.browserMs) / (after.browserMs - before.browserMs);
  return ahead[index]! + share * (ahead[index + 1]! - ahead[index]!);
}

/** How many of the readings can be judged: enough has come after them. */
function settledCount(readings: readonly GraphReading[], { heldMs }: Grain): number {
  const untilMs = readings.at(-1)!.browserMs - heldMs;
  let count = readings.length - heldReadings + 1;
  while (count > 0 && readings[count - 1]!.browserMs > untilMs) count -= 1;
  return count;
}
