// Small recordings with a picture and a sound that a test can recognise, encoded here and now; and a look at a film that was made of them.
import { AV_CHANNEL_ORDER_NATIVE, AV_PIX_FMT_YUV420P, AV_SAMPLE_FMT_FLT } from "node-av/constants";
import { Codec, CodecContext, Frame, Rational } from "node-av/lib";
import type { Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import { cluster, webmHead } from "../align/media.fixture.ts";
import { newFrame } from "./decode.ts";
import type { Rect } from "./layout.ts";
import { must, newPacket, setOptions } from "./libav.ts";
import { ordinary } from "./ordinary.fixture.ts";
import { type Colour, fill, type Planes } from "./planes.ts";

export const red: Colour = { y: 80, u: 90, v: 220 };
export const green: Colour = { y: 140, u: 60, v: 50 };
export const blue: Colour = { y: 50, u: 220, v: 110 };
export const yellow: Colour = { y: 200, u: 30, v: 140 };

export interface Script {
  seconds: number;
  /** The picture's colour at a moment of the media; no picture at all without it. */
  colour?: (atMs: number) => Colour;
  /** What is drawn over the colour, on the picture of that number. */
  paint?: (picture: Planes, index: number) => void;
  /** How loud a tone is at a moment; no sound at all without it. */
  tone?: { hz: number; gain: (atMs: number) => number };
  width?: number;
  height?: number;
  /** VP8 unless said. */
  codec?: keyof typeof codecs;
  /** Pictures in a second; 30 unless said. */
  rate?: number;
  /** Of the pictures that there would be, which are there: all, unless said. */
  keeps?: (index: number) => boolean;
  /** Pictures between two key frames. */
  keyEvery?: number;
}

const codecs = {
  vp8: { name: "libvpx", id: "V_VP8", options: { deadline: "realtime", "cpu-used": "8", "lag-in-frames": "0" } },
  vp9: { name: "libvpx-vp9", id: "V_VP9", options: { deadline: "realtime", "cpu-used": "8", "lag-in-frames": "0" } },
  av1: { name: "libsvtav1", id: "V_AV1", options: { preset: "10", crf: "40", "svtav1-params": "pred-struct=1:lookahead=0" } },
  // Annex B, as Chromium writes H.264 into WebM.
  h264: { name: "libx264", id: "V_MPEG4/ISO/AVC", options: { preset: "ultrafast", tune: "zerolatency" } },
} as const;

interface Part {
  atMs: number;
  key: boolean;
  bytes: Buffer;
}

/** A WebM as a browser's recorder writes it: VP8 and Opus. */
export function webmOf(script: Script): Buffer {
  const { width = 320, height = 180 } = script;
  const video = script.colour ? encodePictures(script, width, height) : [];
  const audio = script.tone ? encodeTone(script) : [];
  const head = webmHead({
    video: script.colour ? { codec: codecs[script.codec ?? "vp8"].id, width, height } : null,
    audio: script.tone ? { codec: "A_OPUS", rate: 48_000, channels: 1, preSkip: 312, delayNs: 6_500_000 } : null,
  });
  const parts = [head];
  for (let second = 0; second < script.seconds; second++) {
    const here = (part: Part) => part.atMs >= second * 1000 && part.atMs < (second + 1) * 1000;
    const blocks = [
      ...video.filter(here).map((part) => ({ track: 1 as const, part })),
      ...audio.filter(here).map((part) => ({ track: 2 as const, part })),
    ].sort((a, b) => a.part.atMs - b.part.atMs);
    parts.push(
      cluster(
        second * 1000,
        blocks.map(({ track, part }) => ({ track, relativeMs: part.atMs - second * 1000, key: part.key, payload: part.bytes })),
      ),
    );
  }
  return Buffer.concat(parts);
}

function encodePictures(script: Script, width: number, height: number): Part[] {
  const { name, options } = codecs[script.codec ?? "vp8"];
  const { rate = 30, keeps = () => true } = script;
  const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0])!;
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, rate);
  context.framerate = new Rational(rate, 1);
  context.gopSize = script.keyEvery ?? 30;
  if (script.codec !== "av1") context.bitRate = 500_000n;
  context.threadCount = 1;
  setOptions(context, options);
  must(context.open2Sync(codec, null), `opening ${name}`);
  const frame = newFrame();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  must(frame.getBuffer(), "frame");
  const picture: Planes = { width, height, strides: frame.linesize, planes: frame.data! };
  const parts: Part[] = [];
  for (let tick = 0; tick < script.seconds * rate; tick++) {
    if (!keeps(tick)) continue;
    fill(picture, { x: 0, y: 0, width, height }, script.colour!((tick * 1000) / rate));
    script.paint?.(picture, tick);
    frame.pts = BigInt(tick);
    must(context.sendFrameSync(frame), "picture");
    parts.push(...drain(context, (pts) => Math.round((pts * 1000) / rate)));
  }
  context.sendFrameSync(null);
  parts.push(...drain(context, (pts) => Math.round((pts * 1000) / rate)));
  frame.free();
  context.freeContext();
  if (script.codec === "av1") ordinary();
  return parts;
}

