// In the media graph's own thread: says how far the graph has come and when, whoever stands still elsewhere.
import type { Told } from "./iterations.ts";

declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** The graph computes some blocks of 128 samples in one iteration, and waits for the next: blocks that follow one another faster are of the same. */
const blockMs = 2;
/** An iteration that begins sooner after the last that was told is not told: no graph that plays to anybody is in such a hurry. */
const iterationMs = 5;
/** Told together. */
const togetherMs = 40;

class Pulse extends AudioWorkletProcessor {
  #blockMs = 0;
  #iterationMs = 0;
  #toldMs = 0;
  #told: Told[] = [];
  /** To whoever has the browser's clock. There is none here but the wall's, by which it is told there how old this is. */
  #out: MessagePort | null = null;

  constructor() {
    super();
    this.port.onmessage = ({ ports }: MessageEvent) => {
      this.#out = ports[0] ?? null;
    };
  }

  process(): boolean {
    const wallMs = Date.now();
    // Whichever way somebody sets that clock.
    const since = (ms: number) => Math.abs(wallMs - ms);
    if (since(this.#blockMs) >= blockMs && since(this.#iterationMs) >= iterationMs) {
      this.#iterationMs = wallMs;
      if (this.#out) this.#told.push([wallMs, currentTime * 1000]);
    }
    this.#blockMs = wallMs;
    if (this.#out && this.#told.length > 0 && since(this.#toldMs) >= togetherMs) {
      this.#toldMs = wallMs;
      this.#out.postMessage(this.#told.splice(0));
    }
    return true;
  }
}

registerProcessor("pulse", Pulse);
