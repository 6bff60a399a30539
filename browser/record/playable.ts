// Mends what a recorder leaves out of its WebM, so that every browser plays it and can seek. Pure. MediaRecorder writes the head before it knows how long
// it will be; and Firefox marks no packet of sound as one to begin at, though each is, without which Chromium finds no place at all.
// Element ids and sizes: RFC 9559 and RFC 8794. Promise: no picture and no sound is touched, and what is not understood stays as it is.

const id = {
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  scale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  track: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  simpleBlock: 0xa3,
} as const;
/** Of a track's type. */
const sound = 2;
/** Of a block's flags. */
const keyFlag = 0x80;

interface Element {
  id: number;
  /** Where it begins, where its content does, and where that ends (null: unknown). */
  at: number;
  from: number;
  to: number | null;
}

/** The same file in pieces, laid end to end. `webm` is the caller's no more. */
export function playable(webm: Uint8Array<ArrayBuffer>, durationMs: number): Uint8Array<ArrayBuffer>[] {
  const segment = elementsIn(webm, 0, webm.length).find((one) => one.id === id.segment);
  // Of a known size, it could not grow.
  if (!segment || segment.to !== null) return [webm];
  const heads = elementsIn(webm, segment.from, webm.length);
  const info = heads.find((one) => one.id === id.info);
  // Firefox leaves an empty one; what another points to would be elsewhere.
  if (!info?.to || heads.some((one) => one.id === id.seekHead && one.to !== one.from)) return [webm];
  markSound(webm, heads);
  const children = elementsIn(webm, info.from, info.to);
  const scale = children.find((one) => one.id === id.scale);
  const ticks = (durationMs * 1e6) / (scale?.to ? numberIn(webm.subarray(scale.from, scale.to)) : 1e6);
  const rest = children.filter((one) => one.id !== id.duration).map(({ at, to }) => webm.subarray(at, to ?? at));
  const body = [...rest, durationElement(ticks)];
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return [webm.subarray(0, info.at), headOf(id.info, length), ...body, webm.subarray(info.to)];
}

/** Every packet of sound is one to begin at. `heads`: up to the first cluster, which is of unknown size. */
function markSound(webm: Uint8Array, heads: readonly Element[]): void {
  const tracks = heads.find((one) => one.id === id.tracks);
  const heard = new Set(
    elementsIn(webm, tracks?.from ?? 0, tracks?.to ?? 0).flatMap(({ id: kind, from, to }) => {
      const fields = kind === id.track ? elementsIn(webm, from, to ?? from) : [];
      const of = (wanted: number) => fields.find((one) => one.id === wanted);
      const value = (one: Element | undefined) => (one ? numberIn(webm.subarray(one.from, one.to ?? one.from)) : 0);
      return value(of(id.trackType)) === sound ? [value(of(id.trackNumber))] : [];
    }),
  );
  // Clusters of unknown size have no end: what follows is taken as what it is, a block or the next cluster.
  for (let from = heads.at(-1)?.to === null ? heads.at(-1)!.from : webm.length; from < webm.length; ) {
    const found = elementsIn(webm, from, webm.length);
    // A recorder has few tracks: their numbers are one byte, then follow two of the time and the flags.
    for (const { id: kind, from: block, to } of found)
      if (kind === id.simpleBlock && to !== null && to > block + 3 && heard.has(webm[block]! & 0x7f)) webm[block + 3]! |= keyFlag;
    const last = found.at(-1);
    if (!last || last.to !== null) return;
    from = last.from;
  }
}

/** One after the other, up to one of unknown size, which is the last. */
function elementsIn(bytes: Uint8Array, from: number, to: number): Element[] {
  const found: Element[] = [];
  for (let at = from; at < to; ) {
    const idLength = Math.clz32(bytes[at]!) - 23;
    const sizeAt = at + idLength;
    const sizeLength = Math.clz32(bytes[sizeAt] ?? 0) - 23;
    if (idLength > 4 || sizeLength > 8 || sizeAt + sizeLength > to) return found;
    const size = bytes.subarray(sizeAt, sizeAt + sizeLength);
    const marked = size[0]! & (0xff >> sizeLength);
    const unknown = marked === 0xff >> sizeLength && size.subarray(1).every((byte) => byte === 0xff);
    const start = sizeAt + sizeLength;
    const length = unknown ? null : marked * 256 ** (sizeLength - 1) + numberIn(size.subarray(1));
    const end = length === null ? null : start + length;
    if (end !== null && end > to) return found;
    found.push({ id: numberIn(bytes.subarray(at, sizeAt)), at, from: start, to: end });
    if (end === null) return found;
    at = end;
  }
  return found;
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function durationElement(ticks: number): Uint8Array<ArrayBuffer> {
  const element = new Uint8Array(11);
  element.set([0x44, 0x89, 0x88]);
  new DataView(element.buffer).setFloat64(3, ticks);
  return element;
}

/** With a size of four bytes, which is enough for a head. */
function headOf(element: number, length: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, element);
  view.setUint32(4, 0x10000000 + length);
  return head;
}
