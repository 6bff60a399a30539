// In the media graph's own thread: says how far the graph has come and when, whoever stands still elsewhere.
import { Iterations } from "./iterations.ts";

declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Pulse extends AudioWorkletProcessor {
  readonly #iterations = new Iterations();
  /** To whoever has the browser's clock. There is none here but the wall's, by which it is told there how old this is. */
  #out: MessagePort | null = null;

  constructor() {
    super();
    this.port.onmessage = ({ ports }: MessageEvent) => {
      this.#out = ports[0] ?? null;
    };
  }

  process(): boolean {
    const told = this.#out && this.#iterations.block(Date.now(), currentTime * 1000);
    if (told) this.#out?.postMessage(told);
    return true;
  }
}

registerProcessor("pulse", Pulse);
