// One moof box, read into samples: where each is in the segment, when, and whether it is a key frame.
import { boxesOf, Fields } from "./boxes.ts";
import type { Stream } from "./container.ts";
import type { Mp4Track } from "./mp4-streams.ts";
import { earliestMs, latestMs } from "./pace.ts";

export interface Sample {
  stream: Stream;
  mediaMs: number;
  offset: number;
  size: number;
  key: boolean;
}

/** More samples in one fragment are damage: an hour of PCM-sized packets would not fill it. */
const samplesMax = 1_000_000;
const sampleMaxBytes = 16 * 1024 * 1024;

/** In file order; null when the fragment does not fit together. `decodeTicks` carries each stream's next decode time from fragment to fragment. */
export function samplesOf(
  moof: Buffer,
  moofOffset: number,
  tracks: readonly Mp4Track[],
  decodeTicks: Map<number, number>,
): Sample[] | null {
  const samples: Sample[] = [];
  try {
    for (const box of boxesOf(moof)) {
      if (box.type === "traf" && !readTraf(box.body, moofOffset, tracks, decodeTicks, samples)) return null;
    }
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  samples.sort((a, b) => a.offset - b.offset);
  for (let index = 1; index < samples.length; index += 1) {
    const before = samples[index - 1]!;
    if (before.offset + before.size > samples[index]!.offset) return null;
  }
  const first = samples[0];
  return first && first.offset < moofOffset + moof.length ? null : samples;
}

interface Run {
  track: Mp4Track;
  base: number;
  /** Where the next run's data begins when it does not say. */
  next: number;
  ticks: number;
  duration: number;
  size: number;
  flags: number;
}

function readTraf(
  traf: Buffer,
  moofOffset: number,
  tracks: readonly Mp4Track[],
  decodeTicks: Map<number, number>,
  samples: Sample[],
): boolean {
  let run: Run | null = null;
  for (const box of boxesOf(traf)) {
    const fields = new Fields(box.body);
    if (box.type === "tfhd") {
      const { flags } = fields.full();
      const number = fields.u32();
      const track = tracks.find(({ stream }) => stream.number === number);
      if (!track) return false;
      const base = flags & 0x1 ? fields.u64() : moofOffset;
      // Samples of another kind than the stream's first, which is the one that was looked at.
      if (flags & 0x2 && fields.u32() !== 1) return false;
      run = {
        track,
        base,
        next: base,
        ticks: decodeTicks.get(number) ?? 0,
        duration: track.duration,
        size: track.size,
        flags: track.flags,
      };
      if (flags & 0x8) run.duration = fields.u32();
      if (flags & 0x10) run.size = fields.u32();
      if (flags & 0x20) run.flags = fields.u32();
    } else if (box.type === "tfdt" && run) {
      run.ticks = fields.full().version === 1 ? fields.u64() : fields.u32();
    } else if (box.type === "trun") {
      if (!run || !readTrun(fields, run, samples)) return false;
      decodeTicks.set(run.track.stream.number, run.ticks);
    } else if (box.type === "senc") {
      return false;
    }
  }
  return true;
}

function readTrun(fields: Fields, run: Run, samples: Sample[]): boolean {
  const { flags } = fields.full();
  const count = fields.u32();
  if (count + samples.length > samplesMax) return false;
  const { stream, timescale, editMs } = run.track;
  let offset = flags & 0x1 ? run.base + fields.i32() : run.next;
  const firstFlags = flags & 0x4 ? fields.u32() : null;
  for (let index = 0; index < count; index += 1) {
    const duration = flags & 0x100 ? fields.u32() : run.duration;
    const size = flags & 0x200 ? fields.u32() : run.size;
    const own = flags & 0x400 ? fields.u32() : run.flags;
    // Signed also in version 0: what browsers and FFmpeg write, and small either way.
    const shift = flags & 0x800 ? fields.i32() : 0;
    if (size > sampleMaxBytes || !Number.isSafeInteger(offset) || offset < 0) return false;
    const key = ((index === 0 && firstFlags !== null ? firstFlags : own) & 0x10000) === 0;
    const mediaMs = ((run.ticks + shift) / timescale) * 1000 + editMs;
    if (!(mediaMs >= earliestMs && mediaMs <= latestMs)) return false;
    if (size > 0) samples.push({ stream, mediaMs, offset, size, key });
    run.ticks += duration;
    offset += size;
  }
  run.next = offset;
  return true;
}
