// "This stream is being recorded into this track": recorder to segment upload, with the clock samples that date it.
// Promise: after `stop()` every byte the recorder made has been handed to the upload, and the segment is finished.
import type { UserError } from "../../protocol/errors.ts";
import type { ClockSample } from "../../protocol/recording.ts";
import { type Chunk, Recorder } from "../record/recorder.ts";
import type { SegmentUpload, TrackUpload } from "../upload/uploads.ts";

export interface CaptureOptions {
  stream: MediaStream;
  upload: TrackUpload;
  /** The samples taken so far in this call. */
  samples: () => ClockSample[];
  onError: (error: UserError) => void;
}

/** What a segment is given at its start: at one ping in five seconds, the last two and a half minutes. */
const earlierSamples = 30;

export class Capture {
  readonly #recorder: Recorder;
  #segment: SegmentUpload | null = null;
  /** Chunks that came before the recorder's facts were complete. */
  #early: Chunk[] = [];
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(readonly options: CaptureOptions) {
    this.#recorder = new Recorder({ stream: options.stream, onChunk: (chunk) => this.#take(chunk), onError: options.onError });
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** A sample taken while this is recorded. */
  clock(sample: ClockSample): void {
    if (!this.#stopping) this.#segment?.clock([sample]);
  }

  /** Does not end the track: another segment may follow. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const facts = await this.#recorder.start();
    this.#segment = this.options.upload.segment(facts);
    const samples = this.options.samples().slice(-earlierSamples);
    if (samples.length > 0) this.#segment.clock(samples);
    for (const chunk of this.#early) this.#segment.append(chunk);
    this.#early = [];
  }

  async #stop(): Promise<void> {
    try {
      await this.#recorder.stop();
    } finally {
      if (this.#starting) await this.#starting;
      this.#segment?.finish();
    }
  }

  #take(chunk: Chunk): void {
    if (this.#segment) this.#segment.append(chunk);
    else this.#early.push(chunk);
  }
}
