// Is the call being crowded out? What its ways give it now, beside the most that they gave it in the last minutes. Pure; time is a parameter.
// Promise: somebody who comes or goes is not taken for a crowd; nor, where the browser says what it believes a way would take, is a picture that needs few bits.

import { Lately } from "./lately.ts";

/** What the way to one other participant gives. */
export interface Given {
  /** What goes out over it of the call, bits per second. */
  sendBps: number;
  /** What the browser believes that it would take; null: it does not say (Firefox), or not just now. */
  availableBps: number | null;
}

/** What is sent differs from second to second with the picture. What is believed does not: WebRTC's estimate falls by a sixth as soon as it feels a queue,
 * seconds before anything else can be seen of one, and rises by a twelfth a second. */
const sentLooks = 5;

export class Crowding {
  /** By way: what was last believed of the way. */
  #believed = new Map<string, number>();
  #sent: number[] = [];
  #most = new Lately(Math.max);
  #who = "";
  #now: { bps: number; spareBps: number | null } = { bps: 0, spareBps: null };

  /** What the ways give the call, bits per second: as the browser believes, or else what goes out. */
  get bps(): number {
    return this.#now.bps;
  }

  /** What is believed to be left beside the call, bits per second; null: not known. */
  get spareBps(): number | null {
    return this.#now.spareBps;
  }

  /** Called at every look. Of the most they gave lately, the ways give this share now; 1 while there is nothing to compare. */
  look(ways: readonly (readonly [string, Given])[], nowMs: number): number {
    const who = ways.map(([id]) => id).join(" ");
    if (who !== this.#who) this.#begin(who);
    const sentBps = ways.reduce((sum, [, { sendBps }]) => sum + sendBps, 0);
    for (const [id, { availableBps }] of ways) if (availableBps !== null) this.#believed.set(id, availableBps);
    this.#sent = [...this.#sent, sentBps].slice(-sentLooks);
    const known = ways.every(([id]) => this.#believed.has(id));
    if (!known && this.#sent.length < sentLooks) return 1;
    const believedBps = ways.reduce((sum, [id]) => sum + (this.#believed.get(id) ?? 0), 0);
    const bps = known ? believedBps : this.#sent.reduce((sum, each) => sum + each, 0) / sentLooks;
    this.#now = { bps, spareBps: known ? Math.max(0, believedBps - sentBps) : null };
    this.#most.add(bps, nowMs);
    return this.#most.figure > 0 ? bps / this.#most.figure : 1;
  }

  #begin(who: string): void {
    this.#who = who;
    this.#believed = new Map();
    this.#sent = [];
    this.#most = new Lately(Math.max);
    this.#now = { bps: 0, spareBps: null };
  }
}
