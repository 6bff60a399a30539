// Who one is in a room, kept in this tab: a reload stays the same participant, another tab is another one.
import * as z from "zod/mini";

const Identity = z.object({ id: z.string(), secret: z.string() });
export type Identity = z.infer<typeof Identity>;

export function identityOf(room: string): Identity | null {
  try {
    const result = Identity.safeParse(JSON.parse(sessionStorage.getItem(keyOf(room)) ?? "null"));
    return result.success ? result.data : null;
  } catch (error) {
    console.warn("call: identity unreadable", error);
    return null;
  }
}

export function keepIdentity(room: string, identity: Identity): void {
  try {
    sessionStorage.setItem(keyOf(room), JSON.stringify(identity));
  } catch (error) {
    // Storage is blocked: the call goes on, and a reload will be a new participant.
    console.warn("call: identity not kept", error);
  }
}

function keyOf(room: string): string {
  return `doubletake.participant.${room}`;
}
