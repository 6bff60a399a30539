// A part of the film as an MP4 of its own: a header that is made here, and the windows that the part lies in, as they are on the disk.
// Promise: nothing is encoded again; what is shown begins at the first picture asked for and ends after the last one, picture and sound alike;
// of what comes after the end the file holds only the pictures that those before it are made from.
import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import { windowTicks } from "../../protocol/film.ts";
import { filmHead, formatOf, indexOf, type WindowIndex } from "./film.ts";
import { audioFrame, delayTicks, tickUnits } from "./mp4.ts";
import { msOf, samplesPerTick, tickOf } from "./place.ts";

/** Bytes of a file, or bytes at hand, to be laid end to end. */
export type CutPart = { data: Buffer; bytes: number } | { path: string; from: number; bytes: number };

/** Ticks of the film, the last one excluded. */
export interface Span {
  fromTick: number;
  toTick: number;
}

/** The pictures nearest to two moments, at least one; what lies behind the film's end is left out. */
export function spanOf(fromMs: number, toMs: number, lengthMs: number): Span {
  const end = tickOf(lengthMs);
  const fromTick = tickOf(fromMs);
  if (toMs <= fromMs) throw new UserError("bad-request", "A part of the film has to end after it begins.");
  if (fromTick >= end) throw new UserError("bad-request", "The film ends before this part of it begins.");
  return { fromTick, toTick: Math.max(fromTick + 1, Math.min(tickOf(toMs), end)) };
}

/** `windows`: all of the film's, in order, in one folder with their init segment. The span lies in the film and is not empty. */
export async function cutOf(windows: readonly { path: string; bytes: number }[], span: Span): Promise<CutPart[]> {
  const first = Math.floor(span.fromTick / windowTicks);
  const last = Math.floor((span.toTick - 1) / windowTicks);
  const used = windows.slice(first, last + 1);
  const format = formatOf(await readFile(join(dirname(used[0]!.path), "init.mp4")));
  const indices: WindowIndex[] = [];
  for (const { path, bytes } of used) indices.push(indexOf(await headOf(path), bytes));
  const tail = shortened(indices.at(-1)!, span.toTick - last * windowTicks);
  const skipTicks = span.fromTick - first * windowTicks;
  // Rounded down: half a millisecond too much would let one picture more in.
  const durationMs = Math.floor(msOf(span.toTick - span.fromTick));
  const data = filmHead(format, [...indices.slice(0, -1), tail.index], {
    video: { from: (skipTicks + delayTicks) * tickUnits, durationMs },
    audio: { from: skipTicks * samplesPerTick, durationMs },
  });
  return [
    { data, bytes: data.length },
    ...used.slice(0, -1).map(({ path, bytes }) => ({ path, from: 0, bytes })),
    ...tail.slices.map((slice) => ({ path: used.at(-1)!.path, ...slice })),
  ];
}

/** The window up to a tick of its own: what it is then, and which bytes of its file that is. */
export function shortened(window: WindowIndex, ticks: number): { index: WindowIndex; slices: { from: number; bytes: number }[] } {
  const { video, audio } = window;
  // In the order of decoding: a picture is shown `delays` after its turn, less what the whole film is late by.
  const shown = Array.from(video.delays, (delay, turn) => turn + delay - delayTicks);
  const pictures = shown.findLastIndex((tick) => tick < ticks) + 1;
  const sounds = Math.min(audio.sizes.length, Math.ceil((ticks * samplesPerTick) / audioFrame));
  const sizes = { video: video.sizes.slice(0, pictures), audio: audio.sizes.slice(0, sounds) };
  const toVideo = video.at + sum(sizes.video);
  const slices = [
    { from: 0, bytes: toVideo },
    { from: audio.at, bytes: sum(sizes.audio) },
  ];
  return {
    index: {
      bytes: slices[0]!.bytes + slices[1]!.bytes,
      video: { at: video.at, sizes: sizes.video, keys: video.keys.slice(0, pictures), delays: video.delays.slice(0, pictures) },
      audio: { at: toVideo, sizes: sizes.audio },
    },
    slices: slices.filter(({ bytes }) => bytes > 0),
  };
}

/** A moof of 96 pictures and 150 sounds takes less than three thousand bytes. */
const headBytes = 8192;

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function sum(sizes: Uint32Array): number {
  return sizes.reduce((total, size) => total + size, 0);
}
