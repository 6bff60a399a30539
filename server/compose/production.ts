// One recording's film in the making: looks what is missing or out of date, has it composed window by window, and says when it is complete.
// Promise: goes on from what is on disk, whatever happened before; only what is wrong is composed again.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Timeline } from "../../protocol/timeline.ts";
import { appendLevels } from "../store/levels.ts";
import { Agenda, hashOf } from "./agenda.ts";
import { attempt } from "./attempt.ts";
import { Borrower } from "./borrower.ts";
import type { Input } from "./composer.ts";
import { moveDurably } from "./durable.ts";
import { nextEffort } from "./effort.ts";
import { formerOf, freshRevision, giveBackLater, revisionOf } from "./former.ts";
import { gainsOf, learn } from "./heard.ts";
import type { Canvas } from "./layout.ts";
import {
  changeOf,
  emptyLedger,
  headOfFilm,
  type Ledger,
  type LedgerWindow,
  leading,
  mainFilm,
  placedIndex,
  thumbnailFile,
  windowsOfFilm,
} from "./ledger.ts";
import { LedgerFile, readLedger } from "./ledgerfile.ts";
import type { Done } from "./order.ts";
import { msOf } from "./place.ts";
import type { Pool } from "./pool.ts";
import { Suspects } from "./suspects.ts";
import { type Look, type WindowJob, windowMs, windowsOf } from "./window.ts";
import { Failure } from "./worker.ts";

/** The encoder looks 21 ms past a window's end, and sound is stamped up to 57 ms late. */
const aheadMs = 100;
/** A window is begun, or gone on with, when so much more of it is here. */
const leastTicks = 24;
const retryFirstMs = 5_000;
const retryMostMs = 60_000;

/** Another film of a recording whose film is complete, because somebody asked for it. */
export interface Variant {
  film: string;
  look: Look;
  /** The complete film's ledger: everybody is as loud as there. */
  guide: Ledger;
}

export interface ProductionOptions {
  canvas: Canvas & { names?: boolean };
  /** Absent: the film that every recording has. */
  variant?: Variant | undefined;
  input: () => Input | null;
  recordingId: string;
  pool: Pool;
  /** As the composer's. */
  nowMs?: (() => number) | undefined;
  onChange: () => void;
  /** How loud people were in what was just composed. */
  onVoices: (voices: NonNullable<Done["voices"]>) => void;
  /** There is nothing more to do, unless something changes. */
  onRest: () => void;
  log: Logger;
}

export class Production {
  ledger: Ledger | null = null;
  #file: LedgerFile | null = null;
  /** What keeps it from going on, in words for people; null: nothing. */
  failure: "disk-full" | "not-composed" | null = null;
  /** The film as it was when it was last complete. */
  #complete: Ledger | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #resting = false;
  #closed = false;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = retryFirstMs;
  #agenda = new Agenda();
  /** See `effort.ts`. */
  #effort = 0;
  /** Up to this tick the next window is drawn, or was tried to be. */
  #begunTo = 0;
  readonly #suspects = new Suspects();
  readonly #options: ProductionOptions;
  readonly #borrower: Borrower;
  readonly #film: string;
  readonly #windows: string;

