// How fast the upload may go while people talk: it takes what the call leaves, and gives way as soon as the call feels it. Pure; time is a parameter.
// Promise: it never stands still, so that silence still means a dead link, and without a call it goes as fast as it can.
// After LEDBAT (RFC 6817): the queue is what a round trip takes longer than the shortest one seen; but halved at once, because what waits in the
// queue here is somebody's voice. Where giving way does not help, `trial.ts` finds out whether it is the upload at all.
import { Crowding, type Given } from "./crowding.ts";
import { Lately } from "./lately.ts";
import { Trial } from "./trial.ts";

/** What the way to one other participant says of itself. */
export interface Way extends Given {
  roundTripMs: number | null;
  /** 0 … 1 */
  loss: number;
  /** Pictures go out smaller than they should, because the way takes no more. */
  limited: boolean;
}

/** What the upload has to say. */
export interface Upload {
  /** The most that got through lately, bytes per second; null: not known. */
  uplink: number | null;
  /** All bytes that got through so far. */
  through: number;
}

/** Bytes per second. At least this much goes on; 32 kbit/s, 3 % of a megabit. */
const leastRate = 4000;
const firstRate = 32_000;
/** From here on there is nothing to be polite about: a camera makes a tenth of it. */
const mostRate = 4_000_000;
/** An uplink that took this much is wide enough for both: then no more than half of it is given up. */
const wideRate = 500_000;
/** A call whose every way is shorter does not leave the house, and shares no narrow uplink with anything. */
const nearMs = 5;
/** What people's voices may wait for the upload's sake, and from where on it must not grow. */
const fullMs = 60;
const someMs = 25;
const badLoss = 0.04;
/** A call that is given less than this share of what it was given has been crowded out; below the other one it still finds its bits again, and what it
 * leaves meanwhile is not for us. */
const crowdedShare = 0.75;
const recoveredShare = 0.85;
/** Of what the browser believes to be left just now the upload begins with so much; and of what it believed to be left beside all that the call asks for, in
 * the last minutes, it does not go below so much: WebRTC finds that out by sending as fast (its probes), and the call has its bits all the same. */
const firstShare = 0.25;
/** After it gave way it leaves the call so long to recover, ms. */
const restMs = 4000;
/** Where it had to give way it stays below for so long, and comes back slowly then: WebRTC feels a queue sooner than anything that can be seen of it
 * here, takes a seventh less each time, and takes tens of seconds to find that again. */
const holdMs = 120_000;
const nearLimit = 0.7;
/** At each look, once a second: a larger step would be far beyond what fits before it is seen. */
const quickGrowth = 1.15;
const slowGrowth = 1.03;
/** More than so many times what it made use of it is not allowed either: what was never tried is not known to fit. */
const unproven = 2;
/** With less than this share of what it may nothing is tried: there was nothing to send. */
const triedShare = 0.5;
/** Chunks come once a second, so a single look may see none, or two. */
const usedLooks = 3;

export class Manners {
  #rate = firstRate;
  /** Where it had to give way last. */
  #limit = Number.POSITIVE_INFINITY;
  #gaveWayMs = Number.NEGATIVE_INFINITY;
  /** What got through by the last look, and how fast that was at the last ones, bytes per second. */
  #through = { bytes: 0, atMs: 0 };
  #used: number[] = [];
  /** By way: the shortest round trips, ms. */
  readonly #shortest = new Map<string, Lately>();
  /** Of the ways at the last look. */
  #names: readonly string[] = [];
  #trial = new Trial(leastRate);
  readonly #crowding = new Crowding();

