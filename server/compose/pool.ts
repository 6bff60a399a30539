// The composing processes, shared by all recordings: lent for a few orders at a time, to whoever's turn it is.
// Promise: never more than `most` of them, however many recordings grow; nobody waits for ever; a process is for one recording, and is ended before
// another one gets its place.
import { availableParallelism, totalmem } from "node:os";
import type { Logger } from "pino";
import type { Fences } from "./fence.ts";
import type { Done } from "./order.ts";
import { type Task, Worker } from "./worker.ts";

/** How urgent: somebody waits for the film of what has stopped. "asked": a file to download, which takes what it takes. "troubled": its last order died
 * or hung, and may again. */
export type Standing = "stopped" | "growing" | "asked" | "troubled";

/** Which standing is looked at first, turn by turn: what stopped is preferred, and the others are never forgotten. */
const turns: readonly Standing[] = ["stopped", "stopped", "growing", "stopped", "stopped", "asked", "growing", "troubled"];
const standings: readonly Standing[] = ["stopped", "growing", "asked", "troubled"];
/** These take long, and never all the room there is. */
const slow: readonly Standing[] = ["asked", "troubled"];

export type Hand = Pick<Worker, "pid" | "warm" | "send" | "close">;

export interface PoolOptions {
  log: Logger;
  /** Longest that one order may take. */
  deadlineMs: number;
  /** Orders under way at a time: more only make each of them later. */
  atOnce?: number;
  /** Processes alive at a time: those at work and a few that keep decoders warm. */
  most?: number;
  fences?: Fences | undefined;
  hand?: () => Hand;
}

/** A process with nothing to do for so long is ended. */
const idleMs = 60_000;
/** When others wait whose process would have to be started, a recording that is behind does so many windows in its turn: a start costs half a window. */
const ordersPerTurn = 6;
/** What a process takes, generously, and what share of the memory all of them may take. */
const processBytes = 200 * 2 ** 20;
const memoryShare = 0.25;
const mostOfAll = 16;

function roomFor(atOnce: number): number {
  const own = process.constrainedMemory?.() ?? 0;
  const memory = own > 0 && own < totalmem() ? own : totalmem();
  return Math.max(atOnce + 2, Math.min(mostOfAll, Math.floor((memory * memoryShare) / processBytes)));
}

/** A process, for as long as it is needed and nobody else's turn has come. */
export interface Loan {
  /** One order. Throws as `Worker.send`. */
  send: (task: Task) => Promise<Done>;
  /** Somebody else's turn: to be given back now. */
  readonly over: boolean;
  /** Null while none runs. */
  readonly pid: number | null;
  giveBack: () => void;
}

interface Place {
  hand: Hand;
  /** The recording whose decoders are warm in there. */
  knows: string | null;
  /** Null: it has nothing to do. */
  at: { recording: string; standing: () => Standing } | null;
  usedAt: number;
}

interface Waiting {
  recording: string;
  standing: () => Standing;
  go: (loan: Loan | null) => void;
}

export class Pool {
  readonly #atOnce: number;
  readonly #most: number;
  readonly #hand: () => Hand;
  readonly #places: Place[] = [];
  readonly #waiting: Waiting[] = [];
  #turn = 0;
  #uses = 0;
  #closed: Promise<void> | null = null;

  constructor({ log, deadlineMs, atOnce = Math.max(2, availableParallelism() >> 1), most = roomFor(atOnce), fences, hand }: PoolOptions) {
    this.#atOnce = atOnce;
    this.#most = most;
    this.#hand = hand ?? (() => new Worker({ log, deadlineMs, idleMs, fences }));
  }

