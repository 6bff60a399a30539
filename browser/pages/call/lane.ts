// One source of mine (camera or screen) on its way into tracks. A loop, not a machine: it goes round until what is wanted is what is.
// Promise: the same recording asked for twice never starts a second capture; a stream that ends leaves its track open for the next segment; what ended
// holds up nothing that begins.
import type { SegmentReason, TrackSource } from "../../../protocol/recording.ts";
import type { Ticket, TrackUpload } from "../../upload/uploads.ts";

/** What a lane needs of a capture. */
export interface Running {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface LaneOptions {
  source: TrackSource;
  ticket: (recording: string, source: TrackSource) => Promise<Ticket>;
  open: (ticket: Ticket, source: TrackSource) => TrackUpload;
  capture: (stream: MediaStream, upload: TrackUpload, source: TrackSource, reason: SegmentReason) => Running;
  onError: (error: unknown) => void;
  /** After an error: it is recorded after all. */
  onMended?: () => void;
}

/** A stream that could not be recorded is tried again after this, and then after twice as long each time, ms: an encoder may be busy for a moment. */
const againFirstMs = 1000;
const againMostMs = 60_000;

interface OpenTrack {
  recording: string;
  upload: TrackUpload;
  /** Why its next segment will have been begun. */
  reason: SegmentReason;
}

export class Lane {
  #wanted: { recording: string | null; stream: MediaStream | null; paused: boolean } = { recording: null, stream: null, paused: false };
  #track: OpenTrack | null = null;
  /** Captures that were told to stop. */
  readonly #ends: Promise<void>[] = [];
  #running: { recording: string; stream: MediaStream; capture: Running } | null = null;
  /** Could not be recorded a moment ago. */
  #failed: { recording: string; stream: MediaStream } | null = null;
  /** Since then, and the next time longer; 0: the last one was recorded. */
  #restMs = 0;
  #turning: Promise<void> | null = null;
  /** Tracks that are over, each as soon as its captures have ended. */
  #ended: Promise<unknown> = Promise.resolve();

  constructor(readonly options: LaneOptions) {}

  get capture(): Running | null {
    return this.#running?.capture ?? null;
  }

  /** Resolves when this wish, or a newer one, is met. `recording` null: nothing is recorded, and the open track has ended. `paused`: nothing is recorded
   * for now, and the track stays open. */
  async want(recording: string | null, stream: MediaStream | null, paused = false): Promise<void> {
    this.#wanted = { recording, stream: paused ? null : stream, paused };
    await this.#go();
    if (recording === null) await this.#ended;
  }

  #go(): Promise<void> {
    this.#turning ??= this.#turn();
    return this.#turning;
  }

  /** A wish may arrive between the last step and its answer: only one that was still wanted afterwards ends the loop. */
  async #turn(): Promise<void> {
    try {
      for (;;) {
        const wanted = this.#wanted;
        const moved = await this.#step();
        if (!moved && wanted === this.#wanted) return;
      }
    } finally {
      this.#turning = null;
    }
  }

  /** One move towards what is wanted; false when there is nothing left to do. */
  async #step(): Promise<boolean> {
    const { recording, stream, paused } = this.#wanted;
    const running = this.#running;
    if (running && (running.recording !== recording || running.stream !== stream)) {
      this.#running = null;
      // Not waited for: the last word of a recorder whose camera is gone can take long, and what comes after it must not.
      this.#ends.push(running.capture.stop());
      return true;
    }
    if (this.#track && this.#track.recording !== recording) {
      this.#end(this.#track);
      this.#track = null;
      return true;
    }
    if (paused && this.#track) this.#track.reason = "paused";
    if (recording === null || stream === null || running) return false;
    if (this.#failed?.recording === recording && this.#failed.stream === stream) return false;
    if (!this.#track) return await this.#openTrack(recording);
    return await this.#begin(stream, this.#track);
  }

  /** Not waited for either: the next recording begins now. One that was taken up again meanwhile goes on in the same track. */
  #end({ recording, upload }: OpenTrack): void {
    const ends = Promise.allSettled(this.#ends.splice(0)).then(() => {
      if (this.#track?.recording !== recording) upload.end();
    });
    this.#ended = Promise.all([this.#ended, ends]);
  }

  async #openTrack(recording: string): Promise<boolean> {
    try {
      const ticket = await this.options.ticket(recording, this.options.source);
      if (this.#wanted.recording === recording)
        this.#track = { recording, upload: this.options.open(ticket, this.options.source), reason: "start" };
      this.#restMs = 0;
      return true;
    } catch (error) {
      // The connection dropped before the answer: the next wish, at the latest the one after reconnecting, asks again.
      this.options.onError(error);
      return this.#wanted.recording !== recording;
    }
  }

  async #begin(stream: MediaStream, track: OpenTrack): Promise<boolean> {
    const { recording, upload, reason } = track;
    const { source, onError, onMended } = this.options;
    try {
      const capture = this.options.capture(stream, upload, source, reason);
      this.#running = { recording, stream, capture };
      await capture.start();
      // Another camera, or the next thing that is shared.
      track.reason = source === "camera" ? "device" : "paused";
      if (this.#restMs > 0) onMended?.();
      this.#restMs = 0;
    } catch (error) {
      this.#running = null;
      const failed = { recording, stream };
      this.#failed = failed;
      if (this.#restMs === 0) onError(error);
      this.#restMs = Math.min(againMostMs, this.#restMs * 2 || againFirstMs);
      setTimeout(() => {
        if (this.#failed === failed) this.#failed = null;
        void this.#go();
      }, this.#restMs);
    }
    return true;
  }
}
