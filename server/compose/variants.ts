// Other films of a recording than the one it has: with whoever speaks large, or with names or without. Composed because somebody asked.
// Promise: nothing is composed before the recording's own film is complete, and nothing that grows waits for it; asking twice is asking once.
import { join } from "node:path";
import type { Logger } from "pino";
import type { Timeline } from "../../protocol/timeline.ts";
import { type CutPart, cutOf, spanOf } from "./cut.ts";
import type { Layout } from "./layout.ts";
import { filmOf, type Ledger, leading, lengthMs, mainFilm } from "./ledger.ts";
import { knownLedger } from "./ledgerfile.ts";
import type { Pool } from "./pool.ts";
import { Production } from "./production.ts";
import { turnsOf } from "./turns.ts";

export interface Choice {
  layout: Layout;
  /** Undefined: as the recording's own film. */
  names?: boolean | undefined;
  /** The track that is large all the time; undefined: whoever speaks. */
  large?: string | undefined;
}

/** Whose film: `timeline` and `folder` of a recording whose own film is complete. */
export interface Subject {
  recordingId: string;
  folder: string;
  timeline: Timeline;
}

export interface VariantState {
  state: "waiting" | "growing" | "ready" | "failed";
  watermarkMs: number;
  readyAt: string | null;
}

/** A film's name on the disk and in the API: what it is named after decides all that it shows. */
export function filmName({ layout, names, large }: Choice, own: Ledger | null): string {
  const asOwn = names === undefined || names === (own?.names ?? true);
  return [layout, layout === "speaker" ? large : undefined, asOwn ? undefined : names ? "named" : "unnamed"].filter(Boolean).join("-");
}

export class Variants {
  /** By recording and film, with the film they were composed beside: another one there, and they are looked at again. */
  readonly #productions = new Map<string, { recordingId: string; guide: string; production: Production }>();
  readonly #complete = new Map<string, string>();
  #closed = false;

  constructor(
    readonly pool: Pool,
    readonly log: Logger,
  ) {}

  /** Begins it, or goes on with it, and says how it stands. */
  ask(subject: Subject, choice: Choice): VariantState {
    const { recordingId, folder } = subject;
    const own = knownLedger(folder);
    const film = filmName(choice, own);
    const key = `${recordingId} ${film}`;
    if (!this.#closed && film !== mainFilm && own && own.readyAt !== null && this.#complete.get(key) !== own.readyAt) {
      const before = this.#productions.get(key);
      if (before?.guide !== own.readyAt) {
        void before?.production.close();
        this.#begin(key, own.readyAt, this.#produce(key, film, own, subject, choice), recordingId);
      }
    }
    const running = this.#productions.get(key)?.production;
    const ledger = running?.ledger ?? knownLedger(folder, film);
    const windows = ledger ? leading(ledger) : [];
    const state = running?.failure ? "failed" : ledger?.readyAt ? "ready" : windows.length > 0 ? "growing" : "waiting";
    return { state, watermarkMs: lengthMs(windows), readyAt: ledger?.readyAt ?? null };
  }

  /** The film's pieces in order; null: it is not complete. Begins nothing. */
  filmFiles({ folder }: Pick<Subject, "folder">, choice: Choice): string[] | null {
    const found = this.#film(folder, choice);
    return found && [found.head, ...found.windows.map(({ path }) => path)];
  }

  /** A part of it, laid end to end. Null: it is not complete. UserError("bad-request"): it has no such part. */
  async cut({ folder }: Pick<Subject, "folder">, choice: Choice, fromMs: number, toMs: number): Promise<CutPart[] | null> {
    const found = this.#film(folder, choice);
    return found && (await cutOf(found.windows, spanOf(fromMs, toMs, found.lengthMs)));
  }

  #film(folder: string, choice: Choice): { head: string; windows: { path: string; bytes: number }[]; lengthMs: number } | null {
    const film = filmName(choice, knownLedger(folder));
    const ledger = knownLedger(folder, film);
    const parts = ledger && filmOf(ledger, film);
    if (!parts) return null;
    const windows = parts.windows.map(({ path, bytes }) => ({ path: join(folder, path), bytes }));
    return { head: join(folder, parts.head), windows, lengthMs: lengthMs(leading(ledger)) };
  }

  /** Of this recording: nothing is read or written once this has resolved. */
  async remove(recordingId: string): Promise<void> {
    const mine = [...this.#productions].filter(([, one]) => one.recordingId === recordingId);
    for (const [key] of mine) this.#productions.delete(key);
    for (const key of this.#complete.keys()) if (key.startsWith(`${recordingId} `)) this.#complete.delete(key);
    await Promise.all(mine.map(([, { production }]) => production.close()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#productions.values()].map(({ production }) => production.close()));
  }

  #begin(key: string, guide: string, production: Production, recordingId: string): void {
    this.#productions.set(key, { recordingId, guide, production });
    production.wake();
  }

  #produce(key: string, film: string, own: Ledger, { recordingId, folder, timeline }: Subject, choice: Choice): Production {
    const turns = choice.large === undefined ? turnsOf(timeline, own) : [{ fromTick: 0, trackId: choice.large }];
    const names = choice.names ?? own.names ?? true;
    const guide = own.readyAt ?? "";
    const production: Production = new Production({
      canvas: { ...own.canvas, names },
      variant: { film, look: { ...own.canvas, layout: choice.layout, names, turns }, guide: own },
      input: () => ({ timeline, watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder }),
      recordingId: key,
      pool: this.pool,
      onChange: () => undefined,
      onVoices: () => undefined,
      onRest: () => {
        if (this.#productions.get(key)?.production !== production || production.failure) return;
        this.#productions.delete(key);
        this.#complete.set(key, guide);
      },
      log: this.log.child({ recording: recordingId, film }),
    });
    return production;
  }
}