  /** Has a process ready for a recording that will soon need one, where there is room for it. */
  warm(recording: string, folder: string): void {
    if (this.#closed) return;
    const place = this.#knowing(recording) ?? this.#vacant();
    if (!place || place.at) return;
    this.#seat(place, recording);
    place.hand.warm(folder);
  }

  /** Whether a process that knows this recording could be had at once, and nobody else waits for one. */
  free(recording: string): boolean {
    const busy = this.#places.filter(({ at }) => at).length;
    return !this.#closed && this.#waiting.length === 0 && busy < this.#atOnce && this.#knowing(recording)?.hand.pid != null;
  }

  /** Waits its turn. `standing` may change while it waits. Null: the recording was dropped meanwhile. */
  borrow(recording: string, standing: () => Standing): Promise<Loan | null> {
    return new Promise((go) => {
      if (this.#closed) return go(null);
      this.#waiting.push({ recording, standing, go });
      this.#next();
    });
  }

  /** Waits its turn and has one order done. Null as in `borrow`. Throws as `Worker.send`. */
  async send(recording: string, standing: () => Standing, task: Task): Promise<Done | null> {
    const loan = await this.borrow(recording, standing);
    try {
      return (await loan?.send(task)) ?? null;
    } finally {
      loan?.giveBack();
    }
  }

  #loan(place: Place): Loan {
    let orders = 0;
    let back = false;
    const isOver = () => this.#waiting.some(({ recording }) => orders >= ordersPerTurn || this.#knowing(recording));
    return {
      send: (task) => {
        if (back) throw new Error("the process was given back");
        orders += 1;
        return place.hand.send(task);
      },
      get over() {
        return isOver();
      },
      get pid() {
        return place.hand.pid;
      },
      giveBack: () => {
        if (back) return;
        back = true;
        place.at = null;
        this.#next();
      },
    };
  }

  /** It needs nothing more for now: its process ends. */
  async leave(recording: string): Promise<void> {
    const place = this.#knowing(recording);
    if (!place) return;
    place.knows = null;
    await place.hand.close();
  }

  /** Whatever waits for it or is done for it ends now. */
  async drop(recording: string): Promise<void> {
    for (const waiting of this.#waiting.filter((one) => one.recording === recording)) this.#answer(waiting, null);
    await Promise.all(this.#places.filter(({ knows }) => knows === recording).map(({ hand }) => hand.close()));
    await this.leave(recording);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      for (const waiting of [...this.#waiting]) this.#answer(waiting, null);
      await Promise.all(this.#places.map(({ hand }) => hand.close()));
    })();
    return this.#closed;
  }

  #next(): void {
    while (!this.#closed && this.#places.filter(({ at }) => at).length < this.#atOnce) {
      const waiting = this.#first();
      if (!waiting) return;
      this.#turn += 1;
      const { recording, standing } = waiting;
      const place = this.#knowing(recording) ?? this.#vacant() ?? this.#oldest();
      place.at = { recording, standing };
      this.#seat(place, recording);
      this.#answer(waiting, place);
    }
  }

  /** Who came first of the standing whose turn it is. */
  #first(): Waiting | undefined {
    const long = this.#places.filter(({ at }) => at && slow.includes(at.standing())).length;
    const may = (standing: Standing) => !slow.includes(standing) || long < Math.max(1, this.#atOnce - 1);
    const order = [turns[this.#turn % turns.length] as Standing, ...standings].filter(may);
    for (const standing of order) {
      const found = this.#waiting.find((one) => one.standing() === standing);
      if (found) return found;
    }
    return undefined;
  }

  #answer(waiting: Waiting, place: Place | null): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    waiting.go(place && this.#loan(place));
  }

  #knowing(recording: string): Place | undefined {
    return this.#places.find(({ at, knows }) => !at && knows === recording);
  }

  /** One that knows nobody, or whose process is gone; a new one while there may be more. */
  #vacant(): Place | undefined {
    const free = this.#places.find(({ at, knows, hand }) => !at && (knows === null || hand.pid === null));
    if (free) return Object.assign(free, { knows: null });
    if (this.#places.length >= this.#most) return undefined;
    const place = { hand: this.#hand(), knows: null, at: null, usedAt: 0 };
    this.#places.push(place);
    return place;
  }

  /** There are more processes than orders at a time, so one of them is always free. */
  #oldest(): Place {
    return this.#places.filter(({ at }) => !at).toSorted((a, b) => a.usedAt - b.usedAt)[0]!;
  }

  #seat(place: Place, recording: string): void {
    this.#uses += 1;
    place.usedAt = this.#uses;
    place.knows = recording;
  }
}
