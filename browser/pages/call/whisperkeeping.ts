// What I whisper while it records goes into tracks of its own, one for each person, where the room keeps it. Promise: what is on such a track is what
// the one it is for could hear, silent in between; without the room's rule no recorder is begun.
import { effect } from "@preact/signals";
import { identityOf } from "../../call/identity.ts";
import { Capture } from "../capture.ts";
import { keepPart } from "../review/identity.ts";
import type { Lane } from "./lane.ts";
import type { Visit } from "./visit.ts";

const keepers = new WeakMap<Visit, WhisperKeeping>();

export class WhisperKeeping {
  readonly #lanes = new Map<string, Lane>();
  /** The recording that this browser knows who it was in. */
  #known: string | null = null;
  #now: { to: string; stream: MediaStream } | null = null;

  private constructor(readonly visit: Visit) {
    // For the whole stay: a track ends with its recording, also while the drawer is closed.
    effect(() => this.#see());
  }

  /** One for the whole stay. */
  static of(visit: Visit): WhisperKeeping {
    const known = keepers.get(visit) ?? new WhisperKeeping(visit);
    keepers.set(visit, known);
    return known;
  }

  /** What the next press will be heard from, silent until then; null: nobody is chosen, and its microphone is about to be given back. */
  chosen(now: { to: string; stream: MediaStream } | null): void {
    this.#now = now;
    this.#see();
  }

  /** The button was pressed, or let go: what lies between is what was whispered. */
  switched(): void {
    for (const { capture } of this.#lanes.values()) if (capture instanceof Capture) capture.camera();
  }

  #see(): void {
    const { rules, recording, state } = this.visit.view.value;
    const over = this.visit.leaving !== null || state === "left" || state === "refused";
    const kept = !over && rules.keepWhispers ? (recording?.id ?? null) : null;
    const now = this.#now;
    if (kept !== null && now !== null && !this.#lanes.has(now.to)) this.#lanes.set(now.to, this.visit.lane(`whisper:${now.to}`));
    const paused = recording !== null && recording.pausedMs !== null;
    for (const [to, lane] of this.#lanes) void lane.want(kept, now?.to === to ? now.stream : null, paused);
    if (kept === null || now === null || kept === this.#known) return;
    this.#known = kept;
    rememberPart(this.visit, kept);
  }
}

/** So that its review page may ask for what was whispered by me, and to me. */
export function rememberPart(visit: Visit, recording: string): void {
  const me = identityOf(visit.options.room);
  if (me) keepPart(recording, me);
}
