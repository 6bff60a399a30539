// The one file: a header (ftyp, moov, start of mdat) for a progressive MP4 whose body is the window files, verbatim and in order.
// Promise: nothing is copied or encoded again; header and windows, one after the other, are a seekable film that starts at once.
import { endianness } from "node:os";
import { box, boxesIn, boxInPieces, fullBox, table, text, u32, u64 } from "./box.ts";
import { audioFrame, audioTrack, type Edit, type FilmFormat, initSegment, movieHeader, tickUnits, videoScale, videoTrack } from "./mp4.ts";

/** What the header must know of a window: sizes, and where in its file the samples begin. Kept for thousands of windows, so in as few bytes as it takes.
 * `delays`: pictures from a picture's turn to be decoded until it is shown. */
export interface WindowIndex {
  bytes: number;
  video: { at: number; sizes: Uint32Array; keys: Uint8Array; delays: Uint8Array };
  audio: { at: number; sizes: Uint32Array };
}

/** Reads our own segment's moof; `head` need not hold more than that. */
export function indexOf(head: Buffer, bytes: number): WindowIndex {
  const runs = new Map<number, { trun: number; count: number; at: number }>();
  for (const moof of boxesIn(head, 0, head.length)) {
    if (moof.type !== "moof") break;
    for (const traf of boxesIn(head, moof.start, moof.end)) {
      if (traf.type !== "traf") continue;
      const inside = [...boxesIn(head, traf.start, traf.end)];
      const [tfhd, trun] = ["tfhd", "trun"].map((type) => inside.find((found) => found.type === type)?.start);
      if (tfhd === undefined || trun === undefined) throw new Error("a window without tfhd or trun");
      runs.set(head.readUInt32BE(tfhd + 4), { trun: trun + 12, count: head.readUInt32BE(trun + 4), at: head.readUInt32BE(trun + 8) });
    }
  }
  const [video, audio] = [runs.get(1), runs.get(2)];
  if (!video?.count) throw new Error("a window without a readable moof");
  const sounds = audio?.count ?? 0;
  // One piece of memory for all four.
  const memory = new ArrayBuffer((video.count + sounds) * 4 + video.count * 2);
  const index: WindowIndex = {
    bytes,
    video: {
      at: video.at,
      sizes: new Uint32Array(memory, 0, video.count),
      keys: new Uint8Array(memory, (video.count + sounds) * 4, video.count),
      delays: new Uint8Array(memory, (video.count + sounds) * 4 + video.count, video.count),
    },
    audio: { at: audio?.at ?? 0, sizes: new Uint32Array(memory, video.count * 4, sounds) },
  };
  for (let sample = 0; sample < video.count; sample++) {
    const at = video.trun + sample * 16;
    index.video.sizes[sample] = head.readUInt32BE(at + 4);
    index.video.keys[sample] = (head.readUInt32BE(at + 8) & 0x10000) === 0 ? 1 : 0;
    index.video.delays[sample] = head.readUInt32BE(at + 12) / tickUnits;
  }
  for (let sample = 0; sample < sounds; sample++) index.audio.sizes[sample] = head.readUInt32BE(audio!.trun + sample * 8 + 4);
  return index;
}

/** What of the pictures and of the sound is shown. */
export interface Edits {
  video: Edit;
  audio: Edit;
}

/** The windows in order, all of one format. Past 4 GB the positions are written as 64 bits. `edits`: else everything is shown. */
export function filmHead(format: FilmFormat, windows: readonly WindowIndex[], edits?: Edits): Buffer {
  const ftyp = box("ftyp", text("isom"), u32(0x200), text("isomiso2avc1mp41"));
  const body = windows.reduce((sum, window) => sum + window.bytes, 0);
  // The large form of the size is always used, so that the header's length does not depend on the body's.
  const mdat = Buffer.concat([u32(1), text("mdat"), u64(body + 16)]);
  // Past 4 GB, header included, as far as that can be told before there is one.
  const large = body > 0xffffffff - mostHeadBytes(windows);
  const [moov, place] = moovOf(format, windows, large, edits);
  place(ftyp.length + moov.reduce((sum, piece) => sum + piece.length, 0) + mdat.length);
  return Buffer.concat([ftyp, ...moov, mdat]);
}

/** Twenty bytes a sample are more than all tables take. */
function mostHeadBytes(windows: readonly WindowIndex[]): number {
  return windows.reduce((sum, { video, audio }) => sum + (video.sizes.length + audio.sizes.length) * 20, 4096);
}

