// Is it the upload at all that the call feels? A machine with too much to do answers late whatever is sent, and a picture may be small for reasons of its
// own: whoever gave way to a trickle for that would be sending for hours after the call. So where giving way does not help, because something is felt beside
// the trickle too, a little more is sent, and what the call then feels is compared with what it felt beside the trickle. Pure.
// Promise: `harmless` grows only by what was tried for seconds on end and not felt, and is given up as soon as it is.

/** What the call feels, at one look. */
export interface Feeling {
  queueMs: number;
  /** 0 … 1 */
  loss: number;
  /** What the call is given by its ways, bits per second. */
  callBps: number;
  /** That is what the browser believes of them, and does not come and go with the picture. */
  believed: boolean;
  /** It has less than it had, or asks for, and finds more from look to look. */
  recovers: boolean;
  /** The upload has to give way, and not for a first fall of what is believed alone: a late machine has many of those. */
  felt: boolean;
  /** Something keeps the upload from growing by itself, and not because the call recovers. */
  hindered: boolean;
}

/** So many looks are one opinion, and so many after a change belong to what was before. */
const opinionLooks = 10;
const passingLooks = 2;
const step = 2;
/** Longer than beside the trickle by this much, or by this share where the queue is long without us. A queue of ours stands in every look, what a busy
 * machine adds comes and goes: so the shorter ones are compared. */
const worseMs = 40;
const worseShare = 0.25;
const telling = 0.25;
const worseLoss = 0.02;
/** The call keeps at least this share of its bits, and a larger one of what the browser believes, which does not come and go with the picture. */
const keptShare = 0.9;
const believedShare = 0.95;
/** What is felt beside the trickle may change with the machine's other work: it is looked at anew after so many looks. */
const freshLooks = 90;
/** As much as was felt once is tried again after so many opinions, twice as many each time, and at most this many. */
const mostPatience = 32;

export class Trial {
  #harmless: number;
  /** What was not felt last time, before the trickle had to be looked at anew. */
  #found: number;
  /** What was felt last time, so many looks ago. */
  #felt = Number.POSITIVE_INFINITY;
  #sinceFelt = 0;
  #patience = 1;
  /** What is felt beside the trickle, and so many looks ago; null: not known. */
  #beside: Feeling | null = null;
  #age = 0;
  #looks: Feeling[] = [];
  #passing = 0;
  /** What was felt beside more than the trickle, until it was looked at without it; null: nothing is held against the upload. */
  #suspected: Feeling | null = null;

  /** `trickle`: what is always sent, bytes per second; it may change with what is known of the ways. */
  constructor(public trickle: number) {
    this.#harmless = trickle;
    this.#found = trickle;
  }

  /** Bytes per second that the call does not feel. */
  get harmless(): number {
    return Math.max(this.trickle, this.#harmless);
  }

  /** A way is gone, or another has taken its place: what the call felt says nothing of what it will feel. What was harmless is the first that is tried. */
  startOver(): void {
    this.#suspected = null;
    this.#forget(Math.max(this.#found, this.harmless));
  }

  /** Called at every look. `rate`: what the upload was allowed until now; `most`: more than this would not be made use of. */
  look(feeling: Feeling, rate: number, most: number): void {
    this.#age++;
    this.#sinceFelt++;
    if (this.#beside && this.#age > freshLooks) this.#forget(this.harmless);
    // It found more by itself.
    else if (rate > this.harmless * step) this.#begin(0);
    else if (this.#passing > 0) this.#passing--;
    else this.#looks.push(feeling);
    if (this.#looks.length >= opinionLooks) this.#judge(opinionOf(this.#looks), most);
  }

  #judge(now: Feeling, most: number): void {
    if (!this.#beside) {
      this.#acquit(now);
      // Nothing stands in its way: it grows by itself, and giving way helps.
      if (!now.felt && !now.hindered) this.#begin(0);
      else this.#compareWith(now, most);
    } else if (isWorse(now, this.#beside)) {
      this.#suspected = now;
      this.#felt = this.harmless;
      this.#sinceFelt = 0;
      this.#patience = Math.min(mostPatience, this.#patience * step);
      this.#forget(this.harmless / step);
    } else {
      if (this.harmless >= this.#felt) [this.#felt, this.#patience] = [Number.POSITIVE_INFINITY, 1];
      // It was still finding its bits again beside the trickle: what it is given beside more is the measure from here on.
      if (now.believed && now.callBps > this.#beside.callBps) this.#beside = { ...this.#beside, callBps: now.callBps };
      // More beside a call that finds its bits again would be more than it had the time to feel.
      if (now.recovers) this.#begin(0);
      else this.#try(this.harmless * step, most);
    }
  }

  #compareWith(beside: Feeling, most: number): void {
    this.#beside = beside;
    this.#age = 0;
    this.#try(Math.max(this.#found, this.trickle * step), most);
  }

  /** Without it the call is no better off: it was something else that the call felt, and the next trial need not wait for long. */
  #acquit(beside: Feeling): void {
    const suspected = this.#suspected;
    this.#suspected = null;
    if (suspected && !isWorse(suspected, beside)) this.#patience = Math.max(1, this.#patience / step / step);
  }

  #try(rate: number, most: number): void {
    const wanted = Math.min(most, rate);
    const next = wanted >= this.#felt && this.#sinceFelt < opinionLooks * this.#patience ? this.harmless : Math.max(this.harmless, wanted);
    this.#begin(next > this.harmless ? passingLooks : 0);
    this.#harmless = next;
  }

  #forget(found: number): void {
    this.#found = found;
    this.#harmless = this.trickle;
    this.#beside = null;
    this.#begin(passingLooks);
  }

  #begin(passing: number): void {
    this.#looks = [];
    this.#passing = passing;
  }
}

function opinionOf(looks: readonly Feeling[]): Feeling {
  const low = (of: (look: Feeling) => number, share: number) => looks.map(of).sort((a, b) => a - b)[Math.floor(looks.length * share)] ?? 0;
  return {
    queueMs: low(({ queueMs }) => queueMs, telling),
    loss: low(({ loss }) => loss, 0.5),
    callBps: looks.reduce((sum, { callBps }) => sum + callBps, 0) / looks.length,
    believed: looks.every(({ believed }) => believed),
    recovers: looks.at(-1)?.recovers ?? false,
    felt: looks.some(({ felt }) => felt),
    hindered: looks.every(({ hindered }) => hindered),
  };
}

function isWorse(now: Feeling, beside: Feeling): boolean {
  return (
    now.queueMs > beside.queueMs + Math.max(worseMs, beside.queueMs * worseShare) ||
    now.loss > beside.loss + worseLoss ||
    now.callBps < beside.callBps * (now.believed ? believedShare : keptShare)
  );
}
