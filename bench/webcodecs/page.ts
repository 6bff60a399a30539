// In the rig's page: one camera and one microphone, recorded side by side by MediaRecorder, as the product does, and by WebCodecs in a worker.
// Promise: both get the same stream, and their bytes leave the page as they come, each on a socket of its own.
import { Recorder } from "../../browser/record/recorder.ts";
import type { SegmentFacts } from "../../protocol/recording.ts";
import type { Noted, Order } from "./worker.ts";

declare class MediaStreamTrackProcessor<T> {
  constructor(options: { track: MediaStreamTrack });
  readonly readable: ReadableStream<T>;
}

export interface Studio {
  facts: SegmentFacts | null;
  /** When chunks of MediaRecorder came. */
  chunksMs: number[];
  start(recorders: readonly ("media" | "codecs")[]): Promise<void>;
  stop(): Promise<void>;
  /** What the workers noted: of the recorder, and of the one that only looks and listens. */
  noted(): Promise<{ codecs: Noted | null; witness: Noted }>;
}

declare global {
  // `var`: a property of the page's globalThis.
  var studio: Studio | undefined;
}

const patienceMs = 20_000;
const nowMs = () => performance.timeOrigin + performance.now();
const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
const witness = hire({ kind: "witness", url: "" });
let codecs: ReturnType<typeof hire> | null = null;
let media: { recorder: Recorder; socket: WebSocket } | null = null;

function hire(order: Pick<Order, "kind" | "url">) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  // Of clones: a processor that nobody reads from in time loses pictures, and only its own.
  const [picture, sound] = [stream.getVideoTracks()[0]!.clone(), stream.getAudioTracks()[0]!.clone()];
  const pictures = new MediaStreamTrackProcessor<VideoFrame>({ track: picture }).readable;
  const sounds = new MediaStreamTrackProcessor<AudioData>({ track: sound }).readable;
  const { width = 0, height = 0 } = picture.getSettings();
  worker.postMessage({ ...order, pictures, sounds, width, height } satisfies Order, [pictures, sounds]);
  const ask = (what: "stop" | "noted") =>
    new Promise<Noted>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Noted>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(what);
      setTimeout(() => reject(new Error(`the worker does not ${what === "stop" ? "stop" : "answer"}`)), patienceMs);
    });
  return { ask };
}

async function open(name: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${location.host}/${name}`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

globalThis.studio = {
  facts: null,
  chunksMs: [],
  async start(recorders) {
    if (recorders.includes("codecs")) codecs = hire({ kind: "recorder", url: `ws://${location.host}/codecs` });
    if (!recorders.includes("media")) return;
    const socket = await open("media");
    const recorder = new Recorder({
      stream,
      onChunk: ({ bytes, eventMs }) => {
        socket.send(bytes);
        this.chunksMs.push(eventMs);
      },
      onError: (error) => console.error(error),
    });
    media = { recorder, socket };
    this.facts = await recorder.start();
  },
  async stop() {
    await media?.recorder.stop();
    await codecs?.ask("stop").catch(async (cause: unknown) => {
      throw new Error(`${cause}: ${(await codecs?.ask("noted"))?.failures.join(", ")}`);
    });
    media?.socket.close();
  },
  async noted() {
    return { codecs: (await codecs?.ask("noted")) ?? null, witness: await witness.ask("noted") };
  },
};
console.info(`ready after ${nowMs() - performance.timeOrigin} ms`);
