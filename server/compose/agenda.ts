// What is to be composed next: the first window that is missing or was made from something else than what is known now.
// Promise: looking again costs no more than what changed, however long the recording is; nobody has to wait for a look at all of it, and every look ends.
import { createHash } from "node:crypto";
import type { Knee, Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import { type Ledger, leading } from "./ledger.ts";
import { hasMoved, settle } from "./settle.ts";
import { changedFromMs } from "./spans.ts";
import { type Look, shapeOf, type WindowJob, windowMs, windowOf } from "./window.ts";

/** Windows that are compared in one go: a plan and its hash take a third of a millisecond, and the server has others to serve. */
const atOnce = 100;

export interface Item {
  job: WindowJob;
  /** What the job was planned from. */
  timeline: Timeline;
}

export class Agenda {
  /** What the finished windows were last compared with, and from which window on that is still to be done. */
  #compared: Timeline | null = null;
  #from = 0;

  /** Null: everything that the timeline has is composed. While it records there is always a next one. "ask again": none so far, and there are more to compare. */
  next(fresh: Timeline, ledger: Ledger, look: Look = lookOf(ledger)): Item | "ask again" | null {
    const composed = leading(ledger);
    const timeline = settle(fresh, ledger.placed, composed.length);
    this.#compare(timeline, fresh, ledger);
    for (let index = this.#from, until = index + atOnce; ; index++) {
      if (index === until) return "ask again";
      const job = windowOf(timeline, look, index);
      if (!job) return null;
      const window = composed[index] ?? ledger.windows.find((one) => one.index === index);
      if (!window || window.shape !== hashOf(job) || hasMoved(window, job, ledger.placed)) return { job, timeline };
      this.#from = index + 1;
    }
  }

  #compare(timeline: Timeline, fresh: Timeline, ledger: Ledger): void {
    if (this.#compared) {
      let fromMs = changedFromMs(this.#compared, timeline);
      const before = new Map(this.#compared.tracks.flatMap((track) => track.segments).map((segment) => [segment.id, segment]));
      const placed = new Set(ledger.placed.map(({ segment }) => segment));
      const freshOnes = new Set(fresh.tracks.flatMap((track) => track.segments));
      for (const segment of timeline.tracks.flatMap((track) => track.segments)) {
        // Taken as it is although it was placed before: it has moved, from its beginning on. Once what it moved to was compared with, it was.
        const taken = freshOnes.has(segment) && placed.has(segment.id);
        if (taken && !sameMaps(before.get(segment.id), segment)) fromMs = Math.min(fromMs, segment.startMs);
      }
      if (fromMs < Number.POSITIVE_INFINITY) this.#from = Math.min(this.#from, Math.max(0, Math.floor(fromMs / windowMs) - 1));
    }
    this.#compared = timeline;
  }
}

type Mapped = Pick<TimelineSegment, "map" | "soundMap" | "audioShiftMs">;

function sameMaps(one: Mapped | undefined, other: Mapped): boolean {
  if (!one || one.audioShiftMs !== other.audioShiftMs) return false;
  return sameKnees(one.map, other.map) && sameKnees(one.soundMap ?? one.map, other.soundMap ?? other.map);
}

function sameKnees(one: readonly Knee[], other: readonly Knee[]): boolean {
  if (one === other) return true;
  return (
    one.length === other.length && one.every(({ mediaMs, atMs }, index) => mediaMs === other[index]!.mediaMs && atMs === other[index]!.atMs)
  );
}

/** How the film looks that the ledger is of, speakers aside. */
export function lookOf({ canvas, names }: Ledger): Look {
  return { ...canvas, names };
}

/** Stands for a plan's shape in the ledger. */
export function hashOf(job: WindowJob): string {
  return createHash("sha256").update(shapeOf(job)).digest("base64url").slice(0, 22);
}
