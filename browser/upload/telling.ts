// The clock samples of a segment, on their way over one connection. The server keeps what it was told no later than the next frame's bytes, so the ack
// of a frame is also one for the samples that went out before it.
// Promise: each connection tells what no such ack stands for, and everything again where the server came back with less than it had.
import type { ClockSample } from "../../protocol/recording.ts";
import type { Acked, Segment } from "./segment.ts";

/** In one `clock` message, as the protocol has it. */
const mostSamples = 500;

export interface Batch {
  samples: ClockSample[];
  /** About what they take on the wire. */
  bytes: number;
}

export class Telling {
  #next: number;
  #toldMs: number;
  readonly #underWay: Acked[] = [];

  /** `offset`: what the server has, as it just said. */
  constructor(
    readonly segment: Segment,
    offset: number,
  ) {
    const { acked, samples } = segment;
    this.#toldMs = offset < acked.offset ? 0 : acked.samplesMs;
    segment.acked = { offset, samplesMs: this.#toldMs };
    const next = samples.findIndex(({ receivedMs }) => receivedMs > this.#toldMs);
    this.#next = next === -1 ? samples.length : next;
  }

  get done(): boolean {
    return this.#next >= this.segment.samples.length;
  }

  /** The next ones: no more than so many bytes, but one at least where there is any. */
  batch(mostBytes: number): Batch {
    const batch: Batch = { samples: [], bytes: 0 };
    for (const sample of this.segment.samples.slice(this.#next, this.#next + mostSamples)) {
      const { length } = JSON.stringify(sample);
      if (batch.bytes > 0 && batch.bytes + length > mostBytes) break;
      batch.samples.push(sample);
      batch.bytes += length;
    }
    return batch;
  }

  told({ samples }: Batch): void {
    this.#next += samples.length;
    for (const { receivedMs } of samples) this.#toldMs = Math.max(this.#toldMs, receivedMs);
  }

  /** A frame went out whose bytes end at `offset`. */
  sent(offset: number): void {
    this.#underWay.push({ offset, samplesMs: this.#toldMs });
  }

  acked(offset: number): void {
    const { acked } = this.segment;
    while (this.#underWay[0] && this.#underWay[0].offset <= offset) acked.samplesMs = this.#underWay.shift()!.samplesMs;
    acked.offset = Math.max(acked.offset, offset);
  }
}
