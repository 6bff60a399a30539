// How much work is put into a window's pictures: stepped down when composing falls behind a recording that runs, and up again. Pure.
// Promise: every effort has the same init segment, and what a window was made with is written beside it.

/** The decoder's configuration has to be the same for all of them, which leaves out whatever shows in it: reference frames, B-frames, CABAC, the
 * 8×8 transform. `every`: a new picture is drawn at every so many ticks. */
const efforts = [
  { preset: "veryfast", every: 1 },
  { preset: "superfast", every: 1 },
  { preset: "superfast", every: 2 },
] as const;
export const mostEffortless = efforts.length - 1;

export function presetOf(effort: number): string {
  return efforts[effort]?.preset ?? efforts[0].preset;
}

export function pictureEvery(effort: number): number {
  return efforts[effort]?.every ?? 1;
}

/** So many windows behind, composing is overloaded, for the first step and for the second, which shows; so few, and it has room again. */
const behindMost = [3, 6] as const;
const behindLeast = 1;
/** Back up only when a window takes no more than this share of its own length: the better one takes more. */
const roomShare = 0.5;

/** `behindMs`: what could be composed and is not yet. `tookMs`: how long the window before took, waiting included, for `lastedMs` of film. Only a
 * recording that runs is in a hurry to stay near; after Stop there is an end, and the last effort holds until it has caught up. */
export function nextEffort(
  effort: number,
  { behindMs, tookMs, lastedMs, running }: { behindMs: number; tookMs: number; lastedMs: number; running: boolean },
): number {
  if (running && behindMs > (behindMost[effort] ?? Number.POSITIVE_INFINITY) * lastedMs && tookMs > lastedMs * roomShare)
    return Math.min(mostEffortless, effort + 1);
  if (effort > 0 && behindMs <= behindLeast * lastedMs && tookMs <= lastedMs * roomShare) return effort - 1;
  return effort;
}