function encodeTone(script: Script): Part[] {
  const codec = Codec.findEncoderByName("libopus" as Parameters<typeof Codec.findEncoderByName>[0])!;
  const context = new CodecContext();
  const layout = { nbChannels: 1, order: AV_CHANNEL_ORDER_NATIVE, mask: 4n };
  context.allocContext3(codec);
  context.sampleRate = 48_000;
  context.sampleFormat = AV_SAMPLE_FMT_FLT;
  context.channelLayout = layout;
  context.bitRate = 64_000n;
  context.timeBase = new Rational(1, 48_000);
  must(context.open2Sync(codec, null), "opening Opus");
  const parts: Part[] = [];
  const { hz, gain } = script.tone!;
  for (let at = 0; at < script.seconds * 48_000; at += 960) {
    const samples = Float32Array.from({ length: 960 }, (_, index) => {
      const sample = at + index;
      return gain((sample * 1000) / 48_000) * Math.sin((2 * Math.PI * hz * sample) / 48_000);
    });
    const frame = Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
      nbSamples: 960,
      format: AV_SAMPLE_FMT_FLT,
      sampleRate: 48_000,
      channelLayout: layout,
      timeBase: { num: 1, den: 48_000 },
      pts: BigInt(at),
    });
    must(context.sendFrameSync(frame), "sound");
    frame.free();
    parts.push(...drain(context, (pts) => Math.round((pts + 312) / 48)));
  }
  context.sendFrameSync(null);
  parts.push(...drain(context, (pts) => Math.round((pts + 312) / 48)));
  context.freeContext();
  return parts;
}

function drain(context: CodecContext, atMs: (pts: number) => number): Part[] {
  const parts: Part[] = [];
  const packet = newPacket();
  while (context.receivePacketSync(packet) >= 0) {
    parts.push({ atMs: atMs(Number(packet.pts)), key: packet.isKeyframe, bytes: Buffer.from(packet.data!) });
    packet.unref();
  }
  packet.free();
  return parts;
}

export function idOf(prefix: string, name: string): string {
  return `${prefix}_${name
    .toLowerCase()
    .replace(/[^0-9a-hjkmnp-tv-z]/g, "0")
    .padStart(26, "0")}`;
}

export function segmentOf(
  file: string,
  bytes: number,
  startMs: number,
  endMs: number,
  more: Partial<TimelineSegment> = {},
): TimelineSegment {
  return {
    id: idOf("seg", file.split(".")[0]!),
    file,
    mimeType: "video/webm",
    bytes,
    sealed: true,
    sha256: null,
    map: [{ mediaMs: 0, atMs: startMs }],
    audioShiftMs: 0,
    startMs,
    endMs,
    ...more,
  };
}

export function timelineWith(durationMs: number | null, tracks: Record<string, TimelineSegment[]>): Timeline {
  return {
    version: 1,
    recordingId: idOf("rec", "one"),
    roomId: idOf("room", "one"),
    roomName: "One",
    startedAt: "2026-01-01T00:00:00.000Z",
    durationMs,
    tracks: Object.entries(tracks).map(([name, segments]) => ({
      id: idOf("trk", name),
      participant: { id: idOf("par", name), name },
      source: "camera",
      clock: { offsetMs: 0, driftPpm: 0, uncertaintyMs: 0 },
      gaps: [],
      segments,
    })),
  };
}

/** The mean colour of a rectangle's inner half. */
export function colourIn(frame: Frame, rect: Rect): Colour {
  const mean = (plane: number, shift: number) => {
    const [x, y] = [(rect.x + rect.width / 4) >> shift, (rect.y + rect.height / 4) >> shift];
    const [width, height] = [(rect.width / 2) >> shift, (rect.height / 2) >> shift];
    let sum = 0;
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) sum += frame.data![plane]![row * frame.linesize[plane]! + column]!;
    return Math.round(sum / (width * height));
  };
  return { y: mean(0, 0), u: mean(1, 1), v: mean(2, 1) };
}

export function near(one: Colour, other: Colour, most = 12): boolean {
  return Math.abs(one.y - other.y) <= most && Math.abs(one.u - other.u) <= most && Math.abs(one.v - other.v) <= most;
}