/** With positions still to be filled in: by `place`, once it is known where the body begins. */
function moovOf(
  format: FilmFormat,
  windows: readonly WindowIndex[],
  large: boolean,
  edits: Edits | undefined,
): [moov: Uint8Array[], place: (base: number) => void] {
  const videoSizes = written(windows.map(({ video }) => video.sizes));
  const audioSizes = written(windows.map(({ audio }) => audio.sizes));
  const [videoCount, audioCount] = [videoSizes.length / 4, audioSizes.length / 4];
  const keys: number[] = [];
  let before = 0;
  for (const { video } of windows) {
    for (let index = 0; index < video.keys.length; index++) if (video.keys[index]) keys.push(before + index + 1);
    before += video.keys.length;
  }
  const offsets = () => fullBox(large ? "co64" : "stco", 0, 0, u32(windows.length), Buffer.alloc(windows.length * (large ? 8 : 4)));
  const [videoOffsets, audioOffsets] = [offsets(), offsets()];
  const video = [
    fullBox("stts", 0, 0, u32(1, videoCount, tickUnits)),
    ...longBox("ctts", delayRuns(windows)),
    fullBox("stss", 0, 0, u32(keys.length), table(keys)),
    chunkRuns(windows.map((window) => window.video.sizes.length)),
    ...longBox("stsz", u32(0, videoCount), videoSizes),
    videoOffsets,
  ];
  const audio = [
    fullBox("stts", 0, 0, u32(1, audioCount, audioFrame)),
    chunkRuns(windows.map((window) => window.audio.sizes.length)),
    ...longBox("stsz", u32(0, audioCount), audioSizes),
    audioOffsets,
  ];
  const videoDuration = videoCount * tickUnits;
  const moov = boxInPieces(
    "moov",
    [movieHeader(edits?.video.durationMs ?? Math.round((videoDuration * 1000) / videoScale))],
    videoTrack(format, videoDuration, video, edits?.video),
    audioTrack(format, audioCount * audioFrame, audio, edits?.audio),
  );
  const place = (base: number) => {
    // After size, type, version and how many there are.
    for (const [box, of] of [
      [videoOffsets, (window: WindowIndex) => window.video.at] as const,
      [audioOffsets, (window: WindowIndex) => window.audio.at] as const,
    ]) {
      let [position, at] = [base, 16];
      for (const window of windows) {
        at = large ? box.writeBigUInt64BE(BigInt(position + of(window)), at) : box.writeUInt32BE(position + of(window), at);
        position += window.bytes;
      }
    }
  };
  return [moov, place];
}

/** A full box of megabytes, version 0. */
function longBox(type: string, ...parts: Uint8Array[]): Uint8Array[] {
  return boxInPieces(type, [u32(0), ...parts]);
}

/** All numbers of all lists, one after the other, as boxes have them. */
export function written(lists: readonly Uint32Array[]): Buffer {
  const out = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return bigEndian(out);
}

/** In place: a film of eight hours has millions of numbers, and somebody waits for them. */
function bigEndian(numbers: Uint32Array): Buffer {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return endianness() === "LE" ? bytes.swap32() : bytes;
}

/** Run-length coded: how many rows, then how many samples with which delay. */
function delayRuns(windows: readonly WindowIndex[]): Buffer {
  const out = new Uint32Array(1 + windows.reduce((sum, { video }) => sum + video.delays.length, 0) * 2);
  let [at, count, current] = [1, 0, -1];
  for (const { video } of windows)
    for (let index = 0; index < video.delays.length; index++) {
      const delay = video.delays[index]!;
      if (delay !== current && count > 0) {
        out[at++] = count;
        out[at++] = current * tickUnits;
        count = 0;
      }
      current = delay;
      count += 1;
    }
  if (count > 0) {
    out[at++] = count;
    out[at++] = current * tickUnits;
  }
  out[0] = (at - 1) / 2;
  return bigEndian(out.subarray(0, at));
}

/** Samples per chunk, where a chunk is a window; a row where it changes. */
export function chunkRuns(counts: readonly number[]): Buffer {
  const rows: number[] = [];
  for (const [index, count] of counts.entries()) if (count !== counts[index - 1]) rows.push(index + 1, count, 1);
  return fullBox("stsc", 0, 0, u32(rows.length / 3), table(rows));
}

/** The format, read back from an init segment of ours. */
export function formatOf(init: Buffer): FilmFormat {
  const avc = locate(init, "avcC");
  const entry = locate(init, "avc1");
  const esds = locate(init, "esds");
  // Tag 5, its length in the last of four bytes: see `descriptor` in mp4.ts.
  const tag = init.indexOf(Buffer.from([5, 0x80, 0x80, 0x80]), esds.start);
  const length = init[tag + 4];
  if (tag < 0 || tag > esds.end || length === undefined) throw new Error("an init segment without sound");
  const format = {
    canvas: { width: init.readUInt16BE(entry.start + 24), height: init.readUInt16BE(entry.start + 26) },
    avcC: init.subarray(avc.start, avc.end),
    audioConfig: init.subarray(tag + 5, tag + 5 + length),
  };
  if (!initSegment(format).equals(init)) throw new Error("an init segment that is not ours");
  return format;
}

function locate(init: Buffer, type: string): { start: number; end: number } {
  // After the brands, which have names of the same kind.
  const at = init.indexOf(type, init.indexOf("moov", 0, "latin1"), "latin1");
  if (at < 4) throw new Error(`an init segment without ${type}`);
  return { start: at + 4, end: at - 4 + init.readUInt32BE(at - 4) };
}
