// In a worker of the rig's page: reads the raw pictures and sounds of a stream and notes when each came. As a recorder it encodes them with WebCodecs and
// writes WebM with mediabunny, appending only. Promise: it holds no picture longer than it takes to hand it to the encoder.
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from "mediabunny";
import { readCode, strip } from "../../journeys/rig/code.ts";

export interface Order {
  kind: "recorder" | "witness";
  /** Where the recorder's bytes go. */
  url: string;
  pictures: ReadableStream<VideoFrame>;
  sounds: ReadableStream<AudioData>;
  width: number;
  height: number;
}

export interface Noted {
  codec: string;
  /** Of each picture: its own timestamp, when it came (browser's clock), what its code says or null. ms. */
  pictures: [number, number, number | null][];
  /** Of each piece of sound: its own timestamp at its end, when it came, timestamp at which a beep sets in or null. ms. */
  sounds: [number, number, number | null][];
  /** Timestamps of what lies at 0 in the file, ms; the sound's in the time of the pictures' file. */
  zeroMs: number | null;
  soundZeroMs: number | null;
  /** Pictures that the encoder had no time for. */
  dropped: number;
  /** Times that the sound's timestamps jumped. */
  jumps: number;
  /** What went wrong. */
  failures: string[];
}

const nowMs = () => performance.timeOrigin + performance.now();
const bitrate = 2_500_000;
const keyFrameEveryMs = 1000;
/** More pictures waiting than this, and the newest is left out. */
const queueMost = 4;
/** Sound is never late or early by so much from one piece to the next. */
const jumpMs = 100;

const noted: Noted = {
  codec: "",
  pictures: [],
  sounds: [],
  zeroMs: null,
  soundZeroMs: null,
  dropped: 0,
  jumps: 0,
  failures: [],
};
let stop: () => Promise<void> = async () => undefined;

self.onunhandledrejection = ({ reason }) => void noted.failures.push(String(reason));
self.onmessage = async ({ data }: MessageEvent<Order | "stop" | "noted">) => {
  if (data === "stop") await stop();
  if (typeof data === "string") return self.postMessage(noted);
  if (data.kind === "witness") {
    void look(data.pictures, (frame) => frame.close(), true);
    void listen(data.sounds, (sound) => sound.close());
  } else await record(data);
};

async function look(pictures: ReadableStream<VideoFrame>, take: (frame: VideoFrame) => void, read: boolean): Promise<void> {
  const reader = pictures.getReader();
  for (;;) {
    const { value: frame } = await reader.read();
    if (!frame) return;
    const arrivedMs = nowMs();
    noted.pictures.push([frame.timestamp / 1000, arrivedMs, read ? await codeOf(frame) : null]);
    take(frame);
  }
}

async function codeOf(frame: VideoFrame): Promise<number | null> {
  const { x: left, y: top, width, height } = frame.visibleRect!;
  const from = 2 * Math.floor((height * (strip.top - 0.01)) / 2);
  const rows = 2 * Math.ceil((height * (strip.rows * strip.cellHeight + 0.02)) / 2);
  const rect = { x: left, y: top + from, width, height: rows };
  const bytes = new Uint8Array(frame.allocationSize({ rect }));
  const [plane] = await frame.copyTo(bytes, { rect });
  const step = /^(RGB|BGR)/.test(frame.format ?? "") ? 4 : 1;
  const { offset, stride } = plane!;
  const luma = (x: number, y: number) =>
    bytes[offset + Math.floor(y * height - from) * stride + Math.floor(x * width) * step + (step === 4 ? 1 : 0)] ?? 0;
  return readCode(luma)?.trueMs ?? null;
}

async function listen(sounds: ReadableStream<AudioData>, take: (sound: AudioData) => void): Promise<void> {
  const reader = sounds.getReader();
  let quiet = 0;
  for (;;) {
    const { value: sound } = await reader.read();
    if (!sound) return;
    const arrivedMs = nowMs();
    const samples = new Float32Array(sound.numberOfFrames);
    sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    let onset: number | null = null;
    for (const [index, sample] of samples.entries()) {
      if (Math.abs(sample) < 0.02) quiet++;
      else {
        if (quiet > 0.3 * sound.sampleRate) onset = index;
        quiet = 0;
      }
    }
    const place = (index: number) => sound.timestamp / 1000 + (index * 1000) / sound.sampleRate;
    noted.sounds.push([place(samples.length), arrivedMs, onset === null ? null : place(onset)]);
    take(sound);
  }
}

