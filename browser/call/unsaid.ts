// What somebody wrote or marked, and the server has neither said to everybody nor refused: a socket that has just died still takes what is sent.
// Promise: each has a name of its own, under which it is said again on every new socket and taken once. Pure.
import type { CallUp } from "../../protocol/call.ts";

type Words = { type: "chat"; body: string } | { type: "bookmark"; recording: string };
/** `sinceMs`: when it was written or marked, on this browser's clock. */
export type Unsaid = Words & { id: string; sinceMs: number };
export type { Words };

/** A TypeID that no other has: a hundred random bits. */
export function named(words: Words, sinceMs: number): Unsaid {
  const prefix = words.type === "chat" ? "msg" : "bmk";
  return { ...words, id: `${prefix}_0${crypto.randomUUID().replaceAll("-", "").slice(7)}`, sinceMs };
}

/** As it goes up the wire now. */
export function upOf({ sinceMs, ...words }: Unsaid, nowMs: number): CallUp {
  return words.type === "chat" ? words : { ...words, agoMs: Math.max(0, Math.round(nowMs - sinceMs)) };
}

/** Without those that have arrived. */
export function without(unsaid: readonly Unsaid[], arrived: readonly { id: string }[]): readonly Unsaid[] {
  return unsaid.filter(({ id }) => !arrived.some((one) => one.id === id));
}

/** Each once, whichever way it came. */
export function and<T extends { id: string }>(list: readonly T[], one: T): readonly T[] {
  return list.some(({ id }) => id === one.id) ? list : [...list, one];
}