  constructor(options: ProductionOptions) {
    this.#options = options;
    this.#film = options.variant?.film ?? mainFilm;
    this.#windows = windowsOfFilm(this.#film);
    const { pool, recordingId, input, variant } = options;
    this.#borrower = new Borrower({
      pool,
      recordingId,
      usual: () => (variant ? "asked" : input()?.timeline.durationMs === null ? "growing" : "stopped"),
      troubled: () => this.#suspects.size > 0,
      composed: () => (this.ledger ? leading(this.ledger).map(({ file }) => file) : []),
    });
  }

  /** Something may have changed. Cheap; many calls in a row are one. */
  wake(): void {
    // After a failure it is not the next chunk that helps, but time.
    if (this.#closed || this.#retry) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#again) this.wake();
      else if (this.#resting && !this.#closed) this.#options.onRest();
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        while (!this.#closed && (await this.#step())) this.#borrower.makeWay();
      }
    } catch (error) {
      if (this.#closed) return;
      this.#again = false;
      this.#fail(error);
    } finally {
      this.#borrower.giveBack();
    }
  }

  #fail(error: unknown): void {
    const { log, onChange } = this.#options;
    const { code } = error as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    this.failure = full ? "disk-full" : "not-composed";
    log.error({ err: error, retryMs: this.#retryMs }, "composing failed");
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.wake();
    }, this.#retryMs);
    this.#retry.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, retryMostMs);
    onChange();
  }

  /** Does one thing; false: there is nothing to do. */
  async #step(): Promise<boolean> {
    const { pool, recordingId, variant } = this.#options;
    const input = this.#options.input();
    this.#resting = false;
    if (!input) {
      this.#resting = true;
      await this.#borrower.leave();
      return false;
    }
    const ledger = this.ledger ?? (await this.#read(input));
    this.ledger = ledger;
    this.#file ??= new LedgerFile(input.folder, this.#film, ledger);
    if (ledger.readyAt !== null) this.#complete = ledger;
    if (input.timeline.durationMs === null) pool.warm(recordingId, input.folder);
    if (!input.complete && ledger.readyAt !== null) {
      await this.#unready(ledger);
      return true;
    }
    const next = this.#agenda.next(input.timeline, ledger, variant?.look);
    if (next === "ask again") {
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    }
    if (next) {
      const { job, timeline } = next;
      const endMs = msOf(job.firstTick + job.ticks);
      if (!input.complete && input.watermarkMs < endMs + aheadMs) {
        await this.#begin(job, input, ledger);
        return false;
      }
      await this.#compose(job, timeline, input, ledger);
      return true;
    }
    if (!input.complete) return false;
    if (ledger.readyAt === null) await this.#finish(input, ledger);
    await this.#borrower.leave();
    this.#resting = true;
    return false;
  }

  /** As it is on the disk; where there is none, or none that this version understands, the film begins anew. */
  async #read(input: Input): Promise<Ledger> {
    const ledger = readLedger(input.folder, this.#film);
    // A server that has ended since did not come to it.
    if (ledger?.former) giveBackLater(join(input.folder, this.#windows), ledger.former, this.#options.log);
    return ledger ?? (await this.#anew(input));
  }

  /** Nothing is composed, and no name comes again that was there before: players keep what they have loaded. */
  async #anew(input: Input): Promise<Ledger> {
    const revision = Math.max(this.ledger?.revision ?? 0, await freshRevision(join(input.folder, this.#windows)));
    return { ...emptyLedger(this.#options.canvas), ...(revision > 0 ? { revision } : {}) };
  }

  /** Draws of the next window what is here, so that less is left to do when all of it is. Nobody needs it: what goes wrong shows when it is composed. */
  async #begin(job: WindowJob, { folder, watermarkMs }: Input, { canvas }: Ledger): Promise<void> {
    if (this.#options.variant || this.#effort > 0 || this.#suspects.size > 0 || !this.#borrower.free) return;
    const toTick = Math.min(job.firstTick + job.ticks, Math.floor((watermarkMs - aheadMs) / msOf(1)));
    if (toTick < Math.max(this.#begunTo, job.firstTick) + leastTicks) return;
    this.#begunTo = toTick;
    try {
      await this.#borrower.send({ type: "begin", folder, canvas, job, toTick });
    } catch (error) {
      // Not again of this window.
      this.#begunTo = job.firstTick + job.ticks;
      this.#options.log.debug({ window: job.index, err: error }, "beginning a window failed");
    }
  }

  async #compose(job: WindowJob, timeline: Timeline, input: Input, ledger: Ledger): Promise<void> {
    const { log } = this.#options;
    const before = ledger.windows.find((window) => window.index === job.index);
    const first = fileOf(job.index, before ? revisionOf(before.file) + 1 : (ledger.revision ?? 0));
    try {
      const startedMs = this.#nowMs();
      const gains = gainsOf(job, this.#options.variant?.guide ?? ledger);
      const effort = this.#effort;
      const task = { type: "render" as const, folder: input.folder, windows: this.#windows, canvas: ledger.canvas, gains, effort };
      /** What an attempt made is not written over by the next one. */
      const named = (kept: number): string => fileOf(job.index, revisionOf(first) + kept);
      const { done, without, how } = await attempt(
        job,
        (tried, { careful, kept }) => this.#borrower.send({ ...task, file: named(kept), job: tried, ...(careful ? { careful } : {}) }),
        this.#suspects,
        () => this.#closed,
        log,
      );
      if (this.#closed) return;
      if (done.voices && !this.#options.variant) {
        await appendLevels(input.folder, done.voices);
        this.#options.onVoices(done.voices);
      }
      const file = named(how.kept);
      const window = { index: job.index, file, ticks: job.ticks, bytes: done.bytes, shape: hashOf(job) };
      const missing = missingIn(timeline, [
        ...without.map((trackId) => ({ trackId, why: "it stops the composing process" })),
        ...done.missing.map(({ segment, why }) => ({
          trackId: job.sources.find((source) => source.segment === segment)?.trackId ?? "",
          why,
        })),
      ]);
      const learnt = this.#options.variant ? null : learn(job, gains, done.loud ?? [], ledger);
      const known = ledger.placed.length;
      const entry = { ...window, missing, placed: placesOf(job, timeline, ledger), ...(effort > 0 ? { effort } : {}) };
      if (learnt) await this.#enter({ ...entry, heard: learnt.heard }, { ...ledger, evenness: learnt.evenness }, known);
      else await this.#enter(entry, ledger, known);
      const tookMs = this.#nowMs() - startedMs;
      this.#hurry(job, tookMs, input);
      log.debug({ window: job.index, effort, tookMs: Math.round(tookMs), cpuMs: Math.round(done.cpuMs) }, "window composed");
    } catch (error) {
      if (!(error instanceof Failure && error.code === "other-init")) throw error;
      log.warn({ window: job.index }, "another FFmpeg than before: the film is composed anew");
      await this.#restart(input);
    }
  }

  /** The next window's effort, by how far composing is behind what has arrived. */
  #hurry({ firstTick, ticks }: WindowJob, tookMs: number, input: Input): void {
    const { timeline, watermarkMs } = this.#options.input() ?? input;
    const running = timeline.durationMs === null;
    const reachMs = Math.min(watermarkMs, timeline.durationMs ?? Number.POSITIVE_INFINITY);
    const behindMs = reachMs - msOf(firstTick + ticks);
    const before = this.#effort;
    this.#effort = nextEffort(before, { behindMs, tookMs, lastedMs: windowMs, running });
    if (this.#effort !== before) this.#options.log.info({ effort: this.#effort, behindMs: Math.round(behindMs) }, "composing effort");
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  /** `known`: so many entries of `placed` were there before this window. */
  async #enter(window: LedgerWindow, ledger: Ledger, known: number): Promise<void> {
    if (ledger.windows.length === 0) this.#options.log.info("composition growing");
    const windows = [...ledger.windows.filter(({ index }) => index !== window.index), window];
    const entered = { ...ledger, windows, readyAt: null };
    await this.#file!.add(entered, changeOf(entered, window, known));
    this.#written(entered);
  }

  async #finish(input: Input, ledger: Ledger): Promise<void> {
    const count = windowsOf(input.timeline) ?? 0;
    const windows = leading(ledger).slice(0, count);
    const files = windows.map((window) => window.file);
    if (files.length < count) throw new Error(`composed=${files.length} of=${count}`);
    await this.#borrower.send({ type: "finish", folder: input.folder, windows: this.#windows, files, head: headOfFilm(this.#film) });
    if (this.#closed) return;
    await moveDurably(join(input.folder, this.#windows, headOfFilm(this.#film)), join(input.folder, headOfFilm(this.#film)));
    const former = formerOf(this.#complete, windows);
    const kept = [...files, ...files.map(thumbnailFile), ...(former?.files ?? []), "init.mp4", ...this.#file!.files];
    await this.#tidy(input.folder, new Set(kept));
    this.#options.log.info({ windows: count }, "composition ready");
    await this.#write({ ...ledger, windows, readyAt: new Date().toISOString(), former });
    if (former) giveBackLater(join(input.folder, this.#windows), former, this.#options.log);
  }

  async #write(ledger: Ledger): Promise<void> {
    await this.#file!.write(ledger);
    this.#written(ledger);
  }

  /** Only what is on disk is told. */
  #written(ledger: Ledger): void {
    this.ledger = ledger;
    this.failure = null;
    this.#retryMs = retryFirstMs;
    this.#options.onChange();
  }

  /** Windows that were composed again before anybody could have them as a film, those of two films ago, and what a crash left half written. */
  async #tidy(folder: string, keep: Set<string>): Promise<void> {
    const at = join(folder, this.#windows);
    for (const name of await readdir(at)) if (!keep.has(name)) await rm(join(at, name), { force: true });
  }

  async #unready(ledger: Ledger): Promise<void> {
    this.#options.log.info("composition growing again");
    await this.#write({ ...ledger, readyAt: null });
  }

  async #restart(input: Input): Promise<void> {
    await rm(join(input.folder, this.#windows, "init.mp4"), { force: true });
    this.#agenda = new Agenda();
    await this.#write(await this.#anew(input));
  }

  /** Nothing is composed once this has resolved. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#options.pool.drop(this.#options.recordingId);
    await this.#running;
  }
}

/** A window that is composed again gets another name: players keep what they have loaded. */
function fileOf(index: number, revision: number): string {
  return revision === 0 ? `${index}.m4s` : `${index}.${revision}.m4s`;
}

function placesOf(job: WindowJob, timeline: Timeline, ledger: Ledger): number[] {
  const segments = new Map(timeline.tracks.flatMap((track) => track.segments).map((segment) => [segment.id, segment]));
  return job.sources.map(({ segment, map, soundMap, audioShiftMs }) => {
    const { startMs, endMs, off } = segments.get(segment)!;
    return placedIndex(ledger, { segment, map, ...(soundMap ? { soundMap } : {}), audioShiftMs, startMs, endMs, ...(off ? { off } : {}) });
  });
}

function missingIn(timeline: Timeline, found: { trackId: string; why: string }[]): LedgerWindow["missing"] {
  return found.map(({ trackId, why }) => {
    const track = timeline.tracks.find(({ id }) => id === trackId);
    return { trackId, name: track?.participant.name ?? "Somebody", why };
  });
}
