// One run of the recorder on its way into one segment, with the clock samples that date it.
// Promise: after `stop()` every byte the recorder made has been handed to the upload, and the segment is finished.
import type { UserError } from "../../protocol/errors.ts";
import { type ClockSample, isWhisper, type SegmentReason, type TrackSource } from "../../protocol/recording.ts";
import { nowMs } from "../record/clock.ts";
import { type Chunk, Recorder } from "../record/recorder.ts";
import type { SegmentUpload, TrackUpload } from "../upload/uploads.ts";

export interface RunOptions {
  stream: MediaStream;
  upload: TrackUpload;
  source: TrackSource;
  reason: SegmentReason;
  /** Those taken earlier that date this run. */
  samples: () => ClockSample[];
  onChunk: () => void;
  /** It said that it failed, or stopped by itself; or what it makes is kept no more. */
  onBroken: () => void;
}

export class Run {
  readonly #recorder: Recorder;
  #segment: SegmentUpload | null = null;
  /** Chunks that came before the recorder's facts were complete. */
  #early: Chunk[] = [];
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  /** As the segment was last told. */
  #cameraOn = true;

  constructor(readonly options: RunOptions) {
    const { stream, onBroken } = options;
    const onError = (error: UserError) => {
      console.warn("recorder", error.cause ?? error);
      onBroken();
    };
    this.#recorder = new Recorder({ stream, onChunk: (chunk) => this.#take(chunk), onError, onEnd: onBroken });
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** A sample taken while this is recorded. */
  clock(sample: ClockSample): void {
    if (!this.#stopping) this.#segment?.clock([sample]);
  }

  /** "I ran until now and had nothing new." */
  still(): void {
    this.clock(markOf(nowMs()));
  }

  /** The camera may have been switched off or on: its pictures are black meanwhile, which the film must not show. Of a whisper it is the microphone:
   * what is kept is silent meanwhile. */
  camera(): void {
    const { stream, source } = this.options;
    const cameras = isWhisper(source) ? stream.getTracks() : stream.getVideoTracks();
    const on = cameras.length === 0 || cameras.some((track) => track.enabled !== false);
    if (on === this.#cameraOn || !this.#segment) return;
    this.#cameraOn = on;
    this.clock({ ...markOf(nowMs()), camera: on });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { upload, reason, samples, onBroken } = this.options;
    const facts = await this.#recorder.start();
    this.#segment = upload.segment({ ...facts, reason }, onBroken);
    for (const chunk of this.#early) this.#segment.append(chunk);
    this.#early = [];
    const earlier = samples();
    if (earlier.length > 0) this.#segment.clock(earlier);
    this.camera();
  }

  async #stop(): Promise<void> {
    const stop = markOf(nowMs());
    // Before what is still to come, which has later marks of its own: a starved recorder may lose the end, and its file would not show it.
    const segment = this.#segment;
    segment?.clock([stop]);
    try {
      await this.#recorder.stop();
    } finally {
      try {
        await this.#starting;
      } finally {
        if (!segment) this.#segment?.clock([stop]);
        this.#readings();
        this.#segment?.finish();
      }
    }
  }

  #take(chunk: Chunk): void {
    this.options.onChunk();
    if (!this.#segment) return void this.#early.push(chunk);
    this.#segment.append(chunk);
    this.#readings();
  }

  #readings(): void {
    for (let readings = this.#recorder.takeReadings(); readings; readings = this.#recorder.takeReadings())
      this.#segment?.clock([{ ...markOf(nowMs()), ...readings }]);
  }
}

/** A look at the recorder without a ping; the outbox adds how many bytes there were. */
function markOf(atMs: number): ClockSample {
  return { sentMs: atMs, receivedMs: atMs, serverMs: 0, epoch: "" };
}
