// Sheets of thumbnails, for scrubbing.
// Promise: no picture is decoded here: JPEGs coded with the same tables become one by laying their bytes end to end.
import { thumbnailSize } from "../../protocol/film.ts";

/** Header: up to where the picture's data begin; data: up to the end of the image, which is left out. Null: no JPEG as we write them. */
function split(jpeg: Buffer): { header: Buffer; data: Buffer } | null {
  let at = 2;
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xffd8 || jpeg.readUInt16BE(jpeg.length - 2) !== 0xffd9) return null;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1]!;
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (end > jpeg.length) return null;
    if (marker === 0xda) return { header: jpeg.subarray(0, end), data: jpeg.subarray(end, -2) };
    at = end;
  }
  return null;
}

/** One picture of them all, one below the other; one that is null or different looks as the one before it. Null: there is none.
 * Each begins with a restart marker (ITU-T T.81, E.1.4), so that nothing carries over from the one above. */
export function sheetOf(jpegs: readonly (Buffer | null)[]): Buffer | null {
  const pieces = jpegs.map((jpeg) => jpeg && split(jpeg));
  const first = pieces.find((piece) => piece !== null);
  if (!first) return null;
  let shown = first.data;
  const rows = pieces.map((piece) => {
    if (piece?.header.equals(first.header)) shown = piece.data;
    return shown;
  });
  const parts = rows.flatMap((data, row) => (row === 0 ? [data] : [Buffer.from([0xff, 0xd0 + ((row - 1) % 8)]), data]));
  return Buffer.concat([headerFor(first.header, rows.length), ...parts, Buffer.from([0xff, 0xd9])]);
}

/** The same tables for a picture that many times as high, with a restart after each. */
function headerFor(header: Buffer, rows: number): Buffer {
  const out = Buffer.from(header);
  let at = 2;
  while (out[at + 1] !== 0xda) {
    // Baseline: precision, height, width.
    if (out[at + 1] === 0xc0) out.writeUInt16BE(out.readUInt16BE(at + 5) * rows, at + 5);
    at += 2 + out.readUInt16BE(at + 2);
  }
  const blocks = (thumbnailSize.width / 16) * (thumbnailSize.height / 16);
  const restart = Buffer.from([0xff, 0xdd, 0, 4, blocks >> 8, blocks & 0xff]);
  return Buffer.concat([out.subarray(0, at), restart, out.subarray(at)]);
}
