// Composes every recording's film while it is recorded: one Production per recording that has something to do, all by one pool of processes.
// Promise: the state is what is on disk; it may be asked for, and everything may be killed, at any moment.
import { join } from "node:path";
import type { Logger } from "pino";
import type { Trouble } from "../../protocol/described.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import { type CutPart, cutOf, spanOf } from "./cut.ts";
import type { Fences, Told } from "./fence.ts";
import { giveBackLater } from "./former.ts";
import type { Canvas } from "./layout.ts";
import { filmOf, type Ledger, leading, lengthMs, windowsFolder } from "./ledger.ts";
import { readLedger } from "./ledgerfile.ts";
import type { Done } from "./order.ts";
import { msOf } from "./place.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { Production } from "./production.ts";
import { Variants } from "./variants.ts";
import type { Task } from "./worker.ts";
import { fences } from "./worker.ts";

export interface Input {
  timeline: Timeline;
  /** Recording time up to which every active track's bytes are here; Infinity allowed. */
  watermarkMs: number;
  /** Stopped, and every track closed: nothing more will come. */
  complete: boolean;
  /** Absolute: the recording's folder. */
  folder: string;
}

export interface CompositionState {
  state: "waiting" | "growing" | "ready" | "failed";
  /** End of the last finished window. */
  watermarkMs: number;
  readyAt: string | null;
  /** In words; and the same as facts, one for each. */
  problems: string[];
  troubles: Trouble[];
  /** Windows that are there, from the first on. */
  windows: number;
}

export interface ComposerOptions {
  /** Null: there is no such recording (any more). */
  input: (recordingId: string) => Input | null;
  /** `names`: whether films have names drawn on their tiles, unless asked for otherwise. */
  canvas: Canvas & { names?: boolean };
  log: Logger;
  onChange: (recordingId: string) => void;
  /** How loud people were in a window that was just composed; before the window is entered. */
  onVoices?: (recordingId: string, voices: { segment: string; fromMediaMs: number; levels: number[] }[]) => void;
  /** Longest that one window may take; two minutes unless said. */
  deadlineMs?: number;
  /** Around its processes; those of this machine unless said. */
  fences?: Fences;
  /** How many composing processes there may be; by the machine unless said. */
  pool?: Pick<PoolOptions, "atOnce" | "most" | "hand">;
  /** A clock that never goes back; the machine's unless said. */
  nowMs?: () => number;
}

/** Ledgers of recordings that nothing happens to, kept so as not to be read for every question. */
const cachedLedgers = 500;

export class Composer {
  readonly #options: ComposerOptions;
  readonly #productions = new Map<string, Production>();
  readonly #ledgers = new Map<string, Ledger | null>();
  readonly #pool: Pool;
  /** Other films of recordings, when somebody asks for one. */
  readonly variants: Variants;
  #closed: Promise<void> | null = null;

