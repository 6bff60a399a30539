// The machine-readable picture: participant and true time as black and white cells, drawn by a camera, read back from a film.
// Promise: a code that is read is the code that was drawn; whatever is unsure reads as null.

/** Where the cells lie in a camera picture, as fractions of its width and height. A cell is 14 × 14 pixels in a 320 × 180 tile. */
export const strip = { left: 0.05, top: 0.06, cellWidth: 0.045, cellHeight: 0.08, columns: 20, rows: 2 };

/** True times are told modulo this: whole seconds that fit 24 bits of milliseconds, 4 h 26 min. */
export const timeModulo = 16_000_000;

export interface Code {
  participant: number;
  /** Modulo `timeModulo`. */
  trueMs: number;
}

/** 40 cells, row by row: guards (0, 1) left and right of each row, between them 4 bits participant, 24 bits time, 8 bits check.
 * Closed over nothing: the camera's page runs this very function from its source text. */
export function cellsOf(participant: number, trueMs: number): number[] {
  const time = Math.floor(trueMs) % 16_000_000;
  let check = 0x5a;
  for (const byte of [participant & 15, time >>> 16, (time >>> 8) & 255, time & 255]) {
    check ^= byte;
    for (let i = 0; i < 8; i++) check = check & 128 ? ((check << 1) ^ 0x07) & 255 : check << 1;
  }
  const bits: number[] = [];
  const add = (value: number, count: number) => {
    for (let i = count - 1; i >= 0; i--) bits.push((value >>> i) & 1);
  };
  add(participant, 4);
  add(time, 24);
  add(check, 8);
  return [0, ...bits.slice(0, 18), 1, 1, ...bits.slice(18), 0];
}

/** `luma(x, y)`: brightness at a place in the camera picture, both as fractions of it. */
export function readCode(luma: (x: number, y: number) => number): Code | null {
  const seen: number[] = [];
  for (let row = 0; row < strip.rows; row++) {
    for (let column = 0; column < strip.columns; column++) seen.push(cell(luma, column, row));
  }
  const at = (index: number) => seen[index] ?? 0;
  const dark = (at(0) + at(39)) / 2;
  const bright = (at(19) + at(20)) / 2;
  // Cells are drawn at 16 and 235; a quarter of that is far outside what compression does to a cell.
  if (bright - dark < 60) return null;
  const bits = seen.map((value) => (value > (dark + bright) / 2 ? 1 : 0));
  const payload = [...bits.slice(1, 19), ...bits.slice(21, 39)];
  const number = (from: number, count: number) => payload.slice(from, from + count).reduce<number>((sum, bit) => sum * 2 + bit, 0);
  const code = { participant: number(0, 4), trueMs: number(4, 24) };
  return cellsOf(code.participant, code.trueMs).every((bit, index) => bit === bits[index]) ? code : null;
}

/** Mean brightness of the middle of a cell: the borders are where a codec smears. */
export function cell(luma: (x: number, y: number) => number, column: number, row: number): number {
  let sum = 0;
  for (const dx of [0.35, 0.5, 0.65]) {
    for (const dy of [0.35, 0.5, 0.65]) {
      sum += luma(strip.left + (column + dx) * strip.cellWidth, strip.top + (row + dy) * strip.cellHeight);
    }
  }
  return sum / 9;
}

/** a − b for times told modulo `timeModulo`, whichever side of a turn they lie. */
export function difference(aMs: number, bMs: number): number {
  const half = timeModulo / 2;
  return ((((aMs - bMs + half) % timeModulo) + timeModulo) % timeModulo) - half;
}

/** Each participant beeps at their own pitch. 220 Hz apart: more than the width of the filter that finds them (sound.ts). */
export const toneHz = (participant: number): number => 600 + 220 * participant;
/** A beep lasts this long, from the true second on. */
export const beepMs = 120;
