// Where each face is on the canvas: a pure function of the faces in their order and the canvas, for the renderer and for whoever looks at the film.
// Promise: rectangles are equal, even, inside the canvas and apart from one another.

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

export const defaultCanvas: Canvas = { width: 1280, height: 720 };

/** Pixels between two tiles. */
const gap = 8;

/** One rectangle per face, in the order of the faces: left to right, then down; a last row that is not full is centred. */
export function layoutOf(faces: readonly Face[], canvas: Canvas): Rect[] {
  const count = faces.length;
  if (count === 0) return [];
  const columns = columnsFor(count);
  const rows = Math.ceil(count / columns);
  const tile = tileOf(canvas, columns, rows);
  const top = even((canvas.height - spread(rows, tile.height)) / 2);
  return faces.map((_, index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    const inRow = Math.min(columns, count - row * columns);
    const left = even((canvas.width - spread(inRow, tile.width)) / 2);
    return { x: left + column * (tile.width + gap), y: top + row * (tile.height + gap), ...tile };
  });
}

function columnsFor(count: number): number {
  if (count <= 2) return count;
  if (count <= 4) return 2;
  if (count <= 9) return 3;
  return Math.ceil(Math.sqrt(count));
}

/** The largest even 16:9 tile of which so many fit. */
function tileOf(canvas: Canvas, columns: number, rows: number): { width: number; height: number } {
  const widest = (canvas.width - gap * (columns - 1)) / columns;
  const highest = (canvas.height - gap * (rows - 1)) / rows;
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
