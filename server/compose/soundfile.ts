// The film's sound as a file of its own: the AAC frames of its windows, as they are, behind a header.
// Promise: nothing is encoded again; it begins with the film and is in sync with it.
import { type FileHandle, open } from "node:fs/promises";
import { box, fullBox, text, u32, u64 } from "./box.ts";
import { chunkRuns, type WindowIndex, written } from "./film.ts";
import { audioFrame, audioScale, audioTrack, type FilmFormat, movieHeader } from "./mp4.ts";

export interface SoundPart {
  path: string;
  index: WindowIndex;
}

/** To be written before the sound of all windows, in order. */
export function soundHead(format: FilmFormat, windows: readonly WindowIndex[]): Buffer {
  const sizes = written(windows.map(({ audio }) => audio.sizes));
  const count = sizes.length / 4;
  const lengths = windows.map(({ audio }) => audio.sizes.reduce((sum, size) => sum + size, 0));
  const body = lengths.reduce((sum, length) => sum + length, 0);
  const durationMs = Math.round((count * audioFrame * 1000) / audioScale);
  const ftyp = box("ftyp", text("M4A "), u32(0x200), text("M4A isommp42"));
  const mdat = Buffer.concat([u32(1), text("mdat"), u64(body + 16)]);
  const moov = (base: number) => {
    let position = base;
    const offsets = lengths.map((length) => {
      position += length;
      return position - length;
    });
    return box(
      "moov",
      movieHeader(durationMs),
      ...audioTrack(format, count * audioFrame, [
        fullBox("stts", 0, 0, u32(1, count, audioFrame)),
        chunkRuns(windows.map(({ audio }) => audio.sizes.length)),
        fullBox("stsz", 0, 0, u32(0, count), sizes),
        fullBox("co64", 0, 0, u32(offsets.length), u64(...offsets)),
      ]),
    );
  };
  const base = ftyp.length + moov(0).length + mdat.length;
  return Buffer.concat([ftyp, moov(base), mdat]);
}

export async function writeSound(out: FileHandle, format: FilmFormat, parts: readonly SoundPart[]): Promise<void> {
  const indices = parts.map(({ index }) => index);
  await out.write(soundHead(format, indices));
  for (const { path, index } of parts) {
    const bytes = Buffer.alloc(index.audio.sizes.reduce((sum, size) => sum + size, 0));
    const file = await open(path, "r");
    try {
      const { bytesRead } = await file.read(bytes, 0, bytes.length, index.audio.at);
      if (bytesRead < bytes.length) throw new Error(`a window is shorter than its sound: path=${path}`);
    } finally {
      await file.close();
    }
    await out.write(bytes);
  }
}
