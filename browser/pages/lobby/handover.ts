// An address that one device hands to another of the same person: the room's key, and after it who comes. Promise: who comes leaves the address bar,
// and stays in this tab only, like anybody's identity.
import * as z from "zod/mini";
import { adoptIdentity } from "../../call/identity.ts";
import { rememberName } from "../name.ts";

const Comer = z.object({ id: z.string(), secret: z.string(), name: z.string() });
export type Comer = z.infer<typeof Comer>;

const mark = "&as=";

export function handoverUrl(room: string, key: string, comer: Comer): string {
  const { id, secret, name } = comer;
  return `${window.location.origin}/r/${room}#${encodeURIComponent(key)}${mark}${encodeURIComponent(JSON.stringify([id, secret, name]))}`;
}

/** Called before any page looks at the fragment. What nobody can read is nobody: the room's link works all the same. */
export function takeOver(): void {
  const { hash, pathname, search } = window.location;
  const at = hash.indexOf(mark);
  const room = /^\/r\/([\w-]+)/.exec(pathname)?.[1];
  if (at < 0 || !room) return;
  const comer = read(hash.slice(at + mark.length));
  window.history.replaceState(null, "", pathname + search + hash.slice(0, at));
  if (!comer) return;
  adoptIdentity(room, { id: comer.id, secret: comer.secret });
  rememberName(comer.name);
}

function read(text: string): Comer | null {
  try {
    const [id, secret, name] = JSON.parse(decodeURIComponent(text)) as unknown[];
    return Comer.parse({ id, secret, name });
  } catch (error) {
    console.warn("lobby: nobody is handed over", error);
    return null;
  }
}
