// The composing processes, shared by all recordings: lent for one order at a time, to whoever's turn it is.
// Promise: never more than `most` of them, however many recordings grow; nobody waits for ever; a recording gets the process back that knows it, if it is free.
import { availableParallelism } from "node:os";
import type { Logger } from "pino";
import { type Done, warmAtOnce } from "./order.ts";
import { type Task, Worker } from "./worker.ts";

/** How urgent: somebody waits for the film of what has stopped. "troubled": its last order died or hung, and may again. */
export type Standing = "stopped" | "growing" | "troubled";

/** Which standing is looked at first, turn by turn: what stopped is preferred, and the others are never forgotten. */
const turns: readonly Standing[] = ["stopped", "stopped", "growing", "stopped", "stopped", "stopped", "growing", "troubled"];
const standings: readonly Standing[] = ["stopped", "growing", "troubled"];

export type Hand = Pick<Worker, "pid" | "warm" | "send" | "close">;

export interface PoolOptions {
  log: Logger;
  /** Longest that one order may take. */
  deadlineMs: number;
  /** Orders under way at a time: more only make each of them later. */
  atOnce?: number;
  /** Processes alive at a time: those at work and a few that keep decoders warm. */
  most?: number;
  hand?: () => Hand;
}

/** A process with nothing to do for so long is ended. */
const idleMs = 60_000;

interface Place {
  hand: Hand;
  /** Recordings whose decoders are warm in there, the last one last. */
  knows: string[];
  /** Null: it has nothing to do. */
  at: { recording: string; standing: Standing } | null;
  usedAt: number;
}

interface Waiting {
  recording: string;
  standing: () => Standing;
  go: (place: Place | null) => void;
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

  constructor({ log, deadlineMs, atOnce = Math.max(2, availableParallelism() >> 1), most = atOnce + 2, hand }: PoolOptions) {
    this.#atOnce = atOnce;
    this.#most = most;
    this.#hand = hand ?? (() => new Worker({ log, deadlineMs, idleMs }));
  }

  /** Has a process ready for a recording that will soon need one, where there is room for it. */
  warm(recording: string): void {
    if (this.#closed) return;
    const place = this.#knowing(recording) ?? this.#vacant();
    if (!place || place.at) return;
    this.#seat(place, recording);
    place.hand.warm();
  }

  /** Waits its turn and has it done. `standing` may change while it waits. Null: the recording was dropped meanwhile. Throws as `Worker.send`. */
  async send(recording: string, standing: () => Standing, task: Task): Promise<Done | null> {
    const place = await new Promise<Place | null>((go) => {
      if (this.#closed) return go(null);
      this.#waiting.push({ recording, standing, go });
      this.#next();
    });
    if (!place) return null;
    try {
      return await place.hand.send(task);
    } finally {
      place.at = null;
      this.#next();
    }
  }

  /** It needs nothing more for now. A process that knows nobody else ends, unless somebody waits for one. */
  async leave(recording: string): Promise<void> {
    for (const place of this.#places.filter(({ knows }) => knows.includes(recording))) {
      place.knows = place.knows.filter((known) => known !== recording);
      if (!place.at && place.knows.length === 0 && this.#waiting.length === 0) await place.hand.close();
    }
  }

  /** Whatever waits for it or is done for it ends now. */
  async drop(recording: string): Promise<void> {
    for (const waiting of this.#waiting.filter((one) => one.recording === recording)) this.#answer(waiting, null);
    await Promise.all(this.#places.filter(({ at }) => at?.recording === recording).map(({ hand }) => hand.close()));
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
      place.at = { recording, standing: standing() };
      this.#seat(place, recording);
      this.#answer(waiting, place);
    }
  }

  /** Who came first of the standing whose turn it is. The troubled never take all the room there is. */
  #first(): Waiting | undefined {
    const troubled = this.#places.filter(({ at }) => at?.standing === "troubled").length;
    const may = (standing: Standing) => standing !== "troubled" || troubled < Math.max(1, this.#atOnce - 1);
    const order = [turns[this.#turn % turns.length] as Standing, ...standings].filter(may);
    for (const standing of order) {
      const found = this.#waiting.find((one) => one.standing() === standing);
      if (found) return found;
    }
    return undefined;
  }

  #answer(waiting: Waiting, place: Place | null): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    waiting.go(place);
  }

  #knowing(recording: string): Place | undefined {
    return this.#places.find(({ at, knows }) => !at && knows.includes(recording));
  }

  /** One that knows nobody, or whose process is gone; a new one while there may be more. */
  #vacant(): Place | undefined {
    const free = this.#places.find(({ at, knows, hand }) => !at && (knows.length === 0 || hand.pid === null));
    if (free) return Object.assign(free, { knows: [] });
    if (this.#places.length >= this.#most) return undefined;
    const place = { hand: this.#hand(), knows: [], at: null, usedAt: 0 };
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
    place.knows = [...place.knows.filter((known) => known !== recording), recording].slice(-warmAtOnce);
  }
}
