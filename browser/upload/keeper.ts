// Carries out the page's orders on the outbox and its upload sockets; in the one worker, or in the page itself where there is none.
// Promise: orders for one track are carried out in the order they came; a failed one is reported, never dropped in silence.
import { Allowance } from "./allowance.ts";
import { filesOf } from "./files.ts";
import { Holder } from "./holder.ts";
import { HttpSocket } from "./http.ts";
import { hold } from "./lock.ts";
import { Manners } from "./manners.ts";
import type { Order, Report, UploadStatus } from "./orders.ts";
import { type About, listTracks, readAbout, readAcked, Track } from "./outbox.ts";
import { probe } from "./probe.ts";
import { type OpenableSocket, Route } from "./route.ts";
import type { Shelf } from "./shelf.ts";

/** The page's picture of the uploads is renewed at most this often. */
const statusMs = 200;
/** How often it is made sure that what was kept is still there: a person can clear a site's data in the middle of a call. */
const checkMs = 5000;

export interface KeeperOptions {
  shelf: Promise<Shelf>;
  /** Where the server is. */
  origin: string;
  tell: (report: Report) => void;
}

export class Keeper {
  readonly #held = new Map<string, Holder>();
  readonly #route: Route;
  readonly #allowance = new Allowance();
  readonly #manners = new Manners();
  #statusTimer: ReturnType<typeof setTimeout> | null = null;
  /** Orders wait for the shelf, and for those before them that change who holds what. */
  #queue: Promise<unknown>;

  constructor(readonly options: KeeperOptions) {
    const { origin, shelf } = options;
    this.#queue = shelf.then((on) => setInterval(() => void this.#check(on), checkMs));
    this.#route = new Route({
      socket: () => new WebSocket(`${origin.replace(/^http/, "ws")}/ws/upload`) as OpenableSocket,
      http: (onAnswer) => new HttpSocket(origin, onAnswer),
      nowMs: () => performance.now(),
    });
  }

  take(order: Order): void {
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#obey(order, await this.options.shelf);
      } catch (error) {
        console.error(`uploads: ${order.type}`, error);
        if ("ask" in order)
          this.options.tell({ type: "failed", ask: order.ask, message: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  async #obey(order: Order, on: Shelf): Promise<void> {
    const { tell } = this.options;
    switch (order.type) {
      case "open": {
        const { ticket, room, roomId, source, startedAt } = order;
        this.#open(on, { version: 1, ...ticket, room, roomId, source, startedAt });
        return;
      }
      case "segment":
        return this.#holder(order.track).segment(order.segment, order.facts);
      case "append":
        return this.#holder(order.track).append(order.segment, order.chunk);
      case "clock":
        return this.#holder(order.track).clock(order.segment, order.samples);
      case "finish":
        return this.#holder(order.track).finish(order.segment);
      case "end":
        return this.#holder(order.track).end();
      case "resume":
        return await this.#resume(on, order.track);
      case "ways": {
        const nowMs = performance.now();
        return this.#allowance.pace(this.#manners.look(order.ways, this.#allowance, nowMs), nowMs);
      }
      case "hurry":
        for (const one of this.#held.values()) one.hurry(order.reached);
        return;
      case "storage":
        return tell({ type: "storage", ask: order.ask, storage: on.storage });
      case "unsent":
        return tell({ type: "unsent", ask: order.ask, tracks: await this.#unsent(on) });
      case "save":
        return tell({ type: "saved", ask: order.ask, files: await this.#save(on, order.track) });
      case "discard":
        await this.#discard(on, order.track);
        return tell({ type: "done", ask: order.ask });
      case "close":
        await Promise.all([...this.#held.values()].map((one) => one.close()));
        return tell({ type: "done", ask: order.ask });
    }
  }

  #open(on: Shelf, about: About): Holder {
    const present = this.#held.get(about.track);
    if (present && !present.safe) {
      present.reopen();
      return present;
    }
    const fresh = new Holder({
      shelf: on,
      about,
      hold: (wait) => hold(about.track, wait),
      connect: this.#route.connect,
      probe: (signal) => probe(this.options.origin, signal),
      allowance: this.#allowance,
      onChange: () => this.#reportSoon(),
      onOver: (segment) => this.options.tell({ type: "over", segment }),
      onSafe: () => {
        this.#report();
        this.options.tell({ type: "safe", track: about.track });
      },
    });
    this.#held.set(about.track, fresh);
    fresh.reopen();
    this.#reportSoon();
    return fresh;
  }

  #holder(track: string): Holder {
    const found = this.#held.get(track);
    if (!found) throw new Error(`track=${track} was never opened`);
    return found;
  }

  async #resume(on: Shelf, track: string): Promise<void> {
    const present = this.#held.get(track);
    if (present) return present.retry();
    const about = await withLock(track, () => readAbout(on, track));
    if (about) this.#open(on, about).end();
  }

  async #unsent(on: Shelf): Promise<UploadStatus[]> {
    const tracks = (await listTracks(on)).filter((track) => !this.#held.has(track));
    const found = await Promise.all(tracks.map((track) => withLock(track, () => describe(on, track))));
    return found.filter((status) => status !== null).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async #save(on: Shelf, track: string): Promise<File[]> {
    const present = this.#held.get(track);
    if (present) return await present.read(async (open) => filesOf(open));
    const files = await withLock(track, async () => {
      const about = await readAbout(on, track);
      if (!about) return [];
      const open = await Track.open(on, about);
      try {
        return filesOf(open);
      } finally {
        open.close();
      }
    });
    return files ?? [];
  }

  async #discard(on: Shelf, track: string): Promise<void> {
    const present = this.#held.get(track);
    this.#held.delete(track);
    if (present) await present.discard();
    else await withLock(track, () => on.remove(track));
    this.#reportSoon();
  }

  async #check(on: Shelf): Promise<void> {
    if (await on.lost?.()) this.#reportSoon();
  }

  #reportSoon(): void {
    this.#statusTimer ??= setTimeout(() => this.#report(), statusMs);
  }

  #report(): void {
    if (this.#statusTimer !== null) clearTimeout(this.#statusTimer);
    this.#statusTimer = null;
    this.options.tell({ type: "status", all: [...this.#held.values()].map((one) => one.status()) });
  }
}

async function describe(on: Shelf, track: string): Promise<UploadStatus | null> {
  const about = await readAbout(on, track);
  if (!about) return null;
  const acked = await readAcked(on, track);
  let [bytesKept, bytesSafe] = [0, 0];
  for (const name of (await on.files(track)).filter((file) => file.endsWith(".media"))) {
    const file = await on.open(track, name);
    bytesKept += file.size();
    bytesSafe += Math.min(file.size(), acked[name.slice(0, -".media".length)]?.offset ?? 0);
    file.close();
  }
  const { recording, room, roomId = null, source, startedAt } = about;
  const kept = { bytesKept, bytesSafe, storage: on.storage };
  const state = { state: "offline", keeps: "everything", code: null, message: null, pending: true } as const;
  return { track, recording, room, roomId, source, startedAt, ...kept, ...state };
}

/** Null when another tab owns the track. */
async function withLock<T>(track: string, action: () => Promise<T>): Promise<T | null> {
  const release = await hold(track, false);
  if (!release) return null;
  try {
    return await action();
  } finally {
    release();
  }
}
