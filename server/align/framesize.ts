// How large a picture says that it is, read from its own first bytes: what the container says binds no decoder.
// Promise: reads a few bytes of the frame it is given and nothing past them; what cannot be read has no size, and is left to the decoder's own limit.
import type { Stream } from "./container.ts";

/** Larger pictures are refused before any decoder sees them. */
export const maxSide = 4096;

export interface Size {
  width: number;
  height: number;
}

/** Null: this frame says nothing about a size (it builds on the ones before), or nothing that can be read. */
export function frameSize(stream: Pick<Stream, "codec" | "lengthPrefixed" | "extra">, frame: Uint8Array): Size | null {
  try {
    if (stream.codec === "vp8") return vp8Size(frame);
    if (stream.codec === "vp9") return vp9Size(frame);
    if (stream.codec === "av1") return av1Size(frame);
    if (stream.codec === "h264")
      return stream.lengthPrefixed ? spsOf(prefixed(frame, ((stream.extra?.[4] ?? 3) & 3) + 1)) : spsOf(annexB(frame));
  } catch (error) {
    if (!(error instanceof Short)) throw error;
  }
  return null;
}

/** What a stream's configuration says of its pictures. */
export function configuredSize({ codec, extra, lengthPrefixed }: Pick<Stream, "codec" | "lengthPrefixed" | "extra">): Size | null {
  if (!extra) return null;
  try {
    // av1C: four bytes, then the sequence header.
    if (codec === "av1") return av1Size(extra.subarray(4));
    if (codec === "h264") return lengthPrefixed ? spsOf(configured(extra)) : spsOf(annexB(extra));
  } catch (error) {
    if (!(error instanceof Short)) throw error;
  }
  return null;
}

export const tooLarge = (size: Size | null) => size !== null && (size.width > maxSide || size.height > maxSide);

/** More bits were asked for than there are. */
class Short extends Error {}

class Bits {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      const byte = this.bytes[this.#at >> 3];
      if (byte === undefined) throw new Short();
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }
  /** Exponential Golomb (ISO/IEC 14496-10, 9.1); AV1 calls the same uvlc. */
  golomb(): number {
    let zeros = 0;
    while (this.read(1) === 0) if (++zeros > 32) throw new Short();
    return 2 ** zeros - 1 + this.read(zeros);
  }
}

/** RFC 6386, 9.1: a key frame's tag is followed by 9d 01 2a, then two times fourteen bits. */
function vp8Size(frame: Uint8Array): Size | null {
  if (frame.length < 10 || frame[0]! & 1 || frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return null;
  return { width: frame[6]! | ((frame[7]! & 63) << 8), height: frame[8]! | ((frame[9]! & 63) << 8) };
}

/** VP9 bitstream specification, 6.2 and 6.2.2: the uncompressed header up to the size. */
function vp9Size(frame: Uint8Array): Size | null {
  const bits = new Bits(frame);
  if (bits.read(2) !== 2) return null;
  const profile = bits.read(1) + bits.read(1) * 2;
  if (profile === 3) bits.read(1);
  if (bits.read(1) === 1 || bits.read(1) === 1) return null;
  bits.read(2);
  if (bits.read(24) !== 0x498342) return null;
  if (profile >= 2) bits.read(1);
  const rgb = bits.read(3) === 7;
  if (!rgb) bits.read(1);
  if (profile === 1 || profile === 3) bits.read(rgb ? 1 : 3);
  return { width: bits.read(16) + 1, height: bits.read(16) + 1 };
}

/** AV1 bitstream specification, 5.3 to 5.5: the first sequence header among the OBUs. */
function av1Size(frame: Uint8Array): Size | null {
  for (let at = 0; at < frame.length; ) {
    const head = frame[at]!;
    at += head & 4 ? 2 : 1;
    let size = frame.length - at;
    if (head & 2) {
      size = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        const byte = frame[at++];
        if (byte === undefined) return null;
        size += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
    }
    if (((head >> 3) & 15) === 1) return sequenceSize(new Bits(frame.subarray(at, at + size)));
    at += size;
  }
  return null;
}

function sequenceSize(bits: Bits): Size {
  bits.read(4);
  if (bits.read(1) === 1) bits.read(5);
  else operatingPoints(bits);
  const [width, height] = [bits.read(4) + 1, bits.read(4) + 1];
  return { width: bits.read(width) + 1, height: bits.read(height) + 1 };
}

function operatingPoints(bits: Bits): void {
  let delayBits = 0;
  if (bits.read(1) === 1) {
    bits.read(64);
    if (bits.read(1) === 1) bits.golomb();
    if (bits.read(1) === 1) {
      delayBits = bits.read(5) + 1;
      bits.read(42);
    }
  }
  const displayDelay = bits.read(1) === 1;
  for (let left = bits.read(5) + 1; left > 0; left -= 1) {
    bits.read(12);
    if (bits.read(5) > 7) bits.read(1);
    if (delayBits > 0 && bits.read(1) === 1) bits.read(2 * delayBits + 1);
    if (displayDelay && bits.read(1) === 1) bits.read(4);
  }
}

/** The first sequence parameter set among NAL units: ISO/IEC 14496-10, 7.3.2.1.1. */
function spsOf(units: Iterable<Uint8Array>): Size | null {
  for (const unit of units) if ((unit[0]! & 31) === 7) return spsSize(new Bits(unescaped(unit.subarray(1, 400))));
  return null;
}

const withChroma = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);

