// Ink on a picture: names made to fit, and any shape of colour blended over planes. Pure.
// Promise: the same ink gives the same pixels, and nothing outside its rectangle is touched.
import type { Ink } from "../../protocol/plate.ts";
import { even, type Rect } from "./layout.ts";
import type { Colour, Planes } from "./planes.ts";

/** Plates are drawn with letters of this size, in pixels of their own. */
export const plateLetters = 44;

/** The ink with letters of so many pixels, made smaller by the mean of what each pixel covers. At most `most` wide: what is longer fades out. */
export function sized(ink: Ink, letters: number, most: number): Ink {
  const scale = Math.min(1, letters / plateLetters);
  const height = Math.max(2, even(ink.height * scale + 1));
  const natural = Math.max(2, even(ink.width * scale + 1));
  const width = Math.min(natural, Math.max(2, even(most)));
  const out = new Uint8Array(width * height);
  const [stepX, stepY] = [ink.width / natural, ink.height / height];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) out[y * width + x] = Math.round(meanOf(ink, x * stepX, y * stepY, stepX, stepY));
  if (width < natural) fadeOut(out, width, height, Math.min(width, letters * 2));
  return { width, height, ink: out };
}

function meanOf({ width, height, ink }: Ink, left: number, top: number, across: number, down: number): number {
  let sum = 0;
  let area = 0;
  for (let y = Math.floor(top); y < Math.min(height, top + down); y++) {
    const high = Math.min(y + 1, top + down) - Math.max(y, top);
    for (let x = Math.floor(left); x < Math.min(width, left + across); x++) {
      const share = high * (Math.min(x + 1, left + across) - Math.max(x, left));
      sum += share * ink[y * width + x]!;
      area += share;
    }
  }
  return area > 0 ? sum / area : 0;
}

function fadeOut(ink: Uint8Array, width: number, height: number, over: number): void {
  for (let y = 0; y < height; y++)
    for (let x = Math.ceil(width - over); x < width; x++) ink[y * width + x]! *= Math.max(0, (width - 1 - x) / over);
}

/** How much of each pixel of a rectangle is covered, 0–255; position and size even. */
export interface Cover extends Rect {
  cover: Uint8Array;
}

export function coverOf(rect: Rect, covers: (x: number, y: number) => number): Cover {
  const cover = new Uint8Array(rect.width * rect.height);
  for (let y = 0; y < rect.height; y++)
    for (let x = 0; x < rect.width; x++)
      cover[y * rect.width + x] = Math.round(255 * Math.max(0, Math.min(1, covers(rect.x + x + 0.5, rect.y + y + 0.5))));
  return { ...rect, cover };
}

/** One colour, as strongly as each pixel is covered. */
export function blend(target: Planes, { x, y, width, height, cover }: Cover, { y: luma, u, v }: Colour): void {
  const [bright, one, other] = target.planes as [Uint8Array, Uint8Array, Uint8Array];
  const stride = target.strides[0]!;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const share = cover[row * width + column]!;
      if (share > 0) mixIn(bright, (y + row) * stride + x + column, luma, share);
    }
  const half = width >> 1;
  for (let row = 0; row < height >> 1; row++)
    for (let column = 0; column < half; column++) {
      const at = row * 2 * width + column * 2;
      const share = (cover[at]! + cover[at + 1]! + cover[at + width]! + cover[at + width + 1]!) >> 2;
      if (share === 0) continue;
      mixIn(one, ((y >> 1) + row) * target.strides[1]! + (x >> 1) + column, u, share);
      mixIn(other, ((y >> 1) + row) * target.strides[2]! + (x >> 1) + column, v, share);
    }
}

function mixIn(plane: Uint8Array, at: number, value: number, share: number): void {
  plane[at] = (plane[at]! * (255 - share) + value * share + 127) / 255;
}

/** The ink at a place, even. */
export function coverAt({ width, height, ink }: Ink, x: number, y: number): Cover {
  return { x, y, width, height, cover: ink };
}
