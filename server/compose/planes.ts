// Pictures in planes, and the few colours that are the film's own. Pure.
import type { Rect } from "./layout.ts";

/** A picture in planes, as video is stored: luma, then chroma at half the size; 4:2:0, BT.601, limited range. */
export interface Planes {
  width: number;
  height: number;
  /** Bytes per row of each plane. */
  strides: readonly number[];
  planes: readonly Uint8Array[];
}

export interface Colour {
  y: number;
  u: number;
  v: number;
}

export const background = colour(0x14181f);
export const cardGround = colour(0x252c37);
export const cardFigure = colour(0x5a6678);

/** From 0xrrggbb. */
export function colour(rgb: number): Colour {
  const [r, g, b] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255].map((value) => value / 255) as [number, number, number];
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  return {
    y: Math.round(16 + 219 * luma),
    u: Math.round(128 + (224 * (b - luma)) / 1.772),
    v: Math.round(128 + (224 * (r - luma)) / 1.402),
  };
}

/** One colour over a rectangle of even numbers. */
export function fill(picture: Planes, rect: Rect, { y, u, v }: Colour): void {
  for (const [plane, value] of [y, u, v].entries()) {
    const shift = plane === 0 ? 0 : 1;
    const stride = picture.strides[plane]!;
    const bytes = picture.planes[plane]!;
    for (let row = rect.y >> shift; row < (rect.y + rect.height) >> shift; row++)
      bytes.fill(value, row * stride + (rect.x >> shift), row * stride + ((rect.x + rect.width) >> shift));
  }
}
