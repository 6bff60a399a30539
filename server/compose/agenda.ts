// What is to be composed next: the first window that is missing or was made from something else than what is known now.
// Promise: looking again costs no more than what changed, however long the recording is; and nobody has to wait for a look at all of it.
import { createHash } from "node:crypto";
import type { Timeline } from "../../protocol/recording.ts";
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
      const placed = new Map(ledger.placed.map((entry) => [entry.segment, entry]));
      for (const [index, track] of fresh.tracks.entries())
        for (const [at, segment] of track.segments.entries()) {
          const used = placed.get(segment.id);
          // Taken as it is although it was placed before: it has moved, from its beginning on.
          if (used && timeline.tracks[index]!.segments[at] === segment && used.map !== segment.map)
            fromMs = Math.min(fromMs, segment.startMs);
        }
      if (fromMs < Number.POSITIVE_INFINITY) this.#from = Math.min(this.#from, Math.max(0, Math.floor(fromMs / windowMs) - 1));
    }
    this.#compared = timeline;
  }
}

/** How the film looks that the ledger is of, speakers aside. */
export function lookOf({ canvas, names }: Ledger): Look {
  return { ...canvas, names };
}

/** Stands for a plan's shape in the ledger. */
export function hashOf(job: WindowJob): string {
  return createHash("sha256").update(shapeOf(job)).digest("base64url").slice(0, 22);
}
