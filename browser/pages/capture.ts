// "This stream is being recorded into this track", watched: a recorder that falls silent or breaks, and a machine that slept, begin the next segment;
// so does one that has run for long.
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

/** A recorder that is to take over from one that is well has so long to deliver, ms. */
const patienceMs = 8000;

export class Capture {
  readonly #watch = new Watch();
  #run: Run;
  /** Takes over from a run that is well. */
  #follower: Run | null = null;
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
    for (const run of this.#running) run.clock(sample);
  }

  /** The camera may have been switched off or on. */
  camera(): void {
    for (const run of this.#running) run.camera();
  }

  /** Does not end the track: another segment may follow. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  get #running(): Run[] {
    return this.#follower ? [this.#run, this.#follower] : [this.#run];
  }

  async #start(): Promise<void> {
    // From the beginning: one that never says that it runs is looked at, too.
    if (!this.#stopping) this.#timer = setInterval(() => this.#look(), timesliceMs);
    try {
      await this.#run.start();
    } catch (error) {
      if (this.#timer !== null) clearInterval(this.#timer);
      throw error;
    }
  }

  async #stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all([...this.#running.map((run) => run.stop()), ...this.#ends]);
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
    // A screen that stands still may give the next recorder no picture: then this one goes on, and the next is tried when as much has come again.
    else if (this.#watch.full) void this.#follow();
  }

  /** Both run until the new one has delivered, so that nothing lies between them, and nothing is lost with one that never does. */
  async #follow(): Promise<void> {
    if (this.#follower || this.#stopping) return;
    const before = this.#run;
    let delivered: () => void = () => undefined;
    const first = new Promise<boolean>((resolve) => {
      delivered = () => resolve(true);
      setTimeout(resolve, patienceMs, false);
    });
    const follower = this.#make("fresh", delivered);
    this.#follower = follower;
    const takes = await follower.start().then(
      () => first,
      (error: unknown) => void console.warn("capture: goes on", error),
    );
    this.#follower = null;
    if (this.#run !== before || this.#stopping) return this.#end(follower);
    this.#watch.began();
    if (takes) this.#run = follower;
    this.#end(takes ? before : follower);
  }

  /** The old recorder is asked to stop and the new one started in one go: what lies between is lost. */
  #next(reason: SegmentReason): void {
    if (this.#stopping) return;
    console.warn(`capture: next segment, ${reason}`);
    this.#end(this.#run);
    this.#begin(reason).catch((error: unknown) => this.#fail(error));
  }

  #end(run: Run): void {
    this.#ends.push(run.stop().catch((error: unknown) => console.error("capture: end", error)));
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

  #make(reason: SegmentReason, onFirst?: () => void): Run {
    const { stream, upload, source } = this.options;
    const run: Run = new Run({
      stream,
      upload,
      source,
      reason,
      samples: () => this.#samples(),
      onChunk: () => {
        onFirst?.();
        if (run === this.#run) this.#watch.chunk();
      },
      onBroken: () => run === this.#run && this.#watch.broke(),
    });
    return run;
  }

  #samples(): ClockSample[] {
    const dated = this.options.samples().filter((sample) => sample.receivedMs >= this.#datedFromMs);
    return sinceJump(dated).slice(-earlierSamples);
  }
}
