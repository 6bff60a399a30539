// From "something arrived" to "the film grows": aligns again and lets the composer look, one recording at a time, at most a few times a second.
// Promise: after the last byte nothing more has to happen for the film to become complete.
import type { Logger } from "pino";
import type { Aligner } from "../align/aligner.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Composer } from "./composer.ts";

export interface ProgressOptions {
  aligner: Aligner;
  composer: Composer;
  catalog: Catalog;
  log: Logger;
}

/** Least time between two alignments of one recording, ms: acks come twice a second and person, a window takes 3.2 s to fill. */
const restMs = 200;

export class Progress {
  readonly #options: ProgressOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  #closed = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  arrived(recordingId: string): void {
    if (this.#closed) return;
    if (this.#running.has(recordingId)) {
      this.#again.add(recordingId);
      return;
    }
    const round = this.#round(recordingId)
      .catch((error) => this.#options.log.error({ recording: recordingId, err: error }, "alignment failed"))
      .finally(() => {
        this.#running.delete(recordingId);
        if (this.#again.delete(recordingId)) this.arrived(recordingId);
      });
    this.#running.set(recordingId, round);
  }

  /** Nothing is being aligned of this recording. */
  async idle(recordingId: string): Promise<void> {
    while (this.#running.has(recordingId)) await this.#running.get(recordingId);
  }

  /** The composer finished something. A complete film settles its timeline. */
  composed(recordingId: string): void {
    const { aligner, composer, log } = this.#options;
    const aligned = aligner.aligned(recordingId);
    if (!aligned?.complete || composer.stateOf(recordingId, aligned.folder).state !== "ready") return;
    log.info({ recording: recordingId, durationMs: aligned.timeline.durationMs }, "film ready");
    aligner.settle(recordingId).catch((error) => log.error({ recording: recordingId, err: error }, "the timeline could not be written"));
  }

  /** Recordings that still run, miss bytes or miss their film: what a restart has to take up. */
  async unfinished(filmReady: (recordingId: string) => boolean): Promise<string[]> {
    const { catalog } = this.#options;
    const found: string[] = [];
    for (const recording of await catalog.allRecordings()) {
      const tracks = await catalog.tracks(recording.id);
      const segments = await catalog.segments(recording.id);
      const unsealed = (trackId: string) => segments.some((segment) => segment.trackId === trackId && !segment.sha256 && !segment.refusal);
      const open = recording.durationMs === null || tracks.some((track) => !track.lost && (!track.ended || unsealed(track.id)));
      const composable = segments.some((segment) => !segment.refusal);
      if (open || (composable && !filmReady(recording.id))) found.push(recording.id);
    }
    return found;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running.values());
  }

  async #round(recordingId: string): Promise<void> {
    const aligned = await this.#options.aligner.refresh(recordingId);
    if (aligned) this.#options.composer.advance(recordingId);
    // Rest only while it goes on: after Stop every moment counts.
    if (aligned && !aligned.complete && aligned.timeline.durationMs === null) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}
