// Is the call being crowded out? What its ways give it now, beside the most that they gave it in the last minutes, or what it asks of them where that is
// less. Pure; time is a parameter.
// Promise: somebody who comes or goes is not taken for a crowd; nor, where the browser says what it believes a way would take, is a picture that needs few bits.

import { Lately } from "./lately.ts";

/** What the way to one other participant gives. */
export interface Given {
  /** What goes out over it of the call, bits per second. */
  sendBps: number;
  /** What the browser believes that it would take; null: it does not say (Firefox), or not just now. */
  availableBps: number | null;
  /** What the call's pictures would take of it, each as large as it is shown, bits per second. */
  askedBps: number;
}

/** What is sent differs from second to second with the picture. What is believed does not: WebRTC's estimate falls by a sixth as soon as it feels a queue,
 * seconds before anything else can be seen of one, and rises by a twelfth a second. */
const sentLooks = 5;
/** Beside its pictures a call sends a voice and headers, bits per second. */
const voiceBps = 40_000;
/** A way that is believed to take this much more than the call asks for takes all of it: a call that has its bits is not crowded out, however much more was
 * believed once. WebRTC begins with a probe of megabits; where little is sent, a single late packet has it believe in 0.85 × of that little, and it finds no
 * more than twice what goes out. */
const ample = 1.2;
/** Where WebRTC feels a queue it believes in 0.85 × of what got through (draft-ietf-rmcat-gcc-02, 5.5); what was believed of a way that is wide differs by
 * less from look to look. */
const fallShare = 0.9;

/** Before the first look. */
const nothing = { bps: 0, believedBps: 0, spareBps: null as number | null, enoughBps: 0, rises: false, falls: false };

export class Crowding {
  /** By way: what was last believed of the way. */
  #believed = new Map<string, number>();
  #sent: number[] = [];
  #most = new Lately(Math.max);
  #widest = new Lately(Math.max);
  #who = "";
  #now = nothing;

  /** What the ways give the call, bits per second: as the browser believes, but no more than it asks for; or else what goes out. */
  get bps(): number {
    return this.#now.bps;
  }

  /** What is believed to be left beside the call, bits per second; null: not known. */
  get spareBps(): number | null {
    return this.#now.spareBps;
  }

  /** What the widest of them was believed to leave beside all that the call asks for, at the best of the last minutes, bits per second; 0: not known. Each
   * believes in the whole uplink, so they are not added up. */
  get roomBps(): number {
    return Math.max(0, this.#widest.figure - this.#now.enoughBps);
  }

  /** Packets are lost, or pictures made smaller: what was believed to be left is not there. A probe is over before a bucket of tokens is empty. */
  disbelieve(): void {
    this.#widest = new Lately(Math.max);
  }

  /** They are believed to take more than when it was last said: the call is finding its bits again. */
  get rises(): boolean {
    return this.#now.rises;
  }

  /** They gave the call all that it asks for in the last minutes, and are believed to take less than that as of this look: WebRTC has felt a queue. */
  get falls(): boolean {
    return this.#now.falls;
  }

  /** Called at every look. Of the most they gave lately, or of what would be ample, the ways give this share now; 1 while there is nothing to compare. */
  look(ways: readonly (readonly [string, Given])[], nowMs: number): number {
    const who = ways.map(([id]) => id).join(" ");
    if (who !== this.#who) this.#begin(who);
    const sentBps = ways.reduce((sum, [, { sendBps }]) => sum + sendBps, 0);
    for (const [id, { availableBps }] of ways) if (availableBps !== null) this.#believed.set(id, availableBps);
    this.#sent = [...this.#sent, sentBps].slice(-sentLooks);
    const known = ways.every(([id]) => this.#believed.has(id));
    if (!known && this.#sent.length < sentLooks) return 1;
    const believedBps = ways.reduce((sum, [id]) => sum + (this.#believed.get(id) ?? 0), 0);
    const givenBps = known ? believedBps : this.#sent.reduce((sum, each) => sum + each, 0) / sentLooks;
    const askedBps = known ? ways.reduce((sum, [, { askedBps }]) => sum + askedBps + voiceBps, 0) : Number.POSITIVE_INFINITY;
    const spareBps = known ? Math.max(0, believedBps - sentBps) : null;
    const { believedBps: before, rises: rose } = this.#now;
    const rises = known && (ways.some(([, { availableBps }]) => availableBps !== null) ? believedBps > before : rose);
    const enoughBps = askedBps * ample;
    this.#most.add(givenBps, nowMs);
    const falls = known && believedBps < before * fallShare && believedBps < enoughBps && this.#most.figure >= enoughBps;
    this.#now = { bps: Math.min(givenBps, askedBps), believedBps, spareBps, enoughBps, rises, falls };
    if (known) this.#widest.add(Math.max(...this.#believed.values()), nowMs);
    const most = Math.min(this.#most.figure, enoughBps);
    return most > 0 ? Math.min(1, givenBps / most) : 1;
  }

  #begin(who: string): void {
    this.#who = who;
    this.#believed = new Map();
    this.#sent = [];
    this.#most = new Lately(Math.max);
    this.#widest = new Lately(Math.max);
    this.#now = nothing;
  }
}
