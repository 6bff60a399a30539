// Reading ISO base media boxes (ISO/IEC 14496-12): headers, children, full-box fields. Promise: nothing here reads past the bytes it was given.

export interface Box {
  type: string;
  body: Buffer;
}

/** The header of a box at some place: "short" when more bytes are needed, "bad" when no box can begin so. `size` counts the header too. */
export function boxAt(bytes: Buffer, at: number): { type: string; size: number; length: number } | "short" | "bad" {
  if (at + 8 > bytes.length) return "short";
  const type = bytes.toString("latin1", at + 4, at + 8);
  if (!/^[A-Za-z0-9 _©-]{4}$/.test(type)) return "bad";
  const size = bytes.readUInt32BE(at);
  if (size !== 1) return size < 8 ? "bad" : { type, size, length: 8 };
  if (at + 16 > bytes.length) return "short";
  const large = bytes.readUInt32BE(at + 8) * 2 ** 32 + bytes.readUInt32BE(at + 12);
  return large < 16 || !Number.isSafeInteger(large) ? "bad" : { type, size: large, length: 16 };
}

/** A fragment with a run for each of its samples has some thousand. */
const mostBoxes = 10_000;

/** The boxes inside a complete body; stops at the first thing that does not fit. */
export function boxesOf(body: Buffer, from = 0): Box[] {
  const boxes: Box[] = [];
  let at = from;
  while (at < body.length && boxes.length < mostBoxes) {
    const header = boxAt(body, at);
    if (typeof header === "string" || at + header.size > body.length) break;
    boxes.push({ type: header.type, body: body.subarray(at + header.length, at + header.size) });
    at += header.size;
  }
  return boxes;
}

/** The body at the end of a path of box types; null when a step is missing. */
export function boxIn(body: Buffer, ...path: string[]): Buffer | null {
  let found: Buffer | null = body;
  for (const type of path) {
    found = boxesOf(found).find((box) => box.type === type)?.body ?? null;
    if (!found) return null;
  }
  return found;
}

/** Reads the fields of one box in order. Throws RangeError past the end: the box is damaged. */
export class Fields {
  #at = 0;
  constructor(readonly body: Buffer) {}
  get left(): number {
    return this.body.length - this.#at;
  }
  skip(count: number): this {
    this.#at += count;
    return this;
  }
  u8(): number {
    return this.body.readUInt8(this.#step(1));
  }
  u16(): number {
    return this.body.readUInt16BE(this.#step(2));
  }
  u32(): number {
    return this.body.readUInt32BE(this.#step(4));
  }
  i32(): number {
    return this.body.readInt32BE(this.#step(4));
  }
  u64(): number {
    return Number(this.body.readBigUInt64BE(this.#step(8)));
  }
  i64(): number {
    return Number(this.body.readBigInt64BE(this.#step(8)));
  }
  /** Version and flags of a full box. */
  full(): { version: number; flags: number } {
    const value = this.u32();
    return { version: value >>> 24, flags: value & 0xffffff };
  }
  #step(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
