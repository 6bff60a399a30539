// Where a picture stands inside its tile, and how large it is once it stands upright. Pure.
import type { Stream } from "../align/container.ts";
import { even, type Rect } from "./layout.ts";

export interface Size {
  width: number;
  height: number;
}

/** How a stream's pictures lie. */
export type Orientation = Pick<Stream, "turned" | "mirrored">;

/** As large as a picture is when it stands upright. */
export function uprightSize({ width, height }: Size, { turned }: Orientation): Size {
  return turned % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** The rectangle of a picture inside its tile: its shape kept, centred. */
export function fitted(width: number, height: number, tile: Rect): Rect {
  const scale = Math.min(tile.width / width, tile.height / height);
  // Within four pixels of the tile it fills it: a thin line of background would look like a fault.
  const inside = (side: number, most: number) => (most - side * scale <= 4 ? most : Math.max(2, even(side * scale)));
  const size = { width: inside(width, tile.width), height: inside(height, tile.height) };
  return { x: tile.x + even((tile.width - size.width) / 2), y: tile.y + even((tile.height - size.height) / 2), ...size };
}