function spsSize(bits: Bits): Size {
  const profile = bits.read(8);
  bits.read(16);
  bits.golomb();
  if (withChroma.has(profile)) {
    const chroma = bits.golomb();
    if (chroma === 3) bits.read(1);
    bits.golomb();
    bits.golomb();
    bits.read(1);
    const lists = bits.read(1) === 0 ? 0 : chroma === 3 ? 12 : 8;
    for (let list = 0; list < lists; list += 1) {
      const own = bits.read(1) === 1;
      if (own) passScaling(bits, list);
    }
  }
  bits.golomb();
  const order = bits.golomb();
  if (order === 0) bits.golomb();
  else if (order === 1) {
    bits.read(1);
    bits.golomb();
    bits.golomb();
    for (let left = Math.min(bits.golomb(), 256); left > 0; left -= 1) bits.golomb();
  }
  bits.golomb();
  bits.read(1);
  const [width, height] = [(bits.golomb() + 1) * 16, (bits.golomb() + 1) * 16];
  return { width, height: bits.read(1) === 1 ? height : height * 2 };
}

function passScaling(bits: Bits, list: number): void {
  let [last, next] = [8, 8];
  for (let left = list < 6 ? 16 : 64; left > 0; left -= 1) {
    if (next !== 0) {
      const code = bits.golomb();
      next = (last + (code & 1 ? (code + 1) / 2 : -code / 2) + 256) % 256;
    }
    if (next !== 0) last = next;
  }
}

/** Without the bytes that keep start codes from appearing (7.4.1). */
function unescaped(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 3 || bytes[at - 1] !== 0 || bytes[at - 2] !== 0) out.push(bytes[at]!);
  return Uint8Array.from(out);
}

/** Parameter sets come first; a frame of many slices is not read to its end. */
const mostUnits = 32;

function* annexB(bytes: Uint8Array): Generator<Uint8Array> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = Buffer.from([0, 0, 1]);
  let found = 0;
  for (let at = view.indexOf(mark); at >= 0 && at + 3 < view.length && found < mostUnits; at = view.indexOf(mark, at + 3)) {
    found += 1;
    yield bytes.subarray(at + 3);
  }
}

function* prefixed(bytes: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  let found = 0;
  for (let at = 0; at + lengthBytes < bytes.length && found < mostUnits; found += 1) {
    let size = 0;
    for (let index = 0; index < lengthBytes; index += 1) size = size * 256 + bytes[at + index]!;
    at += lengthBytes;
    if (size > 0) yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** avcC: five bytes, the number of sequence parameter sets, then each with its length. */
function* configured(extra: Uint8Array): Generator<Uint8Array> {
  let at = 6;
  for (let left = (extra[5] ?? 0) & 31; left > 0 && at + 2 < extra.length; left -= 1) {
    const size = extra[at]! * 256 + extra[at + 1]!;
    if (size > 0) yield extra.subarray(at + 2, at + 2 + size);
    at += 2 + size;
  }
}
