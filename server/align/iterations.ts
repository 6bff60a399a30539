// Lost time where every iteration of the recorder's graph around it is known: sound that an iteration computed is of before what was lost after it, and
// pictures that follow the sound are stamped by how far it had come just then, however late. Pure.
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

/** `places`: where time was lost, of what is recorded. */
export function byIterations(course: Course, places: readonly Slip[]): Pick<Loss, "bends" | "stamped" | "unsure" | "unsureStamped"> {
  const stamped = lineOf(course, course.behind);
  return {
    bends: straightened(withJumps(lineOf(course, levelsOf(course))), straightMs),
    stamped: straightened(stamped, stampedMs),
    // Of a jump half is nearer to what it was before.
    unsure: places.map(({ fromMediaMs, toMediaMs, lostMs }) => ({ forMs: (toMediaMs - fromMediaMs) / 2, offMs: Math.abs(lostMs) })),
    unsureStamped: unsureStampedOf(stamped),
  };
}

function lineOf({ end, firstMs, mediaMs }: Course, levels: readonly number[]): Bend[] {
  return levels.slice(0, end).map((level, index) => ({ mediaMs: mediaMs(index), afterMs: level - firstMs }));
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