/** What this browser encodes, best first: as the product asks MediaRecorder for it. */
async function videoConfig(width: number, height: number): Promise<VideoEncoderConfig> {
  const common = { width, height, bitrate, framerate: 30, latencyMode: "realtime" as const };
  const configs: VideoEncoderConfig[] = [
    { ...common, codec: "avc1.42001f", avc: { format: "avc" } },
    { ...common, codec: "vp8" },
  ];
  for (const config of configs) if ((await VideoEncoder.isConfigSupported(config)).supported) return config;
  throw new Error("no encoder");
}

async function record({ url, pictures, sounds, width, height }: Order): Promise<void> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const config = await videoConfig(width, height);
  noted.codec = config.codec;
  const picture = new EncodedVideoPacketSource(config.codec === "vp8" ? "vp8" : "avc");
  const voice = new EncodedAudioPacketSource("opus");
  const target = new StreamTarget(new WritableStream({ write: ({ data }) => socket.send(data) }));
  // H.264 has no place in WebM proper; Chromium calls what it writes Matroska as well.
  const Format = config.codec === "vp8" ? WebMOutputFormat : MkvOutputFormat;
  const output = new Output({ format: new Format({ appendOnly: true, minimumClusterDuration: 0.2 }), target });
  output.addVideoTrack(picture);
  output.addAudioTrack(voice);
  await output.start();
  const failed = (error: unknown) => void noted.failures.push(String(error));
  let writing = Promise.resolve();
  const write = (add: () => Promise<void>) => {
    writing = writing.then(add).catch(failed);
  };
  const shift = (chunk: EncodedVideoChunk | EncodedAudioChunk, zeroMs: number) => {
    const packet = EncodedPacket.fromEncodedChunk(chunk);
    return packet.clone({ timestamp: Math.max(0, packet.timestamp - zeroMs / 1000) });
  };
  const video = new VideoEncoder({
    output: (chunk, meta) => write(() => picture.add(shift(chunk, noted.zeroMs ?? 0), meta)),
    error: failed,
  });
  video.configure(config);
  // Its timestamps are made below: they begin where the pictures' file does.
  const audio = new AudioEncoder({ output: (chunk, meta) => write(() => voice.add(shift(chunk, 0), meta)), error: failed });
  audio.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 128_000 });
  let keyMs = Number.NEGATIVE_INFINITY;
  let firstMs: number | null = null;
  void look(
    pictures,
    (frame) => {
      const atMs = frame.timestamp / 1000;
      noted.zeroMs ??= atMs;
      firstMs ??= nowMs();
      if (video.encodeQueueSize > queueMost) noted.dropped++;
      else {
        const keyFrame = atMs - keyMs >= keyFrameEveryMs;
        if (keyFrame) keyMs = atMs;
        video.encode(frame, { keyFrame });
      }
      frame.close();
    },
    false,
  );
  let lastMs: number | null = null;
  void listen(sounds, (sound) => {
    // Nothing is written before the first picture, which is at 0.
    if (firstMs === null) return sound.close();
    const stampMs = sound.timestamp / 1000;
    const lengthMs = (sound.numberOfFrames * 1000) / sound.sampleRate;
    // The first pieces are stamped by another clock than the rest: time goes on from where it was, by the browser's own clock.
    if (noted.soundZeroMs === null) noted.soundZeroMs = stampMs - Math.max(0, nowMs() - lengthMs - firstMs);
    else if (lastMs !== null && Math.abs(stampMs - lastMs) > jumpMs) {
      noted.jumps++;
      noted.soundZeroMs += stampMs - lastMs;
    }
    lastMs = stampMs + lengthMs;
    const data = new Float32Array(sound.numberOfFrames);
    sound.copyTo(data, { planeIndex: 0, format: "f32-planar" });
    const timestamp = Math.round((stampMs - noted.soundZeroMs) * 1000);
    const { sampleRate, numberOfFrames } = sound;
    sound.close();
    const mine = new AudioData({ format: "f32-planar", sampleRate, numberOfFrames, numberOfChannels: 1, timestamp, data });
    audio.encode(mine);
    mine.close();
  });
  stop = async () => {
    await Promise.all([video.flush(), audio.flush()]);
    await writing;
    await output.finalize();
    socket.close();
  };
}
