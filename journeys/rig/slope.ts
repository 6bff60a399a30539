// A straight line through measurements: how fast something grows, and how sure that is. Pure.

export interface Slope {
  /** Units of `y` per unit of `x`. */
  perX: number;
  /** Twice the standard error: about 19 of 20 such lines lie within it, if what is left is noise. */
  within: number;
}

/** By least squares; null with fewer than three points, or all at one place. */
export function slopeOf(points: readonly { x: number; y: number }[]): Slope | null {
  if (points.length < 3) return null;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [midX, midY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = points.reduce((sum, { x }) => sum + (x - midX) ** 2, 0);
  if (spread === 0) return null;
  const perX = points.reduce((sum, { x, y }) => sum + (x - midX) * (y - midY), 0) / spread;
  const left = points.reduce((sum, { x, y }) => sum + (y - midY - perX * (x - midX)) ** 2, 0);
  return { perX, within: 2 * Math.sqrt(left / (points.length - 2) / spread) };
}
