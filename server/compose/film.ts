// The one file: a header (ftyp, moov, start of mdat) for a progressive MP4 whose body is the window files, verbatim and in order.
// Promise: nothing is copied or encoded again; header and windows, one after the other, are a seekable film that starts at once.
import { box, boxesIn, fullBox, table, text, u32, u64 } from "./box.ts";
import { audioFrame, audioTrack, type Edit, type FilmFormat, initSegment, movieHeader, tickUnits, videoScale, videoTrack } from "./mp4.ts";

/** What the header must know of a window: sizes, and where in its file the samples begin. */
export interface WindowIndex {
  bytes: number;
  video: { at: number; sizes: number[]; keys: boolean[]; delays: number[] };
  audio: { at: number; sizes: number[] };
}

/** Reads our own segment's moof; `head` need not hold more than that. */
export function indexOf(head: Buffer, bytes: number): WindowIndex {
  const index: WindowIndex = { bytes, video: { at: 0, sizes: [], keys: [], delays: [] }, audio: { at: 0, sizes: [] } };
  for (const moof of boxesIn(head, 0, head.length)) {
    if (moof.type !== "moof") break;
    for (const traf of boxesIn(head, moof.start, moof.end)) if (traf.type === "traf") readTraf(head, traf.start, traf.end, index);
  }
  if (index.video.at === 0 || index.video.sizes.length === 0) throw new Error("a window without a readable moof");
  return index;
}

function readTraf(head: Buffer, start: number, end: number, index: WindowIndex): void {
  const inside = [...boxesIn(head, start, end)];
  const tfhd = inside.find((found) => found.type === "tfhd");
  const trun = inside.find((found) => found.type === "trun");
  if (!tfhd || !trun) throw new Error("a window without tfhd or trun");
  const video = head.readUInt32BE(tfhd.start + 4) === 1;
  const count = head.readUInt32BE(trun.start + 4);
  (video ? index.video : index.audio).at = head.readUInt32BE(trun.start + 8);
  let at = trun.start + 12;
  for (let sample = 0; sample < count; sample++, at += video ? 16 : 8) {
    const size = head.readUInt32BE(at + 4);
    if (!video) {
      index.audio.sizes.push(size);
      continue;
    }
    index.video.sizes.push(size);
    index.video.keys.push((head.readUInt32BE(at + 8) & 0x10000) === 0);
    index.video.delays.push(head.readUInt32BE(at + 12) / tickUnits);
  }
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
  const tables = tablesOf(windows);
  const build = (large: boolean): Buffer => {
    const length = ftyp.length + moovOf(format, windows, tables, 0, large, edits).length + mdat.length;
    return Buffer.concat([ftyp, moovOf(format, windows, tables, length, large, edits), mdat]);
  };
  const head = build(false);
  return head.length + body > 0xffffffff ? build(true) : head;
}

/** All that does not depend on where the body begins; of eight hours two million numbers, written once. */
interface Tables {
  videoDuration: number;
  audioDuration: number;
  video: Buffer[];
  audio: Buffer[];
}

function tablesOf(windows: readonly WindowIndex[]): Tables {
  const videoSizes = written(windows.map(({ video }) => video.sizes));
  const audioSizes = written(windows.map(({ audio }) => audio.sizes));
  const [videoCount, audioCount] = [videoSizes.length / 4, audioSizes.length / 4];
  const keys: number[] = [];
  let before = 0;
  for (const { video } of windows) {
    for (const [index, key] of video.keys.entries()) if (key) keys.push(before + index + 1);
    before += video.keys.length;
  }
  return {
    videoDuration: videoCount * tickUnits,
    audioDuration: audioCount * audioFrame,
    video: [
      fullBox("stts", 0, 0, u32(1, videoCount, tickUnits)),
      fullBox("ctts", 0, 0, delayRuns(windows)),
      fullBox("stss", 0, 0, u32(keys.length), table(keys)),
      chunkRuns(windows.map((window) => window.video.sizes.length)),
      fullBox("stsz", 0, 0, u32(0, videoCount), videoSizes),
    ],
    audio: [
      fullBox("stts", 0, 0, u32(1, audioCount, audioFrame)),
      chunkRuns(windows.map((window) => window.audio.sizes.length)),
      fullBox("stsz", 0, 0, u32(0, audioCount), audioSizes),
    ],
  };
}

/** All numbers of all lists, one after the other. */
function written(lists: readonly (readonly number[])[]): Buffer {
  const out = Buffer.allocUnsafe(lists.reduce((sum, list) => sum + list.length, 0) * 4);
  let at = 0;
  for (const list of lists) for (const value of list) at = out.writeUInt32BE(value, at);
  return out;
}

function moovOf(
  format: FilmFormat,
  windows: readonly WindowIndex[],
  tables: Tables,
  base: number,
  large: boolean,
  edits: Edits | undefined,
): Buffer {
  const offsets = (at: readonly number[]) => {
    let position = base;
    const out = windows.map((window, index) => {
      const offset = position + at[index]!;
      position += window.bytes;
      return offset;
    });
    return large ? fullBox("co64", 0, 0, u32(out.length), u64(...out)) : fullBox("stco", 0, 0, u32(out.length), table(out));
  };
  const { videoDuration, audioDuration } = tables;
  return box(
    "moov",
    movieHeader(edits?.video.durationMs ?? Math.round((videoDuration * 1000) / videoScale)),
    videoTrack(format, videoDuration, [...tables.video, offsets(windows.map((window) => window.video.at))], edits?.video),
    audioTrack(format, audioDuration, [...tables.audio, offsets(windows.map((window) => window.audio.at))], edits?.audio),
  );
}

/** Run-length coded: how many rows, then how many samples with which delay. */
function delayRuns(windows: readonly WindowIndex[]): Buffer {
  const out = Buffer.allocUnsafe(4 + windows.reduce((sum, { video }) => sum + video.delays.length, 0) * 8);
  let [at, count, current] = [4, 0, -1];
  const close = () => {
    if (count > 0) at = out.writeUInt32BE(current * tickUnits, out.writeUInt32BE(count, at));
  };
  for (const { video } of windows)
    for (const delay of video.delays) {
      if (delay !== current) {
        close();
        [count, current] = [0, delay];
      }
      count += 1;
    }
  close();
  out.writeUInt32BE((at - 4) / 8, 0);
  return out.subarray(0, at);
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
