// The sound of a stretch of the recording: every voice at its place, added up, never clipped hard.
// Promise: a pure function of the packets; decoding begins a little early and what that gives is thrown away, so that joins are silent.
import { AV_CODEC_FLAG2_SKIP_MANUAL, AV_SAMPLE_FMT_FLTP } from "node-av/constants";
import type { Frame } from "node-av/lib";
import type { Stream } from "../align/container.ts";
import { newFrame, openDecoder } from "./decode.ts";
import { newPacket } from "./libav.ts";
import { addLoudness, type Voice } from "./loud.ts";
import { sampleRate } from "./place.ts";
import { sampleAt, taps } from "./resample.ts";
import type { SegmentFile, Sound, SoundList } from "./source.ts";
import { type Hush, hushed, hushesOf, type Stretch } from "./takeover.ts";

/** Left and right, at 48 kHz. */
export type Stereo = [Float32Array, Float32Array];

/** Opus needs 0.25 s of what was before to sound as if decoded from the beginning; 80 ms, as its RFC says, is audible on tones. */
const warmUp = sampleRate * 0.3;
/** Above this the sum is bent towards the ceiling instead of cut off. The ceiling is −1 dB of full scale (EBU R128, true peak), so that what the
 * encoder adds is not cut off either. */
const knee = 0.7;
const ceiling = 0.89;

/** What is told beside the sound: a voice that no decoder takes, and is silent; how loud the others are; and each alone, before any gain. */
export interface Listener {
  silent: (voice: SegmentFile, why: string) => void;
  loud?: (voice: SegmentFile, pieces: Voice[]) => void;
  /** `sound` is good until it returns. */
  alone?: (voice: SegmentFile, sound: Stereo) => void;
  /** Whose it is: of one track only one voice is heard at a time. Absent: everybody's own. */
  trackOf?: (voice: SegmentFile) => string;
  /** How a voice's gain moves; absent: it is heard as it was recorded. */
  gain?: (voice: SegmentFile) => Ramp | null;
}

/** Gains in dB: `fromDb` until `fromSample`, then in a straight line to `toDb` at `toSample`, and on. */
export interface Ramp {
  fromDb: number;
  toDb: number;
  fromSample: number;
  toSample: number;
}

/** Memory that each voice is written to anew. A window's sound is megabytes, and the collector lets several windows' of them pile up. */
class Room {
  #own: Stereo = [new Float32Array(0), new Float32Array(0)];
  #runs: Stereo = [new Float32Array(0), new Float32Array(0)];

