// ISO base media boxes, the few bytes that all of ours are made of (ISO/IEC 14496-12). Big-endian.

export function u8(...values: number[]): Buffer {
  return Buffer.from(values);
}

export function u16(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 2);
  for (const [index, value] of values.entries()) out.writeUInt16BE(value, index * 2);
  return out;
}

export function u32(...values: number[]): Buffer {
  return table(values);
}

/** Many numbers: not spread over a call's arguments, of which there is a limit. */
export function table(values: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  for (let index = 0; index < values.length; index++) out.writeUInt32BE(values[index]! >>> 0, index * 4);
  return out;
}

export function u64(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 8);
  for (const [index, value] of values.entries()) out.writeBigUInt64BE(BigInt(value), index * 8);
  return out;
}

export function text(value: string): Buffer {
  return Buffer.from(value, "latin1");
}

export function box(type: string, ...parts: Uint8Array[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(bytes), text(type), ...parts], bytes);
}

/** A box as the pieces it consists of: what holds millions of numbers is copied once, at the end. */
export function boxInPieces(type: string, ...parts: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const pieces = parts.flat();
  return [Buffer.concat([u32(pieces.reduce((sum, piece) => sum + piece.length, 8)), text(type)]), ...pieces];
}

export function fullBox(type: string, version: number, flags: number, ...parts: Uint8Array[]): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...parts);
}

export interface Found {
  type: string;
  /** Of the content. */
  start: number;
  end: number;
}

/** The boxes between two positions. Stops at the first one that does not fit. */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Found> {
  let at = from;
  while (at + 8 <= to) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > to) return;
    yield { type: bytes.toString("latin1", at + 4, at + 8), start: at + 8, end: at + size };
    at += size;
  }
}
