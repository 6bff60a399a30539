// How one element is kept in time with another by how fast it plays. Pure: what was remembered and what both clocks say now, in; what to do, out.
// Promise: whatever the two clocks, seeks and stalls did, five seconds later the follower is within 40 ms again; it is sought only when it is
// further off than playing faster could soon mend.

export interface Clocks {
  /** The looker's own clock, forwards only. */
  nowMs: number;
  leaderMs: number;
  /** How fast the leader means to play. */
  leaderRate: number;
  /** It plays, and has what it plays. */
  leaderMoves: boolean;
  followerMs: number;
  /** It can show another picture: nothing is being sought, and there is something to play. */
  followerReady: boolean;
  /** Where the follower ends. */
  lengthMs: number;
}

export interface Memory {
  /** How much later than asked a seek lands, while the leader goes on: as it last turned out. */
  leadMs: number;
  soughtAtMs: number;
  /** Sought, and not seen where it landed yet. */
  awaited: boolean;
}

export interface Steered {
  memory: Memory;
  plays: boolean;
  rate: number;
  /** Null: it stays where it is. */
  seekMs: number | null;
}

export const fresh: Memory = { leadMs: 100, soughtAtMs: Number.NEGATIVE_INFINITY, awaited: false };

/** Further off than this, a seek is the shorter way. */
const jumpMs = 300;
/** Seeks come no faster than this: each one stops the picture. */
const patienceMs = 1000;
/** So near, nothing is done: what the clocks say is no more exact than this. */
const calmMs = 8;
/** A distance is made up in about this time. */
const pullMs = 600;
/** So much faster or slower than the leader, whatever the leader's speed (a share of a quarter would take four times as long). Its sound is off: nobody
 * hears it. */
const mostPull = 0.15;
/** Standing, one picture may not be another: a little less than half of one (30 in a second). */
const standingMs = 15;
/** A seek that takes longer than this is not planned for: something else is wrong. */
const mostLeadMs = 1500;

export function steer(memory: Memory, clocks: Clocks): Steered {
  const { nowMs, leaderMs, leaderRate, leaderMoves, followerMs, followerReady, lengthMs } = clocks;
  const still = { memory, plays: false, rate: leaderRate, seekMs: null };
  // Behind its end its last picture is what there is.
  const targetMs = Math.max(0, Math.min(leaderMs, lengthMs));
  if (!leaderMoves || leaderMs >= lengthMs) {
    if (!followerReady || Math.abs(targetMs - followerMs) <= standingMs) return still;
    return { ...still, memory: { ...memory, awaited: false }, seekMs: targetMs };
  }
  if (!followerReady) return { ...still, plays: true };
  const behindMs = leaderMs - followerMs;
  const learned = memory.awaited
    ? { ...memory, awaited: false, leadMs: between(0, memory.leadMs + behindMs / leaderRate, mostLeadMs) }
    : memory;
  if (Math.abs(behindMs) > jumpMs && nowMs - memory.soughtAtMs >= patienceMs) {
    const seekMs = Math.min(lengthMs, leaderMs + learned.leadMs * leaderRate);
    return { memory: { ...learned, soughtAtMs: nowMs, awaited: true }, plays: true, rate: leaderRate, seekMs };
  }
  const pull = Math.abs(behindMs) <= calmMs ? 0 : between(-mostPull, behindMs / pullMs, mostPull);
  return { memory: learned, plays: true, rate: leaderRate + pull, seekMs: null };
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
