// A camera and a microphone from files, for Chromium: they go through the browser's own devices, as real ones do, and a canvas does not.
// The pictures say their place in the reel; when each was truly captured is what the page's witness (witness.ts) saw.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_PIX_FMT_YUVJ420P, FF_ENCODER_MJPEG } from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from "node-av/lib";
import { beepMs, toneHz } from "./code.ts";
import { paint } from "./footage.ts";
import { place } from "./place.ts";

/** What Chromium plays a file of JPEGs at. */
const fps = 30;
const sampleRate = 48_000;
/** Both files begin anew after this. */
export const reelMs = 40_000;

export interface Reel {
  /** Command line of the one browser whose camera this is. */
  args: string[];
  close(): void;
}

/** In about 5 s, most of it JPEG. */
export async function makeReel(participant: number, width: number, height: number): Promise<Reel> {
  const folder = place("reel");
  const picture = join(folder.path, "picture.mjpeg");
  const sound = join(folder.path, "sound.wav");
  try {
    writeFileSync(picture, await pictures(participant, width, height));
    writeFileSync(sound, beeps(participant));
    const args = [`--use-file-for-fake-video-capture=${picture}`, `--use-file-for-fake-audio-capture=${sound}`];
    return { args, close: () => folder.close() };
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function pictures(participant: number, width: number, height: number): Promise<Buffer> {
  const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
  if (!codec) throw new Error("no encoder for JPEG");
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  const parts: Buffer[] = [];
  try {
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.timeBase = new Rational(1, fps);
    context.bitRate = 8_000_000n;
    // Chromium's reader knows only the tables that every JPEG decoder has.
    check(context.setOption("huffman", "default", AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN));
    check(context.open2Sync(codec, null));
    for (let index = 0; index < (reelMs * fps) / 1000; index++) {
      const buffer = paint(participant, (index * 1000) / fps, width, height);
      const frame = Frame.fromVideoBuffer(buffer, {
        width,
        height,
        format: AV_PIX_FMT_YUVJ420P,
        timeBase: new Rational(1, fps),
        pts: BigInt(index),
      });
      check(context.sendFrameSync(frame));
      frame.free();
      while (context.receivePacketSync(packet) >= 0) {
        parts.push(Buffer.from(packet.data ?? []));
        packet.unref();
      }
      if (index % 32 === 0) await turn();
    }
    return Buffer.concat(parts);
  } finally {
    packet.free();
    context.freeContext();
  }
}

/** 16-bit mono WAV: a beep at each second of the reel. */
function beeps(participant: number): Buffer {
  const count = (reelMs * sampleRate) / 1000;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + count * 2, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(count * 2, 40);
  const samples = Buffer.alloc(count * 2);
  for (let i = 0; i < count; i++) {
    const atMs = ((i * 1000) / sampleRate) % 1000;
    if (atMs < beepMs) samples.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * toneHz(participant) * atMs) / 1000)), i * 2);
  }
  return Buffer.concat([head, samples]);
}

function check(result: number): void {
  FFmpegError.throwIfError(result, "JPEG");
}