  /** Called at every look at the ways, by name: what was learnt of one is not held against the next. Null: as fast as it goes. */
  look(ways: ReadonlyMap<string, Way>, { uplink, through }: Upload, nowMs: number): number | null {
    this.#use(through, nowMs);
    const far = [...ways].filter(([id, way]) => this.#queueOf(id, way, nowMs).shortestMs >= nearMs);
    if (far.length === 0) {
      this.#rate = firstRate;
      this.#limit = Number.POSITIVE_INFINITY;
      this.#trial = new Trial(leastRate);
      return null;
    }
    const queueMs = Math.max(...far.map(([id, way]) => this.#queueOf(id, way, nowMs).queueMs));
    const loss = Math.max(...far.map(([, way]) => way.loss));
    const names = far.map(([id]) => id);
    if (this.#names.some((name) => !names.includes(name))) this.#trial.startOver();
    this.#names = names;
    const share = this.#crowding.look(far, nowMs);
    const { bps: callBps, spareBps, rises, falls } = this.#crowding;
    const short = loss > badLoss || far.some(([, { limited }]) => limited);
    if (short) this.#crowding.disbelieve();
    this.#trial.trickle = modest(this.#crowding.roomBps);
    const felt = queueMs > fullMs || short || (share < crowdedShare && !rises);
    const grows = queueMs <= someMs && share >= recoveredShare && nowMs >= this.#gaveWayMs + restMs;
    const recovers = rises && share < recoveredShare;
    if (Math.max(...this.#used) >= this.#rate * triedShare) {
      const feeling = { queueMs, loss, callBps, believed: spareBps !== null, recovers, felt, hindered: !grows && !recovers };
      this.#trial.look(feeling, this.#rate, this.#proven);
    }
    if (felt || falls) this.#giveWay(uplink, nowMs);
    else if (grows) this.#grow(nowMs);
    this.#rate = Math.max(this.#rate, this.#harmless);
    return this.#rate;
  }

  #giveWay(uplink: number | null, nowMs: number): void {
    const least = uplink !== null && uplink >= wideRate ? uplink / 2 : this.#harmless;
    // What it comes down by at the next looks was not too much: the call is still finding its bits again.
    if (this.#rate > least && nowMs >= this.#gaveWayMs + restMs) this.#limit = this.#rate;
    this.#rate = Math.max(least, this.#rate / 2);
    this.#gaveWayMs = nowMs;
  }

  #use(bytes: number, nowMs: number): void {
    const { bytes: before, atMs } = this.#through;
    this.#through = { bytes, atMs: nowMs };
    this.#used = [...this.#used, ((bytes - before) * 1000) / Math.max(1, nowMs - atMs)].slice(-usedLooks);
  }

  #grow(nowMs: number): void {
    const near = this.#limit * nearLimit;
    const growth = this.#rate < near ? quickGrowth : slowGrowth;
    const most = nowMs < this.#gaveWayMs + holdMs ? Math.min(this.#proven, Math.max(near, this.#rate)) : this.#proven;
    this.#rate = Math.min(most, this.#rate * growth);
    if (this.#rate > this.#limit) this.#limit = Number.POSITIVE_INFINITY;
  }

  get #proven(): number {
    const { spareBps } = this.#crowding;
    const first = spareBps === null ? firstRate : modest(spareBps);
    return Math.min(mostRate, Math.max(first, unproven * Math.max(...this.#used)));
  }

  get #harmless(): number {
    return Math.max(this.#trial.trickle, Math.min(this.#trial.harmless, this.#proven));
  }

  #queueOf(id: string, { roundTripMs }: Way, nowMs: number): { shortestMs: number; queueMs: number } {
    const shortest = this.#shortest.get(id) ?? new Lately(Math.min);
    this.#shortest.set(id, shortest);
    if (roundTripMs !== null) shortest.add(roundTripMs, nowMs);
    const shortestMs = shortest.figure;
    return { shortestMs, queueMs: roundTripMs === null ? 0 : roundTripMs - shortestMs };
  }
}

/** Bytes per second, where so many bits per second are left: no less than the trickle, and no more than where nothing is known. */
function modest(bps: number): number {
  return Math.min(firstRate, Math.max(leastRate, (bps / 8) * firstShare));
}
