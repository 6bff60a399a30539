// Reading EBML (RFC 8794): identifiers, sizes, numbers, children. Promise: nothing here reads past the bytes it was given.

/** A header at some place: "short" when more bytes are needed to tell, "bad" when no EBML element can begin so. */
export type Header = { id: number /** -1: unknown */; size: number; length: number } | "short" | "bad";

export function headerAt(bytes: Uint8Array, at: number): Header {
  const first = bytes[at];
  if (first === undefined) return "short";
  const idLength = first >= 0x80 ? 1 : first >= 0x40 ? 2 : first >= 0x20 ? 3 : first >= 0x10 ? 4 : 0;
  if (idLength === 0) return "bad";
  const sizeFirst = bytes[at + idLength];
  if (sizeFirst === undefined) return "short";
  if (sizeFirst === 0) return "bad";
  const sizeLength = Math.clz32(sizeFirst) - 23;
  const length = idLength + sizeLength;
  if (at + length > bytes.length) return "short";
  let id = first;
  for (let index = 1; index < idLength; index += 1) id = id * 256 + bytes[at + index]!;
  return { id, size: sizeAt(bytes, at + idLength, sizeLength), length };
}

/** A variable-length number with its marker bit taken off; -1 when all its bits are set ("unknown"). */
export function sizeAt(bytes: Uint8Array, at: number, length: number): number {
  const mask = (1 << (8 - length)) - 1;
  let value = bytes[at]! & mask;
  let allSet = value === mask;
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index]!;
    value = value * 256 + byte;
    if (byte !== 255) allSet = false;
  }
  return allSet ? -1 : value;
}

export function uintOf(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

export function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return view.getFloat32(0);
  return bytes.length === 8 ? view.getFloat64(0) : 0;
}

export interface Element {
  id: number;
  body: Uint8Array;
  /** Where the body begins in its parent's body. */
  at: number;
}

/** No element of a recorder has more; each costs some memory, and millions fit into a few megabytes. */
const mostChildren = 1000;

/** The children of a complete element; stops at the first thing that does not fit. */
export function childrenOf(body: Uint8Array): Element[] {
  const children: Element[] = [];
  let at = 0;
  while (at < body.length && children.length < mostChildren) {
    const header = headerAt(body, at);
    if (typeof header === "string" || header.size < 0) break;
    const start = at + header.length;
    const end = start + header.size;
    if (end > body.length) break;
    children.push({ id: header.id, body: body.subarray(start, end), at: start });
    at = end;
  }
  return children;
}
