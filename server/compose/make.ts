// Files that people take home, made from a film or a track when first asked for: in the composing process, since media are decoded for them.
// Promise: a file appears when it is whole.
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Container } from "../align/container.ts";
import { formatOf, type WindowIndex } from "./film.ts";
import type { Order } from "./order.ts";
import { writeSound } from "./soundfile.ts";
import { SegmentFile } from "./source.ts";
import { posterOf } from "./still.ts";
import { trackExtension, writeTrackFile } from "./track.ts";
import { writeVoice } from "./voicefile.ts";

export type Making = Exclude<Order, { type: "render" | "begin" | "finish" | "listen" }>;
type Part = Extract<Making, { type: "track" }>["parts"][number];

/** `indexFor`: of a window's file. */
export async function make(order: Making, indexFor: (path: string) => Promise<WindowIndex>): Promise<{ bytes: number; made: string }> {
  const at = join(order.folder, order.out);
  await mkdir(dirname(at), { recursive: true });
  if (order.type === "track") {
    const extension = await makeTrack(order, at);
    return { bytes: 0, made: `${order.out}.${extension}` };
  }
  const part = `${at}.part`;
  try {
    const file = await open(part, "w");
    try {
      await fill(file, order, indexFor);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, at);
  } finally {
    await rm(part, { force: true });
  }
  return { bytes: 0, made: order.out };
}

async function fill(
  file: FileHandle,
  order: Exclude<Making, { type: "track" }>,
  indexFor: (path: string) => Promise<WindowIndex>,
): Promise<void> {
  if (order.type === "voice") {
    const segments = order.parts.map((part) => soundOf(order.folder, part));
    try {
      await writeVoice(file, order.format, segments, order.samples);
    } finally {
      for (const segment of segments) segment.close();
    }
    return;
  }
  const windows = join(order.folder, order.windows);
  const format = formatOf(await readFile(join(windows, "init.mp4")));
  if (order.type === "poster") {
    const path = join(windows, order.file);
    const { video } = await indexFor(path);
    const whole = await readFile(path);
    await file.write(posterOf(format, whole.subarray(video.at, video.at + video.sizes[0]!)));
    return;
  }
  const parts = [];
  for (const name of order.files) parts.push({ path: join(windows, name), index: await indexFor(join(windows, name)) });
  await writeSound(file, format, parts);
}

function soundOf(folder: string, part: Part): SegmentFile {
  const segment = new SegmentFile(join(folder, part.file));
  segment.update(part.bytes, part.map, part.audioShiftMs, part.soundMap);
  return segment;
}

async function makeTrack(order: Extract<Making, { type: "track" }>, at: string): Promise<string> {
  const segments = [];
  for (const { file, bytes, map, soundMap, audioShiftMs } of order.parts) {
    const path = join(order.folder, file);
    const container = await containerOf(path, bytes);
    segments.push({ path, container, map, soundMap, audioShiftMs });
  }
  const { zero, silent } = order;
  const streams = segments.flatMap(({ container }) => [...container.streams]);
  const extension = trackExtension(streams.filter(({ kind }) => !silent || kind === "video"));
  await writeTrackFile({ segments, out: `${at}.${extension}`, zero, silent });
  return extension;
}

const readBytes = 1024 * 1024;

async function containerOf(path: string, bytes: number): Promise<Container> {
  const container = new Container();
  const file = await open(path, "r");
  try {
    while (container.bytes < bytes) {
      const piece = Buffer.allocUnsafe(Math.min(readBytes, bytes - container.bytes));
      const { bytesRead } = await file.read(piece, 0, piece.length, container.bytes);
      if (bytesRead === 0) break;
      container.push(piece.subarray(0, bytesRead));
    }
    return container;
  } finally {
    await file.close();
  }
}
