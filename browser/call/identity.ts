// Who one is in a room: kept in this tab, so that a reload stays the same participant and another tab is another one; and on the device, so that
// whoever comes back after a crash, or by another tab, is the same participant too. Promise: a room, a browser and a name are one person.
import { note, noted } from "./noted.ts";
import { change, Identity, peopleOf } from "./people.ts";

/** More people than this do not crash at one device. */
const leftMost = 8;

export function identityOf(room: string): Identity | null {
  const result = Identity.safeParse(noted("sessionStorage", room));
  return result.success ? result.data : null;
}

/** In this tab, and on the device until `forgetIdentity`: a tab that dies leaves it there. Resolves when a browser that dies does, too. */
export async function keepIdentity(room: string, identity: Identity, name: string): Promise<void> {
  note("sessionStorage", room, identity);
  // A page that was just reloaded may find its predecessor's hold still there.
  void hold(identity.id, true);
  await change(room, (people) => [...people.filter(({ id }) => id !== identity.id), { ...identity, name }].slice(-leftMost));
}

/** This tab is who somebody was at another device, from its next join on. */
export function adoptIdentity(room: string, identity: Identity): void {
  note("sessionStorage", room, identity);
}

/** On leaving: whoever comes next at this device is somebody else, unless it is this tab again. */
export async function forgetIdentity(room: string): Promise<void> {
  const own = identityOf(room)?.id;
  await change(room, (people) => people.filter(({ id }) => id !== own));
}

/** Takes up who one was under this name, if this tab is nobody yet: in a tab that died rather than in one that lives, which then has to go. Answers whom
 * else this browser was in the room. */
export async function recallIdentity(room: string, name: string): Promise<Identity[]> {
  const people = await peopleOf(room);
  const known = identityOf(room) ? [] : people.filter((one) => one.name === name);
  let taken = known.at(-1);
  for (const one of known) {
    if (!(await hold(one.id, false))) continue;
    taken = one;
    break;
  }
  if (taken) note("sessionStorage", room, { id: taken.id, secret: taken.secret });
  const own = identityOf(room)?.id;
  return people.filter(({ id }) => id !== own).map(({ id, secret }) => ({ id, secret }));
}

/** What the last one here was called who did not leave on purpose; null when there was nobody. */
export async function lastName(room: string): Promise<string | null> {
  return (await peopleOf(room)).at(-1)?.name ?? null;
}

/** Under which names other living tabs of this browser are in the room: whoever joins here under one of them moves the call to this tab. */
export async function namesElsewhere(room: string): Promise<string[]> {
  if (!navigator.locks) return [];
  const locks = (await navigator.locks.query()).held?.map((lock) => lock.name) ?? [];
  return (await peopleOf(room)).flatMap(({ id, name }) => (!held.has(id) && locks.includes(lockOf(id)) ? [name] : []));
}

const held = new Set<string>();

/** Until this tab is gone. False, unless this is to `wait`, while another tab lives that holds it. */
function hold(id: string, wait: boolean): Promise<boolean> {
  if (held.has(id)) return Promise.resolve(true);
  if (!navigator.locks) return Promise.resolve(false);
  return new Promise((resolve) => {
    navigator.locks
      .request(lockOf(id), { ifAvailable: !wait }, (lock) => {
        resolve(lock !== null);
        if (!lock) return undefined;
        held.add(id);
        return new Promise<void>(() => undefined);
      })
      .catch((error: unknown) => {
        console.warn("call: identity not held", error);
        resolve(false);
      });
  });
}

function lockOf(id: string): string {
  return `doubletake-participant-${id}`;
}
