// How packets may follow one another in time: never more in a second than a recorder makes, not before the beginning and not for ever, forwards but for a few steps back.
import { refusal, type Stream } from "./container.ts";

/** No recording is longer. */
export const latestMs = 25 * 3_600_000;
/** A picture's time may lie a little before the container's zero, by its codec's delay. */
export const earliestMs = -60_000;

/** Looked at once in so many packets of a stream. */
const batch = 960;
/** A second: 120 pictures and a little; Opus frames of 2.5 ms and a little. */
const mostPerSecond = { video: 128, audio: 440 };
/** A recorder's clock is set back now and then; further back than pictures are reordered. */
const stepMs = 1000;
const mostSteps = 64;
/** Ten hours at 130 packets a second. More would be held in memory for nothing that a browser records in one segment. */
const packetsMax = 4_700_000;

interface Course {
  count: number;
  lastMs: number;
  /** Time gone forwards since the batch began. */
  forwardMs: number;
  steps: number;
}

export class Pace {
  readonly #courses = new Map<number, Course>();
  #count = 0;

  /** False: no recorder stamps so; the packet is damage. Throws UserError when packets are so many that only their number can be meant. */
  takes({ number, kind }: Pick<Stream, "number" | "kind">, mediaMs: number): boolean {
    if (!(mediaMs >= earliestMs && mediaMs <= latestMs)) return false;
    let course = this.#courses.get(number);
    if (!course) {
      course = { count: 0, lastMs: mediaMs, forwardMs: 0, steps: 0 };
      this.#courses.set(number, course);
    }
    if (mediaMs < course.lastMs - stepMs) {
      if (course.steps === mostSteps) return false;
      course.steps += 1;
    }
    course.forwardMs += Math.max(0, mediaMs - course.lastMs);
    course.lastMs = mediaMs;
    course.count += 1;
    this.#count += 1;
    if (this.#count > packetsMax) throw refusal("This recording has more than ten hours in one segment.");
    if (course.count % batch === 0) {
      if (course.forwardMs < (batch * 1000) / mostPerSecond[kind])
        throw refusal(`This recording has ${batch} frames within ${Math.round(course.forwardMs)} ms, which no recorder makes.`);
      course.forwardMs = 0;
    }
    return true;
  }
}
