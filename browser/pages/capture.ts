// "This stream is being recorded into this track", watched: a recorder that falls silent or breaks, and a machine that slept, begin the next segment.
// Promise: after `stop()` every byte that any of its recorders made has been handed to the upload, and its segments are finished.
import { UserError } from "../../protocol/errors.ts";
import type { ClockSample, SegmentReason, TrackSource } from "../../protocol/recording.ts";
import { jumped, nowMs, sinceJump } from "../record/clock.ts";
import { timesliceMs, Watch } from "../record/watch.ts";
import type { TrackUpload } from "../upload/uploads.ts";
import { Run } from "./run.ts";

export interface CaptureOptions {
  stream: MediaStream;
  upload: TrackUpload;
  source: TrackSource;
  /** Why this stream is recorded only now. */
  reason: SegmentReason;
  /** The samples taken so far in this call. */
  samples: () => ClockSample[];
  onError: (error: UserError) => void;
}

/** What a segment is given at its start: at one ping in five seconds, the last two and a half minutes. */
const earlierSamples = 30;

export class Capture {
  readonly #watch = new Watch();
  #run: Run;
  /** Of earlier runs. */
  readonly #ends: Promise<void>[] = [];
  #timer: ReturnType<typeof setInterval> | null = null;
  #last: ClockSample | null = null;
  /** Samples from before this say nothing about the clock any more. */
  #datedFromMs = Number.NEGATIVE_INFINITY;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(readonly options: CaptureOptions) {
    this.#run = this.#make(options.reason);
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** A sample taken while this is recorded. */
  clock(sample: ClockSample): void {
    const before = this.#last;
    this.#last = sample;
    if (before && jumped(before, sample)) this.#next("slip");
    this.#run.clock(sample);
  }

  /** The camera may have been switched off or on. */
  camera(): void {
    this.#run.camera();
  }

  /** Does not end the track: another segment may follow. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    await this.#run.start();
    if (!this.#stopping) this.#timer = setInterval(() => this.#look(), timesliceMs);
  }

  async #stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all([this.#run.stop(), ...this.#ends]);
  }

  #look(): void {
    const { stream, source } = this.options;
    const sound = stream.getAudioTracks().some((track) => track.readyState === "live");
    const trouble = this.#watch.look(nowMs(), Date.now(), sound || source === "camera");
    if (trouble === "sleep") {
      this.#datedFromMs = nowMs();
      this.#last = null;
    }
    // Without any live track there is nothing to begin anew with: whoever owns the devices brings another stream.
    if (trouble && stream.active) this.#next(trouble === "watchdog" ? "watchdog" : "slip");
    else if (this.#watch.silent > 1) this.#run.still();
  }

  /** The old recorder is asked to stop and the new one started in one go: what lies between is lost. */
  #next(reason: SegmentReason): void {
    if (this.#stopping) return;
    console.warn(`capture: next segment, ${reason}`);
    const ended = this.#run.stop().catch((error: unknown) => console.error("capture: the end of a segment", error));
    this.#ends.push(ended);
    this.#begin(reason).catch((error: unknown) => this.#fail(error));
  }

  async #begin(reason: SegmentReason): Promise<void> {
    this.#run = this.#make(reason);
    await this.#run.start();
  }

  /** Tried again, less and less often. */
  #fail(error: unknown): void {
    this.#watch.broke();
    if (error instanceof UserError) this.options.onError(error);
    else console.error("capture: start", error);
  }

  #make(reason: SegmentReason): Run {
    const { stream, upload, source } = this.options;
    const run: Run = new Run({
      stream,
      upload,
      source,
      reason,
      samples: () => this.#samples(),
      onChunk: () => run === this.#run && this.#watch.chunk(),
      onBroken: () => run === this.#run && this.#watch.broke(),
    });
    return run;
  }

  #samples(): ClockSample[] {
    const dated = this.options.samples().filter((sample) => sample.receivedMs >= this.#datedFromMs);
    return sinceJump(dated).slice(-earlierSamples);
  }
}
