// The time limit of a role play. Pure. Promise: each thing that is due is due once, and nothing of what was over before one looked.

/** What of a recording the limit is counted by. Both `nowMs` and `startedMs` on this browser's clock; pauses in recording time. */
export interface Counted {
  startedMs: number;
  pausedMs: number | null;
  pausesMs: number;
}

/** How much is left of it, ms; negative: it is over. Pauses take nothing of it. */
export function leftOf(limitMs: number, { startedMs, pausedMs, pausesMs }: Counted, nowMs: number): number {
  const atMs = pausedMs ?? Math.max(0, nowMs - startedMs);
  return limitMs + pausesMs - atMs;
}

/** What is said when a minute is left, of those that are longer than three. */
const soonMs = 60_000;
const longMs = 180_000;

/** What became due between two looks at how much is left, ms (negative: it is over); `before` null: this is the first look. */
export function dueOf(limitMs: number, before: number | null, leftMs: number): "soon" | "over" | null {
  if (before === null) return null;
  if (before > 0 && leftMs <= 0) return "over";
  if (limitMs > longMs && before > soonMs && leftMs <= soonMs) return "soon";
  return null;
}
