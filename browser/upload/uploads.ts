// The page's handle on the outbox and the upload sockets, which a worker owns.
// Promise: nothing here waits; every call is queued, and `safe` resolves only when the server holds everything.
import type { ClockSample, SegmentFacts, TrackSource } from "../../protocol/recording.ts";
import type { Way } from "./manners.ts";
import type { Order, RecordedChunk, Report, Storage, Ticket, UploadStatus } from "./orders.ts";
import { openPort, type Port } from "./port.ts";
import { makeSegmentId } from "./segmentid.ts";

export type { Keeps, RecordedChunk, Storage, Ticket, UploadStatus } from "./orders.ts";

export interface SegmentUpload {
  append(chunk: RecordedChunk): void;
  clock(samples: ClockSample[]): void;
  /** No more bytes will come. */
  finish(): void;
}

export interface TrackUpload {
  /** `onOver`: what more comes into it is lost, and would not be in another one; said again and again. */
  segment(facts: SegmentFacts, onOver?: () => void): SegmentUpload;
  /** No further segments from this device. */
  end(): void;
  readonly safe: Promise<void>;
}

interface Answer {
  resolve(report: Report): void;
  reject(error: Error): void;
}

interface Safe {
  promise: Promise<void>;
  resolve(): void;
}

type Question = { type: "unsent" | "storage" } | { type: "save" | "discard"; track: string } | { type: "close" };

export class Uploads {
  readonly #port: Promise<Port>;
  readonly #answers = new Map<number, Answer>();
  readonly #safe = new Map<string, Safe>();
  /** By segment. */
  readonly #over = new Map<string, () => void>();
  #all: UploadStatus[] = [];
  #asked = 0;
  #closing: Promise<void> | null = null;
  /** Why the worker is of no use; null while it is. */
  #failed: string | null = null;

  constructor(readonly options: { onStatus: (all: UploadStatus[]) => void }) {
    this.#port = openPort(
      (report) => this.#receive(report),
      (reason) => this.#fail(reason),
    );
    this.#port.catch((error: unknown) => this.#fail(String(error)));
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  /** The network may have changed, or be back: what waits tries at once, and connections that say nothing are given up sooner. `reached`: the server has
   * answered, and nobody need ask whether it is there. */
  hurry(reached = false): void {
    this.#order({ type: "hurry", reached });
  }

  /** The ways to the others of a call were measured anew: what the upload takes must not be felt there. None: the call is over. */
  ways(ways: ReadonlyMap<string, Way>): void {
    this.#order({ type: "ways", ways });
  }

  /** What a recording made now would be kept by. Null: by nothing, this page cannot record. */
  async storage(): Promise<Storage | null> {
    try {
      const report = await this.#ask({ type: "storage" });
      return report.type === "storage" ? report.storage : null;
    } catch (error) {
      console.error("uploads: storage", error);
      return null;
    }
  }

  /** Returns at once. */
  open(ticket: Ticket, about: { room: string; roomId: string; source: TrackSource }): TrackUpload {
    const { track } = ticket;
    this.#order({ type: "open", ticket, ...about, startedAt: new Date().toISOString() });
    const safe = this.#safe.get(track) ?? makeSafe();
    this.#safe.set(track, safe);
    return {
      segment: (facts, onOver) => {
        const segment = makeSegmentId();
        if (onOver) this.#over.set(segment, onOver);
        this.#order({ type: "segment", track, segment, facts });
        return {
          append: (chunk) => this.#order({ type: "append", track, segment, chunk }, [chunk.bytes]),
          clock: (samples) => this.#order({ type: "clock", track, segment, samples }),
          finish: () => {
            this.#over.delete(segment);
            this.#order({ type: "finish", track, segment });
          },
        };
      },
      end: () => this.#order({ type: "end", track }),
      safe: safe.promise,
    };
  }

  /** Tracks that earlier pages left in the outbox and that no tab holds. */
  async unsent(): Promise<UploadStatus[]> {
    const report = await this.#ask({ type: "unsent" });
    return report.type === "unsent" ? report.tracks : [];
  }

  /** Sends what an earlier page left behind; also tries again what the server refused. */
  resume(track: string): void {
    this.#order({ type: "resume", track });
  }

  /** What this device holds of the track, one file per segment. */
  async save(track: string): Promise<File[]> {
    const report = await this.#ask({ type: "save", track });
    return report.type === "saved" ? report.files : [];
  }

  /** Deletes it from this device, sent or not. */
  async discard(track: string): Promise<void> {
    await this.#ask({ type: "discard", track });
  }

  close(): Promise<void> {
    this.#closing ??= this.#ask({ type: "close" }).then(async () => (await this.#port).terminate());
    return this.#closing;
  }

  #order(order: Order, transfer: Transferable[] = []): void {
    this.#port.then(
      (port) => port.postMessage(order, transfer),
      () => undefined,
    );
  }

  #ask(question: Question): Promise<Report> {
    if (this.#failed !== null) return Promise.reject(new Error(this.#failed));
    const ask = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#answers.set(ask, { resolve, reject });
      this.#order({ ...question, ask });
    });
  }

  #receive(report: Report): void {
    if (report.type === "status") {
      this.#all = report.all;
      this.options.onStatus(report.all);
    } else if (report.type === "over") this.#over.get(report.segment)?.();
    else if (report.type === "safe") {
      this.#safe.get(report.track)?.resolve();
      this.#safe.delete(report.track);
    } else if (report.type !== "ready") {
      const answer = this.#answers.get(report.ask);
      this.#answers.delete(report.ask);
      if (report.type === "failed") answer?.reject(new Error(report.message));
      else answer?.resolve(report);
    }
  }

  /** Without its worker nothing is kept or sent any more: the person must hear of it. */
  #fail(reason: string): void {
    console.error("uploads: worker", reason);
    this.#failed = reason;
    const message = "This page can no longer keep or send the recording. Reload it.";
    this.#all = this.#all.map((status) =>
      status.state === "safe" ? status : { ...status, state: "refused", code: "kept-broken", message },
    );
    this.options.onStatus(this.#all);
    for (const answer of this.#answers.values()) answer.reject(new Error(reason));
    this.#answers.clear();
  }
}

function makeSafe(): Safe {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
