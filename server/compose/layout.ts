// Where each face is on the canvas: a pure function of the faces in their order and the canvas, for the renderer and for whoever looks at the film.
// Promise: rectangles are even, inside the canvas and apart from one another; faces that are equals are equally large.

export interface Canvas {
  /** Pixels, even. */
  width: number;
  height: number;
}

export interface Face {
  /** The track's id. */
  key: string;
  source: "camera" | "screen";
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** "side-by-side": all alike; "speaker": whoever speaks is large. Under both a shared screen is large and the faces stand beside it. */
export const layouts = ["side-by-side", "speaker"] as const;
export type Layout = (typeof layouts)[number];

export const defaultCanvas: Canvas = { width: 1280, height: 720 };

/** Pixels between two tiles. */
const gap = 8;
/** The share of the canvas that a strip of small tiles may take. */
const stripShare = 0.2;

/** One rectangle per face, in the order of the faces. `large`: the key of the one to be large where no screen is shared; null: all alike. */
export function layoutOf(faces: readonly Face[], canvas: Canvas, large: string | null = null): Rect[] {
  const screens = faces.filter((face) => face.source === "screen");
  const big = screens.length > 0 ? screens : faces.filter((face) => face.key === large);
  if (big.length === 0 || big.length === faces.length) return gridOf(faces.length, whole(canvas));
  const small = faces.length - big.length;
  const { main, strip } = split(canvas, small);
  const mains = screens.length > 0 ? areasOf(big.length, main) : gridOf(1, main);
  const smalls = stripOf(small, strip);
  return faces.map((face) => (big.includes(face) ? mains.shift()! : smalls.shift()!));
}

const whole = ({ width, height }: Canvas): Rect => ({ x: 0, y: 0, width, height });

/** Equal 16:9 tiles, left to right, then down; a last row that is not full is centred. */
function gridOf(count: number, area: Rect): Rect[] {
  if (count === 0) return [];
  const columns = columnsFor(count);
  const rows = Math.ceil(count / columns);
  const tile = tileOf(area, columns, rows);
  const top = area.y + even((area.height - spread(rows, tile.height)) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    const inRow = Math.min(columns, count - row * columns);
    const left = area.x + even((area.width - spread(inRow, tile.width)) / 2);
    return { x: left + column * (tile.width + gap), y: top + row * (tile.height + gap), ...tile };
  });
}

function columnsFor(count: number): number {
  if (count <= 2) return count;
  if (count <= 4) return 2;
  if (count <= 9) return 3;
  return Math.ceil(Math.sqrt(count));
}

/** All the room there is, whatever its shape: screens come in many. */
function areasOf(count: number, area: Rect): Rect[] {
  const height = even((area.height - gap * (count - 1)) / count);
  return Array.from({ length: count }, (_, index) => ({ x: area.x, y: area.y + index * (height + gap), width: area.width, height }));
}

/** A strip along the longer side: at the right of a wide canvas, below on a high one. */
function split(canvas: Canvas, count: number): { main: Rect; strip: Rect } {
  const { width, height } = canvas;
  if (width >= height) {
    const across = Math.ceil(count / 9);
    const tile = tileOf({ width: even(width * stripShare), height }, across, Math.ceil(count / across));
    const taken = spread(across, tile.width);
    const main = { x: 0, y: 0, width: even(width - gap - taken), height };
    return { main, strip: { x: width - taken, y: 0, width: taken, height } };
  }
  const down = Math.ceil(count / 4);
  const tile = tileOf({ width, height: even(height * stripShare * down) }, Math.ceil(count / down), down);
  const taken = spread(down, tile.height);
  return { main: { x: 0, y: 0, width, height: even(height - gap - taken) }, strip: { x: 0, y: height - taken, width, height: taken } };
}

/** Small tiles, along the strip, from its beginning on; centred across and along. */
function stripOf(count: number, strip: Rect): Rect[] {
  const upright = strip.height > strip.width || count === 1;
  const across = Math.ceil(count / (upright ? 9 : 4));
  const along = Math.ceil(count / across);
  const [columns, rows] = upright ? [across, along] : [along, across];
  const tile = tileOf(strip, columns, rows);
  const left = strip.x + even((strip.width - spread(columns, tile.width)) / 2);
  const top = strip.y + even((strip.height - spread(rows, tile.height)) / 2);
  return Array.from({ length: count }, (_, index) => ({
    x: left + (index % columns) * (tile.width + gap),
    y: top + Math.floor(index / columns) * (tile.height + gap),
    ...tile,
  }));
}

/** The largest even 16:9 tile of which so many fit. */
function tileOf(area: Canvas, columns: number, rows: number): { width: number; height: number } {
  const widest = (area.width - gap * (columns - 1)) / columns;
  const highest = (area.height - gap * (rows - 1)) / rows;
  const width = Math.min(widest, (highest * 16) / 9);
  return { width: Math.max(2, even(width)), height: Math.max(2, even(Math.min(highest, (width * 9) / 16))) };
}

function spread(count: number, size: number): number {
  return count * size + (count - 1) * gap;
}

/** Chroma is stored for two by two pixels, so nothing may begin or end on an odd one. */
export function even(value: number): number {
  return Math.floor(value / 2) * 2;
}
