// The tile of somebody without a picture: a head in a disc, their name below it, a ring that moves with the voice; or, where there is nothing at
// all, the reason in short words. Drawn in code. Pure.
import type { Ink } from "../../protocol/plate.ts";
import { blend, coverAt, coverOf, sized } from "./ink.ts";
import { even, type Rect } from "./layout.ts";
import { cardFigure, cardGround, colour, fill, type Planes } from "./planes.ts";

/** How loud: 0 (silent) to this. */
export const ringSteps = 6;

const disc = colour(0x333d4c);
const ringColour = colour(0x7fb0ee);
const nameInk = colour(0xf0f2f5);
const whyInk = colour(0xa9b3c1);

export interface NameTile {
  width: number;
  height: number;
  /** Null: names are not drawn. */
  name: Ink | null;
  why: Ink | null;
  ring: number;
}

export function nameTileOf({ width, height, name, why, ring }: NameTile): Planes {
  const tile: Planes = {
    width,
    height,
    strides: [width, width / 2, width / 2],
    planes: [new Uint8Array(width * height), new Uint8Array((width * height) / 4), new Uint8Array((width * height) / 4)],
  };
  fill(tile, { x: 0, y: 0, width, height }, cardGround);
  const side = Math.min(height, (width * 9) / 16);
  const written = name !== null || why !== null;
  const [x, y, radius] = [width / 2, height / 2 - (written ? side * 0.1 : 0), side * 0.19];
  const around = box(x, y, radius * 1.5, width, height);
  const inside = (px: number, py: number) => radius - Math.hypot(px - x, py - y) + 0.5;
  blend(tile, coverOf(around, inside), disc);
  blend(
    tile,
    coverOf(around, (px, py) => Math.min(inside(px, py), headAt((px - x) / radius, (py - y) / radius) * radius + 0.5)),
    cardFigure,
  );
  if (ring > 0) {
    const reach = radius * (1.08 + 0.032 * ring);
    const ringAt = (px: number, py: number) => {
      const off = Math.hypot(px - x, py - y);
      return Math.min(off - radius * 1.05 + 0.5, reach - off + 0.5);
    };
    blend(tile, coverOf(around, ringAt), ringColour);
  }
  const letters = Math.max(14, Math.min(44, side * 0.075));
  let top = y + radius * 1.36;
  for (const [ink, size, tint] of [[name, letters, nameInk] as const, [why, letters * 0.66, whyInk] as const]) {
    if (!ink) continue;
    const text = sized(ink, Math.max(11, size), width - letters);
    const at = { x: even((width - text.width) / 2), y: Math.min(even(top), even(height - text.height)) };
    if (at.y >= 0) blend(tile, coverAt(text, at.x, at.y), tint);
    top += text.height * 0.95;
  }
  return tile;
}

/** How far inside the head and shoulders a place of the disc is (1: the disc's radius), in radii. */
function headAt(x: number, y: number): number {
  const head = 0.34 - Math.hypot(x, y + 0.22);
  const shoulders = 0.62 - Math.hypot(x, (y - 0.88) * 1.05);
  return Math.max(head, shoulders);
}

function box(x: number, y: number, reach: number, width: number, height: number): Rect {
  const left = Math.max(0, even(x - reach));
  const top = Math.max(0, even(y - reach));
  return { x: left, y: top, width: even(Math.min(width, x + reach + 2) - left), height: even(Math.min(height, y + reach + 2) - top) };
}