  constructor(options: ComposerOptions) {
    this.#options = options;
    const { log, deadlineMs = 120_000, pool } = options;
    this.#pool = new Pool({ log, deadlineMs, fences: options.fences, ...pool });
    this.variants = new Variants(this.#pool, log);
  }

  /** What a hostile stream meets in a composing process, and what of it this machine does not give. */
  get fences(): Told {
    return (this.#options.fences ?? fences()).told;
  }

  /** Bytes arrived, or something else changed. Cheap, and never throws. */
  advance(recordingId: string): void {
    if (this.#closed) return;
    let production = this.#productions.get(recordingId);
    if (!production) {
      const log = this.#options.log.child({ recording: recordingId });
      production = new Production({
        canvas: this.#options.canvas,
        input: () => this.#options.input(recordingId),
        recordingId,
        pool: this.#pool,
        nowMs: this.#options.nowMs,
        onChange: () => this.#options.onChange(recordingId),
        onVoices: (voices) => this.#options.onVoices?.(recordingId, voices),
        onRest: () => this.#retire(recordingId),
        log,
      });
      this.#productions.set(recordingId, production);
    }
    production.wake();
  }

  /** From what is on disk in the recording's folder, also of recordings made before this process began. */
  stateOf(recordingId: string, folder: string): CompositionState {
    const production = this.#productions.get(recordingId);
    const ledger = production?.ledger ?? this.#ledgerOf(recordingId, folder);
    const windows = ledger ? leading(ledger) : [];
    const last = windows[windows.length - 1];
    const watermarkMs = lengthMs(windows);
    const absences = ledger ? absencesOf(ledger) : [];
    const problems = absences.map(sentenceOf);
    const troubles: Trouble[] = absences.map(({ name, fromMs, toMs }) => ({ kind: "absent", name, fromMs, toMs }));
    if (production?.failure) {
      problems.push(failures[production.failure]);
      troubles.push({ kind: production.failure });
    }
    const state = production?.failure ? "failed" : ledger?.readyAt ? "ready" : last ? "growing" : "waiting";
    return { state, watermarkMs, readyAt: ledger?.readyAt ?? null, problems, troubles, windows: windows.length };
  }

  /** Has a file made by a process of the pool, in its turn. Throws as `Worker.send`; UserError("gone") when the recording is deleted meanwhile. */
  async make(recordingId: string, task: Task): Promise<Done> {
    const done = await this.#pool.send(recordingId, () => "asked", task);
    if (!done) throw new UserError("gone", "The recording was deleted.");
    return done;
  }

  /** The windows' files that are there, from the first on, in order; names in the windows' folder. */
  windows(recordingId: string, folder: string): string[] {
    const ledger = this.#productions.get(recordingId)?.ledger ?? this.#ledgerOf(recordingId, folder);
    return ledger ? leading(ledger).map(({ file }) => file) : [];
  }

  /** The files of which the one film consists, in order: a header, then the windows. Null: not complete. */
  filmFiles(recordingId: string, folder: string): string[] | null {
    const film = this.film(recordingId, folder);
    return film && [film.head, ...film.windows.map(({ path }) => path)];
  }

  /** The same, with the windows' sizes: there may be thousands, and nobody need look. */
  film(recordingId: string, folder: string): { head: string; windows: { path: string; bytes: number }[] } | null {
    const ledger = this.#productions.get(recordingId)?.ledger ?? this.#ledgerOf(recordingId, folder);
    const film = ledger && filmOf(ledger);
    if (!film) return null;
    return { head: join(folder, film.head), windows: film.windows.map(({ path, bytes }) => ({ path: join(folder, path), bytes })) };
  }

  /** A part of the complete film as an MP4 of its own, laid end to end. Null: it is not complete. UserError("bad-request"): it has no such part. */
  async cut(recordingId: string, folder: string, fromMs: number, toMs: number): Promise<CutPart[] | null> {
    const film = this.film(recordingId, folder);
    if (!film) return null;
    return await cutOf(film.windows, spanOf(fromMs, toMs, this.stateOf(recordingId, folder).watermarkMs));
  }

  /** The recording is to be deleted: nothing of it is read or written once this has resolved. */
  async remove(recordingId: string): Promise<void> {
    const production = this.#productions.get(recordingId);
    this.#productions.delete(recordingId);
    this.#ledgers.delete(recordingId);
    await Promise.all([production?.close(), this.variants.remove(recordingId)]);
    await this.#pool.drop(recordingId);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.all([this.variants.close(), ...[...this.#productions.values()].map((production) => production.close())]);
      await this.#pool.close();
    })();
    return this.#closed;
  }

  /** Complete, or gone: from here on the files speak for it. */
  #retire(recordingId: string): void {
    const production = this.#productions.get(recordingId);
    if (!production || production.failure) return;
    this.#productions.delete(recordingId);
    this.#ledgers.delete(recordingId);
  }

  #ledgerOf(recordingId: string, folder: string): Ledger | null {
    const known = this.#ledgers.get(recordingId);
    if (known !== undefined) return known;
    if (this.#ledgers.size >= cachedLedgers) this.#ledgers.clear();
    const ledger = readLedger(folder);
    this.#ledgers.set(recordingId, ledger);
    // A server that has ended since did not come to it.
    if (ledger?.former) giveBackLater(join(folder, windowsFolder), ledger.former, this.#options.log);
    return ledger;
  }
}

const failures = {
  "disk-full": "The disk is full: the film goes on when there is room again.",
  "not-composed": "The film could not be composed; it is tried again.",
};

interface Absence {
  name: string;
  why: string;
  fromMs: number;
  toMs: number;
}

/** Who is missing from when to when, windows in a row taken together. */
function absencesOf(ledger: Ledger): Absence[] {
  const spans: Absence[] = [];
  let atMs = 0;
  for (const { ticks, missing } of leading(ledger)) {
    const toMs = atMs + msOf(ticks);
    for (const { name, why } of missing) {
      const open = spans.find((span) => span.name === name && span.why === why && Math.abs(span.toMs - atMs) < 1);
      if (open) open.toMs = toMs;
      else spans.push({ name, why, fromMs: atMs, toMs });
    }
    atMs = toMs;
  }
  return spans.map((span) => ({ ...span, fromMs: Math.round(span.fromMs), toMs: Math.round(span.toMs) }));
}

function sentenceOf({ name, why, fromMs, toMs }: Absence): string {
  return `${name} is missing from ${clock(fromMs)} to ${clock(toMs)}: ${why.replace(/\.$/, "")}.`;
}

function clock(atMs: number): string {
  const seconds = Math.round(atMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
