// One whole track as one seekable file: its segments' packets, unchanged, on the recording's clock, from the film's zero or the track's first media on.
// Promise: nothing is encoded again, and the file appears only when it is whole.
import { open, rename, rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  FilePathTarget,
  MkvOutputFormat,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from "mediabunny";
import type { Packet, Stream } from "../align/container.ts";
import { audioCodecOf, audioConfigOf, parameterSets, videoCodecOf, videoConfigOf } from "./trackcodec.ts";
import { planOf, type TrackPlan, type TrackSegment } from "./trackplan.ts";

export type { TrackSegment };

/** What a track of these streams is written as. */
export function trackExtension(streams: readonly Stream[]): "webm" | "mp4" | "mkv" {
  if (streams.some(({ codec }) => codec === "h264" || codec === "aac")) return "mp4";
  // WebM knows no PCM.
  return streams.some(({ codec }) => codec === "pcm") ? "mkv" : "webm";
}

/** Segments in any order. Throws UserError: "not-ready" when there is nothing to write, "bad-request" when the segments do not fit into one file. */
export async function writeTrackFile(options: {
  segments: readonly TrackSegment[];
  out: string;
  zero?: "track" | "film";
  silent?: boolean | undefined;
}): Promise<void> {
  const plan = planOf(options.segments, options.zero, options.silent);
  const part = `${options.out}.part`;
  try {
    await write(plan, options.segments, part);
    const file = await open(part, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, options.out);
  } finally {
    await rm(part, { force: true });
  }
}

async function write({ video, audio, packets }: TrackPlan, segments: readonly TrackSegment[], path: string): Promise<void> {
  const count = { video: 0, audio: 0 };
  for (const { packet } of packets) count[packet.kind] += 1;
  const extension = trackExtension([video, audio].filter((stream) => stream !== null));
  const format =
    extension === "mp4"
      ? new Mp4OutputFormat({ fastStart: "reserve" })
      : extension === "mkv"
        ? new MkvOutputFormat()
        : new WebMOutputFormat();
  const output = new Output({ format, target: new FilePathTarget(path) });
  const pictures = video && count.video > 0 ? new EncodedVideoPacketSource(videoCodecOf(video)) : null;
  const sounds = audio && count.audio > 0 ? new EncodedAudioPacketSource(audioCodecOf(audio)) : null;
  // A file says once how its pictures lie: as they do in the first segment, also where a phone lay otherwise in another.
  if (pictures) output.addVideoTrack(pictures, { maximumPacketCount: count.video, rotation: video!.turned, flip: video!.mirrored });
  if (sounds) output.addAudioTrack(sounds, { maximumPacketCount: count.audio });
  const reader = new SegmentReader(segments);
  const own = ownParameterSets(segments);
  try {
    await output.start();
    for (const place of packets) {
      const { packet, atMs, durationMs } = place;
      const read = place.bytes ?? (await reader.read(place.segment, packet));
      const sets = packet.kind === "video" && packet.key ? own.get(place.segment) : undefined;
      const bytes = sets ? Buffer.concat([sets, read]) : read;
      const unit = new EncodedPacket(bytes, packet.key ? "key" : "delta", atMs / 1000, durationMs / 1000);
      if (packet.kind === "video") await pictures!.add(unit, { decoderConfig: videoConfigOf(video!, bytes) });
      else await sounds!.add(unit, { decoderConfig: audioConfigOf(audio!) });
      count[packet.kind] -= 1;
      // The writer holds one stream back until the other has come as far: say so when none will come.
      if (count[packet.kind] === 0) (packet.kind === "video" ? pictures : sounds)!.close();
    }
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  } finally {
    await reader.close();
  }
}

/** Where the header's would not do for all segments, each key frame brings its segment's own, as it does in H.264 from a WebM. */
function ownParameterSets(segments: readonly TrackSegment[]): Map<TrackSegment, Buffer> {
  const own = new Map<TrackSegment, Buffer>();
  for (const segment of segments) {
    const stream = segment.container.streams.find(({ codec }) => codec === "h264");
    if (stream?.lengthPrefixed && stream.extra) own.set(segment, parameterSets(stream.extra));
  }
  return new Set([...own.values()].map((sets) => sets.toString("hex"))).size > 1 ? own : new Map();
}

/** Reads packets in file order, a large piece at a time, and lets the rest of the program run in between. */
class SegmentReader {
  #segment: TrackSegment | null = null;
  #file: Awaited<ReturnType<typeof open>> | null = null;
  #piece = Buffer.alloc(0);
  #offset = 0;

  constructor(readonly segments: readonly TrackSegment[]) {}

  async read(segment: TrackSegment, { offset, size }: Packet): Promise<Uint8Array> {
    if (this.#segment !== segment) {
      await this.close();
      this.#file = await open(segment.path, "r");
      this.#segment = segment;
    }
    if (offset < this.#offset || offset + size > this.#offset + this.#piece.length) {
      await setImmediate();
      const piece = Buffer.allocUnsafe(Math.max(pieceBytes, size));
      const { bytesRead } = await this.#file!.read(piece, 0, piece.length, offset);
      if (bytesRead < size)
        throw new Error(`segment file is shorter than its packets: path=${segment.path} offset=${offset} size=${size} read=${bytesRead}`);
      this.#piece = piece.subarray(0, bytesRead);
      this.#offset = offset;
    }
    return this.#piece.subarray(offset - this.#offset, offset - this.#offset + size);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#segment = null;
    this.#piece = Buffer.alloc(0);
    await file?.close();
  }
}

const pieceBytes = 1024 * 1024;
