// Lost time where every iteration of the recorder's graph around it is known: sound that an iteration computed is of before what was lost after it, and
// pictures that follow the sound are stamped by how far it had come just then, however late. Pure.
import type { GraphReading } from "../../protocol/recording.ts";
import { type Course, leastStepMs } from "./course.ts";
import { type Bend, type Loss, type Slip, stillMs } from "./slip.ts";
import { straightened } from "./straightened.ts";

/** Of so much both iterations around it were sent (`browser/record/iterations.ts`). */
export const iterationMs = 12;
/** A jump in a line of bends. */
export const jumpMs = 1;
/** A starved machine's graph is jerky; its line is not followed closer than this, or an hour of it would be ten thousands of bends. */
const straightMs = 4;
/** Pictures that follow it are stamped up to a block of sound early: closer than that there is nothing to be followed. */
const stampedMs = 12;

/** A machine that loses more than little of so much time stamps pictures when it comes to it, not right after an iteration; of 12,800 pictures on one that
 * lost three parts in a hundred or more nothing of this was left, and in between there were too few to tell. */
const overMs = 10_000;
const losesLittle = 0.015;
const losesMost = 0.03;
/** Less is no iteration. */
const leastBlockMs = 2;
/** Enough to tell how much an iteration computes, and soon here, so that it stays what it is: around the start all of them are told. */
const blockReadings = 400;

/** `places`: where time was lost, of what is recorded. `handedMs`: of `calibration.ts`, null where no picture follows the sound. */
export function byIterations(
  course: Course,
  places: readonly Slip[],
  handedMs: number | null,
): Pick<Loss, "bends" | "stamped" | "unsure" | "unsureStamped"> {
  const stamped = lineOf(course, course.behind);
  const early = earlyOf(course, stamped, handedMs);
  return {
    bends: straightened(withJumps(lineOf(course, levelsOf(course))), straightMs),
    stamped: straightened(
      stamped.map(({ mediaMs, afterMs }, index) => ({ mediaMs, afterMs: afterMs - early[index]! })),
      stampedMs,
    ),
    // Of a jump half is nearer to what it was before.
    unsure: places.map(({ fromMediaMs, toMediaMs, lostMs }) => ({ forMs: (toMediaMs - fromMediaMs) / 2, offMs: Math.abs(lostMs) })),
    unsureStamped: unsureStampedOf(stamped),
  };
}

function lineOf({ end, firstMs, mediaMs }: Course, levels: readonly number[]): Bend[] {
  return levels.slice(0, end).map((level, index) => ({ mediaMs: mediaMs(index), afterMs: level - firstMs }));
}

/** By how much earlier than their stamps pictures were taken that follow this line, for each of its points: as soon as an iteration has computed its block the
 * recorder counts all of it as sound, and stamps the pictures that waited for it. */
function earlyOf({ readings }: Course, line: readonly Bend[], handedMs: number | null): number[] {
  const earlyMs = handedMs === null ? 0 : Math.max(0, blockOf(readings) - handedMs);
  let from = 0;
  return line.map(({ mediaMs, afterMs }, index) => {
    while (from < index && line[from + 1]!.mediaMs <= mediaMs - overMs) from += 1;
    const share = (afterMs - line[from]!.afterMs) / overMs;
    return earlyMs * Math.min(1, Math.max(0, (losesMost - share) / (losesMost - losesLittle)));
  });
}

/** How much sound an iteration computes, ms: what hardly one in ten that were told one after the other is shorter than. 0: nobody knows. */
function blockOf(readings: readonly GraphReading[]): number {
  const steps = readings.slice(1, blockReadings).map(({ mediaMs }, index) => mediaMs - readings[index]!.mediaMs);
  const blocks = steps.filter((step) => step > leastBlockMs).sort((a, b) => a - b);
  return blocks[Math.floor(blocks.length / 10)] ?? 0;
}

/** What surely was lost. Near the end what is late by little may still turn out to have been late only. */
function levelsOf(course: Course): number[] {
  const levels: number[] = [];
  for (const [index, least] of course.ahead.entries()) {
    const before = levels.at(-1);
    const late = before !== undefined && index >= course.sure && Math.abs(least - before) <= leastStepMs(course, index);
    levels.push(late ? before : least);
  }
  return levels;
}

/** Up to the next iteration's media time it is as it was. */
function withJumps(line: readonly Bend[]): Bend[] {
  return line.flatMap((bend, index) => {
    const before = line[index - 1];
    const jumps = before && bend.afterMs - before.afterMs > iterationMs && bend.mediaMs - before.mediaMs > jumpMs;
    return jumps ? [{ mediaMs: bend.mediaMs - jumpMs, afterMs: before.afterMs }, bend] : [bend];
  });
}

/** A picture that was taken while the graph stood still has the time at which it did so. */
function unsureStampedOf(points: readonly Bend[]): NonNullable<Loss["unsureStamped"]> {
  return points.slice(1).flatMap(({ mediaMs, afterMs }, index) => {
    const before = points[index]!;
    const offMs = afterMs - before.afterMs;
    return offMs > iterationMs ? [{ mediaMs, forMs: mediaMs - before.mediaMs + Math.min(stillMs, offMs), offMs }] : [];
  });
}
