// The calls that a host has ended for everybody, for whoever was away at that moment: a dropped socket, a laptop that slept. Promise: a page of such a
// call does not come back into the next one by itself; whoever joins it anew is let in. Memory only.
import type { Room } from "./room.ts";

/** No page waits longer for its server than a laptop sleeps over night, ms. */
const rememberedMs = 24 * 3600 * 1000;

export class Ended {
  /** When it ended, by room and instance. */
  readonly #pages = new Map<string, number>();

  constructor(readonly nowMs: () => number) {}

  /** Before the room is forgotten. */
  add(room: Room): void {
    const now = this.nowMs();
    for (const [page, endedMs] of this.#pages) if (now - endedMs > rememberedMs) this.#pages.delete(page);
    for (const instance of room.instances) this.#pages.set(pageOf(room.id, instance), now);
  }

  has(roomId: string, instance: string): boolean {
    return this.#pages.has(pageOf(roomId, instance));
  }
}

const pageOf = (roomId: string, instance: string) => `${roomId} ${instance}`;
