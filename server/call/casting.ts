// Who plays what, and as whom. Pure: the same people, roles and seed give the same cast and persona, so that a restart changes nothing.
// Promise: a role is held by one person at most; who was given a role, or none, keeps that until the host says otherwise.
import { createHash } from "node:crypto";

/** Participant → role; null: the host wants them to have none. Absent: nothing was decided. */
export type Cast = Readonly<Record<string, string | null>>;

/** Roles in order of arrival for whoever has none. `present`: ids in order of arrival, observers not among them. Who has left keeps their role for as long
 * as nobody else takes it. */
export function settle(roles: readonly string[], cast: Cast, present: readonly string[]): Cast {
  const next: Record<string, string | null> = {};
  for (const [id, role] of Object.entries(cast)) if (role === null || roles.includes(role)) next[id] = role;
  for (const id of present) {
    if (id in next) continue;
    const free = roles.find((role) => !present.some((other) => next[other] === role));
    if (free === undefined) continue;
    give(next, id, free);
  }
  return next;
}

/** The host decides. Whoever had the role gets theirs in exchange. */
export function assign(roles: readonly string[], cast: Cast, present: readonly string[], id: string, role: string | null): Cast {
  const next = { ...cast };
  const before = next[id] ?? null;
  const holder = role === null ? undefined : present.find((other) => other !== id && next[other] === role);
  if (role !== null) give(next, id, role);
  else next[id] = null;
  if (holder !== undefined && before !== null) next[holder] = before;
  return settle(roles, next, present);
}

/** Everybody present who has a role gets the next one's, in the order of the roles; somebody alone gets the role that comes after theirs. */
export function swap(roles: readonly string[], cast: Cast, present: readonly string[]): Cast {
  const holders = roles.flatMap((role) => present.filter((id) => cast[id] === role));
  const next = { ...cast };
  if (holders.length === 1) {
    const [only = ""] = holders;
    give(next, only, roles[(roles.indexOf(cast[only] ?? "") + 1) % roles.length] ?? "");
  } else for (const [index, id] of holders.entries()) give(next, id, cast[holders[(index + 1) % holders.length] ?? ""] ?? "");
  return next;
}

/** Nobody else has it then; not even who has left. */
function give(cast: Record<string, string | null>, id: string, role: string): void {
  for (const [other, theirs] of Object.entries(cast)) if (theirs === role) delete cast[other];
  cast[id] = role;
}

/** Which of so many personas, at the `turn`th draw; another one than `before` where there is one. Null: there are none. */
export function draw(seed: string, turn: number, count: number, before: number | null): number | null {
  if (count === 0) return null;
  const among = Array.from({ length: count }, (_, index) => index).filter((index) => count === 1 || index !== before);
  // 48 bits of 2^48 / 20 at most: no persona is more likely than another by more than one in 10^13.
  const number = createHash("sha256").update(`${seed}:${turn}`).digest().readUIntBE(0, 6);
  return among[number % among.length] ?? null;
}
