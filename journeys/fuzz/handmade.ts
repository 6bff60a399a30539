// Files that somebody made on purpose. Promise: each says in its name what it is; the same list every time.
import { disguised } from "./disguised.ts";
import { madeOfBoxes } from "./hostile-mp4.ts";
import { madeOfEbml } from "./hostile-webm.ts";
import type { Seed } from "./seeds.ts";

/** `neighbour`: somebody else's file on this machine. */
export function handmade(neighbour: string): Seed[] {
  return [...disguised(neighbour), ...madeOfEbml(), ...madeOfBoxes()].map(([name, bytes]) => ({ name, bytes }));
}