  /** Whatever was in it. */
  own(length: number): Stereo {
    this.#own = grown(this.#own, length);
    return part(this.#own, 0, length);
  }

  /** Silent. */
  runs(length: number): Stereo {
    this.#runs = grown(this.#runs, length);
    for (const side of this.#runs) side.fill(0, 0, length);
    return part(this.#runs, 0, length);
  }
}

function grown(sides: Stereo, length: number): Stereo {
  return sides[0].length >= length ? sides : [new Float32Array(length), new Float32Array(length)];
}

function part([left, right]: Stereo, from: number, to: number): Stereo {
  return [left.subarray(from, to), right.subarray(from, to)];
}

const room = new Room();

/** From one sample of the recording to another, negative ones included. */
export function mix(voices: readonly SegmentFile[], from: number, to: number, listener: Listener): Stereo {
  const sum: Stereo = [new Float32Array(to - from), new Float32Array(to - from)];
  const own = room.own(to - from);
  const hushes = hushesIn(voices, listener);
  for (const voice of voices) {
    try {
      const pieces: Voice[] = [];
      for (const side of own) side.fill(0);
      addVoice(voice, from, to, own, pieces);
      for (const side of own) hushed(side, from, hushes.get(voice) ?? []);
      listener.loud?.(voice, pieces);
      listener.alone?.(voice, own);
      addUp(sum, own, listener.gain?.(voice) ?? null, from);
    } catch (error) {
      listener.silent(voice, error instanceof Error ? error.message : String(error));
    }
  }
  for (const side of sum) for (let at = 0; at < side.length; at++) side[at] = bend(side[at]!);
  return sum;
}

function hushesIn(voices: readonly SegmentFile[], { trackOf }: Listener): Map<SegmentFile, Hush[]> {
  const hushes = new Map<SegmentFile, Hush[]>();
  if (!trackOf) return hushes;
  const sounding = voices.filter(({ sounds }) => sounds.length > 0);
  for (const track of new Set(sounding.map(trackOf))) {
    const own = sounding.filter((voice) => trackOf(voice) === track);
    for (const [index, one] of hushesOf(own.map(stretchOf)).entries()) hushes.set(own[index]!, one);
  }
  return hushes;
}

function stretchOf({ sounds }: SegmentFile): Stretch {
  const last = sounds.at(sounds.length - 1);
  return { from: sounds.at(0).start, to: last.start + last.length };
}

function bend(value: number): number {
  const size = Math.abs(value);
  return size <= knee ? value : Math.sign(value) * (knee + (ceiling - knee) * Math.tanh((size - knee) / (ceiling - knee)));
}

function addUp(sum: Stereo, own: Stereo, ramp: Ramp | null, from: number): void {
  if (!ramp) {
    addFrom(0, sum[0].length, sum, own, 1);
    return;
  }
  const { fromDb, toDb, fromSample, toSample } = ramp;
  const length = sum[0].length;
  const within = (sample: number) => Math.max(0, Math.min(length, sample - from));
  const [first, last] = fromDb === toDb ? [0, 0] : [within(fromSample), within(toSample)];
  addFrom(0, first, sum, own, factorOf(fromDb));
  for (let at = first; at < last; at++) {
    const factor = factorOf(fromDb + ((toDb - fromDb) * (from + at - fromSample)) / (toSample - fromSample));
    sum[0][at]! += own[0][at]! * factor;
    sum[1][at]! += own[1][at]! * factor;
  }
  addFrom(last, length, sum, own, factorOf(toDb));
}

function addFrom(first: number, last: number, sum: Stereo, own: Stereo, factor: number): void {
  for (let side = 0; side < 2; side++) {
    const [to, voice] = [sum[side]!, own[side]!];
    for (let at = first; at < last; at++) to[at]! += voice[at]! * factor;
  }
}

function factorOf(db: number): number {
  return 10 ** (db / 20);
}

/** Decoded packets that touch one another. */
interface Run {
  sounds: Sound[];
  /** Where each packet begins in `left`. */
  at: number[];
  left: Float32Array;
  right: Float32Array;
}

function addVoice(voice: SegmentFile, from: number, to: number, sum: Stereo, pieces: Voice[]): void {
  const stream = voice.audio;
  const { sounds } = voice;
  if (!stream || sounds.length === 0) return;
  // Around the edges the interpolation looks a few samples further.
  const margin = Math.ceil((taps * sampleRate) / stream.sampleRate) + 1;
  const first = firstEndingAfter(sounds, from - margin);
  let last = first;
  while (last < sounds.length && sounds.at(last).start < to + margin) last++;
  if (first === last) return;
  for (const run of decodeRuns(voice, stream, first, last, pieces)) place(run, from, to, sum);
}

/** Sound goes forwards except where a recorder's clock was set back; there a window may miss what it covers twice. */
function firstEndingAfter(sounds: SoundList, sample: number): number {
  let low = 0;
  let high = sounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { start, length } = sounds.at(middle);
    if (start + length > sample) high = middle;
    else low = middle + 1;
  }
  return low;
}

function decodeRuns(voice: SegmentFile, stream: Stream, first: number, last: number, pieces: Voice[]): Run[] {
  const { sounds } = voice;
  const decode = stream.codec === "pcm" ? pcmDecoder(stream) : codecDecoder(stream);
  try {
    let early = first;
    const begin = sounds.at(first).start;
    while (early > 0 && begin - sounds.at(early).start < warmUp && !sounds.at(early).packet.afterDamage) early--;
    if (stream.codec !== "pcm") for (let index = early; index < first; index++) decode.take(voice.read(sounds.at(index).packet));
    const runs: { sounds: Sound[]; parts: Stereo[] }[] = [];
    for (let index = first; index < last; index++) {
      const sound = sounds.at(index);
      const part = decode.take(voice.read(sound.packet)) ?? [
        new Float32Array(sound.packet.samples),
        new Float32Array(sound.packet.samples),
      ];
      for (const side of part) side.fill(0, 0, Math.min(sound.skip, side.length));
      addLoudness(pieces, sound.packet.mediaMs, part, stream.sampleRate);
      if (!sound.joined || runs.length === 0) runs.push({ sounds: [], parts: [] });
      const run = runs[runs.length - 1]!;
      run.sounds.push(sound);
      run.parts.push(part);
    }
    return joined(runs);
  } finally {
    decode.close();
  }
}

/** Good until the next voice's. */
function joined(runs: readonly { sounds: Sound[]; parts: Stereo[] }[]): Run[] {
  const lengths = runs.map(({ sounds }) => sounds.reduce((sum, { packet }) => sum + packet.samples, 0));
  const all = room.runs(lengths.reduce((sum, length) => sum + length, 0));
  let from = 0;
  return runs.map(({ sounds, parts }, index) => {
    const [left, right] = part(all, from, from + lengths[index]!);
    from += lengths[index]!;
    let end = 0;
    const at = sounds.map(({ packet: { samples } }, sound) => {
      // A packet whose sound is longer or shorter than it says: cut, or silence.
      const [ownLeft, ownRight] = parts[sound]!;
      left.set(ownLeft.subarray(0, samples), end);
      right.set(ownRight.subarray(0, samples), end);
      end += samples;
      return end - samples;
    });
    return { sounds, at, left, right };
  });
}

function place(run: Run, from: number, to: number, [left, right]: Stereo): void {
  for (const [index, { start, length, packet }] of run.sounds.entries()) {
    const base = run.at[index]!;
    const step = packet.samples / length;
    const begin = Math.max(from, Math.ceil(start));
    const end = Math.min(to, Math.ceil(start + length));
    const exact = step === 1 && Number.isInteger(start);
    for (let sample = begin; sample < end; sample++) {
      const position = base + (sample - start) * step;
      left[sample - from]! += exact ? run.left[position]! : sampleAt(run.left, position, step);
      right[sample - from]! += exact ? run.right[position]! : sampleAt(run.right, position, step);
    }
  }
}

interface SoundDecoder {
  /** Null: it cannot be decoded. */
  take(bytes: Buffer): Stereo | null;
  close(): void;
}

function codecDecoder(stream: Stream): SoundDecoder {
  const context = openDecoder(stream);
  // Pre-skip is taken off here, by place, not by FFmpeg at the start of whatever is decoded first.
  context.setFlags2(AV_CODEC_FLAG2_SKIP_MANUAL);
  const packet = newPacket();
  const frame = newFrame();
  return {
    take(bytes) {
      packet.unref();
      packet.data = bytes;
      packet.pts = 0n;
      if (context.sendPacketSync(packet) < 0 || context.receiveFrameSync(frame) < 0) return null;
      // It would be heard at another pitch, and each packet cut short.
      if (frame.sampleRate !== stream.sampleRate)
        throw new Error(`its sound turned out to have ${frame.sampleRate} samples a second, not ${stream.sampleRate}`);
      const sound = stereoOf(frame);
      frame.unref();
      return sound;
    },
    close() {
      packet.free();
      frame.free();
      context.freeContext();
    },
  };
}

function stereoOf(frame: Frame): Stereo | null {
  const data = frame.data;
  if (frame.format !== AV_SAMPLE_FMT_FLTP || !data?.[0]) return null;
  const side = (plane: Buffer) => new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples).slice();
  const left = side(data[0]);
  // Of one channel both sides are the same one: they are read, and silenced alike.
  return [left, frame.channels > 1 && data[1] ? side(data[1]) : left];
}

function pcmDecoder(stream: Stream): SoundDecoder {
  const format = stream.sampleFormat ?? "s16le";
  const size = { s16le: 2, s24le: 3, s32le: 4, f32le: 4 }[format];
  const read = (bytes: Buffer, at: number): number => {
    if (format === "f32le") return bytes.readFloatLE(at);
    return bytes.readIntLE(at, size) / 2 ** (size * 8 - 1);
  };
  return {
    take(bytes) {
      const count = Math.floor(bytes.length / (size * stream.channels));
      const sides: Stereo = [new Float32Array(count), new Float32Array(count)];
      for (let sample = 0; sample < count; sample++)
        for (const [channel, side] of sides.entries()) {
          const value = read(bytes, (sample * stream.channels + Math.min(channel, stream.channels - 1)) * size);
          side[sample] = Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0;
        }
      return sides;
    },
    close: () => undefined,
  };
}
