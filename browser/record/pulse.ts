// The clock that drives Firefox's recorder, told by the media graph's own thread to a worker: a page that stands still misses nothing of it.
// Promise: readings only; where the browser has no AudioContext that runs (Firefox without a sound device), there are none, and nothing else fails.
import type { GraphReading } from "../../protocol/recording.ts";
import workletUrl from "./pulse.worklet.ts?worker&url";

export interface Pulse {
  /** Another try, where the browser held it back until the person did something. */
  wake: () => void;
  end: () => void;
}

export function pulse(track: MediaStreamTrack, tell: (readings: GraphReading[]) => void): Pulse | null {
  try {
    const context = new AudioContext({ latencyHint: "playback" });
    const worker = new Worker(new URL("./pulse.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<GraphReading[]>) => tell(data);
    worker.onerror = ({ message }) => console.warn("pulse: no worker", message);
    connect(track, context, worker).catch((error: unknown) => console.warn("pulse: none", error));
    return {
      wake: () => void context.resume(),
      end: () => {
        worker.terminate();
        void context.close();
      },
    };
  } catch (error) {
    console.warn("pulse: none", error);
    return null;
  }
}

async function connect(track: MediaStreamTrack, context: AudioContext, worker: Worker): Promise<void> {
  await context.audioWorklet.addModule(workletUrl);
  const node = new AudioWorkletNode(context, "pulse", { numberOfOutputs: 0 });
  // Refused where the microphone runs by another graph than this context: its clock would be another one.
  context.createMediaStreamSource(new MediaStream([track])).connect(node);
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(null, [port1]);
  worker.postMessage(null, [port2]);
}
