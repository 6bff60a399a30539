// Who one is in a room: kept in this tab, so that a reload stays the same participant and another tab is another one; and on the device, so that
// whoever comes back after a crash, or by another tab, is the same participant too. Promise: a room, a browser and a name are one person.
import * as z from "zod/mini";

const Identity = z.object({ id: z.string(), secret: z.string() });
export type Identity = z.infer<typeof Identity>;

const Left = z.array(z.extend(Identity, { name: z.string() }));
type Left = z.infer<typeof Left>;

/** More people than this do not crash at one device. */
const leftMost = 8;

export function identityOf(room: string): Identity | null {
  return read(sessionStorage, keyOf(room), Identity);
}

/** In this tab, and on the device until `forgetIdentity`: a tab that dies leaves it there. */
export function keepIdentity(room: string, identity: Identity, name: string): void {
  write(sessionStorage, keyOf(room), identity);
  const others = leftOf(room).filter(({ id }) => id !== identity.id);
  write(localStorage, keyOf(room), [...others, { ...identity, name }].slice(-leftMost));
  // A page that was just reloaded may find its predecessor's hold still there.
  void hold(identity.id, true);
}

/** On leaving: whoever comes next at this device is somebody else, unless it is this tab again. */
export function forgetIdentity(room: string): void {
  const own = identityOf(room)?.id;
  write(
    localStorage,
    keyOf(room),
    leftOf(room).filter(({ id }) => id !== own),
  );
}

/** Takes up who one was under this name, if this tab is nobody yet: in a tab that died rather than in one that lives, which then has to go. */
export async function recallIdentity(room: string, name: string): Promise<void> {
  if (identityOf(room)) return;
  const known = leftOf(room).filter((one) => one.name === name);
  let taken = known.at(-1);
  for (const one of known) {
    if (!(await hold(one.id, false))) continue;
    taken = one;
    break;
  }
  if (taken) write(sessionStorage, keyOf(room), { id: taken.id, secret: taken.secret });
}

/** Under which names other living tabs of this browser are in the room: whoever joins here under one of them moves the call to this tab. */
export async function namesElsewhere(room: string): Promise<string[]> {
  if (!navigator.locks) return [];
  const locks = (await navigator.locks.query()).held?.map((lock) => lock.name) ?? [];
  return leftOf(room).flatMap(({ id, name }) => (!held.has(id) && locks.includes(lockOf(id)) ? [name] : []));
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

function leftOf(room: string): Left {
  return read(localStorage, keyOf(room), Left) ?? [];
}

function read<T>(storage: Storage, key: string, schema: z.ZodMiniType<T>): T | null {
  try {
    const result = schema.safeParse(JSON.parse(storage.getItem(key) ?? "null"));
    return result.success ? result.data : null;
  } catch (error) {
    console.warn("call: identity unreadable", error);
    return null;
  }
}

function write(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch (error) {
    // Storage is blocked: the call goes on, and a reload will be a new participant.
    console.warn("call: identity not kept", error);
  }
}

function lockOf(id: string): string {
  return `doubletake-participant-${id}`;
}

function keyOf(room: string): string {
  return `doubletake.participant.${room}`;
}
