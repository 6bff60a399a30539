// In the media graph's own thread: says how far the graph has come, whoever stands still elsewhere.
declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Of 128 samples each: 10.7 ms at 48 kHz. */
const everyBlocks = 4;

class Pulse extends AudioWorkletProcessor {
  #blocks = 0;
  /** To whoever has a clock: there is none here. */
  #out: MessagePort | null = null;

  constructor() {
    super();
    this.port.onmessage = ({ ports }: MessageEvent) => {
      this.#out = ports[0] ?? null;
    };
  }

  process(): boolean {
    if (this.#out && this.#blocks++ % everyBlocks === 0) this.#out.postMessage(currentTime * 1000);
    return true;
  }
}

registerProcessor("pulse", Pulse);
