// Which rows of a long list have to be drawn, from how high each is (or is guessed to be) and how far it was scrolled. Pure.

export interface Rows {
  from: number;
  /** One past the last. */
  to: number;
  /** Height of what is not drawn, px. */
  before: number;
  after: number;
}

/** So much more than is seen is drawn on either side, px: fast scrolling shows no holes. */
const aheadPx = 600;

export function rowsOf(heights: readonly number[], scrolledPx: number, seenPx: number): Rows {
  let [at, from, before] = [0, 0, 0];
  for (; from < heights.length && at + heights[from]! < scrolledPx - aheadPx; from++) at += heights[from]!;
  before = at;
  let to = from;
  for (; to < heights.length && at < scrolledPx + seenPx + aheadPx; to++) at += heights[to]!;
  let after = 0;
  for (let rest = to; rest < heights.length; rest++) after += heights[rest]!;
  return { from, to, before, after };
}

/** Where a row begins, px. */
export function topOf(heights: readonly number[], index: number): number {
  let top = 0;
  for (let at = 0; at < Math.min(index, heights.length); at++) top += heights[at]!;
  return top;
}

/** What stands in the list: a row by its place, or, for those between that are not drawn, how high they are together. */
export type Piece = { row: number } | { px: number };

/** `kept`: places of rows that are drawn wherever one has scrolled to. All in order; there is no gap of nothing. */
export function piecesOf(heights: readonly number[], { from, to, before, after }: Rows, kept: readonly number[]): Piece[] {
  const drawn = Array.from({ length: to - from }, (_, index) => ({ row: from + index }));
  return [...undrawn(heights, 0, from, before, kept), ...drawn, ...undrawn(heights, to, heights.length, after, kept)];
}

/** `px`: how high all of them are. */
function undrawn(heights: readonly number[], from: number, to: number, px: number, kept: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  const gap = (high: number) => {
    if (high > 0) pieces.push({ px: high });
  };
  let [next, rest] = [from, px];
  for (const row of kept) {
    if (row < from || row >= to) continue;
    const above = topOf(heights, row) - topOf(heights, next);
    gap(above);
    pieces.push({ row });
    rest -= above + heights[row]!;
    next = row + 1;
  }
  gap(rest);
  return pieces;
}
