// A track that this tab owns: its lock, its part of the outbox and its uploader. Orders are carried out one after the other, in the order given.
// Promise: the lock is let go only after the last byte is either on the server or flushed to the device.
import type { ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import type { Allowance } from "./allowance.ts";
import type { UploadSocket } from "./connection.ts";
import type { Release } from "./lock.ts";
import type { Keeps, RecordedChunk, UploadStatus } from "./orders.ts";
import { type About, Track } from "./outbox.ts";
import { Segment } from "./segment.ts";
import { MemoryShelf, type Shelf } from "./shelf.ts";
import { lostWords, Uploader } from "./uploader.ts";

/** A power cut takes at most this much and one timeslice. */
const flushMs = 1000;

/** Of what memory may hold. What is left above the first is more than an hour of sound; below the second there is room for minutes of picture. */
const soundOnlyFrom = 7 / 8;
const everythingUpTo = 1 / 2;

export interface HolderOptions {
  shelf: Shelf;
  about: About;
  /** Null when another tab owns the track and this is not to wait until it does not. */
  hold: (wait: boolean) => Promise<Release | null>;
  connect: () => UploadSocket;
  probe: (signal: AbortSignal) => Promise<boolean>;
  allowance: Allowance;
  onChange: () => void;
  /** What is recorded into this segment now had better go into another one. */
  onOver: (segment: string) => void;
  onSafe: () => void;
}

export class Holder {
  safe = false;
  #turn: "mine" | "waiting" = "mine";
  #keeps: Keeps = "everything";
  #track: Track | null = null;
  #uploader: Uploader | null = null;
  #release: Release | null = null;
  #flushing: ReturnType<typeof setInterval> | null = null;
  #queue: Promise<void>;
  /** What an earlier page left has been looked through. */
  #recovered: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  /** It could not even be opened: nothing of it is kept. */
  #broken = false;
  /** Bytes on the server when the track's folder went. */
  #bytes = 0;

  constructor(readonly options: HolderOptions) {
    this.#queue = this.#open().catch((error) => {
      console.error(`outbox: track=${options.about.track} cannot be kept`, error);
      this.#broken = true;
      options.onChange();
    });
  }

  segment(id: string, facts: SegmentFacts): void {
    this.#order(async (track) => void (await track.addSegment(id, facts)));
  }

  append(id: string, chunk: RecordedChunk): void {
    this.#order((track) => {
      const segment = find(track, id);
      segment.append(chunk.sequence, new Uint8Array(chunk.bytes), chunk.eventMs, track.inMemory - segment.inMemory);
      if (segment.lost || track.crowded(segment)) this.options.onOver(id);
    });
  }

  clock(id: string, samples: ClockSample[]): void {
    this.#order((track) => find(track, id).addSamples(samples));
  }

  finish(id: string): void {
    this.#order((track) => find(track, id).finish());
  }

  end(): void {
    this.#order((track) => track.end());
  }

  reopen(): void {
    this.#order(async (track) => {
      await track.reopen();
      if (this.#uploader?.state === "refused") this.#upload();
    });
  }

  /** After a refusal: try again. */
  retry(): void {
    this.#order(() => this.#upload());
  }

  /** See `Uploader.hurry`. */
  hurry(reached: boolean): void {
    this.#uploader?.hurry(reached);
  }

  /** Runs when everything ordered before is done. */
  async read<T>(action: (track: Track) => Promise<T>): Promise<T> {
    await this.#queue;
    await this.#recovered;
    if (!this.#track) throw new Error(`track=${this.options.about.track} is not open`);
    return await action(this.#track);
  }

  status(): UploadStatus {
    const track = this.#track;
    const about = track?.about ?? this.options.about;
    const storage = this.#broken || track?.onDevice === false ? "memory" : this.options.shelf.storage;
    const state = this.#state();
    const keeps = this.#weigh();
    const pending = !this.safe && !this.#broken && (!track || track.ended || track.segments.some((segment) => !segment.sealed));
    return {
      track: about.track,
      recording: about.recording,
      room: about.room,
      roomId: about.roomId ?? null,
      source: about.source,
      startedAt: about.startedAt,
      bytesKept: this.safe ? this.#bytes : (track?.bytes ?? 0),
      bytesSafe: this.safe ? this.#bytes : (this.#uploader?.bytesSafe ?? 0),
      state,
      ...(this.#trouble() ?? trouble(state, storage, this.#uploader?.refusal ?? null, this.#uploader?.why ?? null)),
      storage,
      keeps,
      pending,
    };
  }

  /** Sticks to its word in between: each change is another segment. */
  #weigh(): Keeps {
    const share = (this.#track?.inMemory ?? 0) / Segment.memoryMostBytes;
    if (share >= soundOnlyFrom) this.#keeps = "sound";
    else if (share <= everythingUpTo) this.#keeps = "everything";
    return this.#keeps;
  }

  /** Forgets the track without the server's word: the person asked for it. */
  async discard(): Promise<void> {
    await this.#stop();
    await this.#track?.forget();
    this.#release?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#stop().then(() => {
      this.#track?.close();
      this.#release?.();
    });
    return this.#closing;
  }

  async #open(): Promise<void> {
    this.#release = (await this.options.hold(false)) ?? (await this.#wait());
    if (!this.#release) throw new Error(`track=${this.options.about.track} is held by another tab`);
    const track = await openTrack(this.options.shelf, this.options.about);
    this.#track = track;
    const { connect, probe, allowance, onChange } = this.options;
    this.#uploader = new Uploader({ track, connect, probe, allowance, onChange, random: Math.random });
    this.#flushing = setInterval(() => track.flush(), flushMs);
    // Not waited for: what is recorded now is kept and sent meanwhile.
    this.#recovered = track.recover().then(() => this.#uploader?.wake());
    this.#upload();
  }

  /** One owner at a time: what is recorded here meanwhile is kept in this tab. */
  async #wait(): Promise<Release | null> {
    this.#turn = "waiting";
    this.options.onChange();
    try {
      return await this.options.hold(true);
    } finally {
      this.#turn = "mine";
    }
  }

  #upload(): void {
    this.#uploader?.run().then(
      () => this.#settle(),
      (error) => console.error(`upload: track=${this.options.about.track}`, error),
    );
  }

  async #settle(): Promise<void> {
    if (this.#uploader?.state !== "done" || !this.#track) return;
    await this.#drained();
    if (!this.#track.ended) return this.#upload();
    this.#bytes = this.#track.bytes;
    this.safe = true;
    await this.#stop();
    await this.#track.forget();
    this.#release?.();
    this.options.onSafe();
  }

  /** When every order given so far is carried out. */
  async #drained(): Promise<void> {
    for (let last: Promise<void> | null = null; last !== this.#queue; ) {
      last = this.#queue;
      await last;
    }
  }

  async #stop(): Promise<void> {
    if (this.#flushing !== null) clearInterval(this.#flushing);
    await this.#drained();
    await this.#recovered;
    await this.#uploader?.close();
  }

  #order(action: (track: Track) => void | Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      try {
        if (!this.#track) throw new Error("the track is not open");
        await action(this.#track);
        this.#uploader?.wake();
        this.options.onChange();
      } catch (error) {
        console.error(`outbox: track=${this.options.about.track}`, error);
      }
    });
  }

  /** What concerns the track itself, whatever its upload does. */
  #trouble(): Trouble | null {
    if (this.#broken) return { code: "kept-broken", message: "This page can no longer keep or send the recording. Reload it." };
    if (this.#turn === "waiting")
      return {
        code: "kept-waiting",
        message: "Another tab of this browser still holds the beginning of this recording. Leave both open until everything is safe.",
      };
    if (this.#track?.lost) return { code: "kept-lost", message: lostWords };
    if (!this.safe && this.#track?.overfull)
      return {
        code: "kept-overfull",
        message: "Neither this device nor this tab can keep any more, and the server cannot be reached: a part of your recording is lost.",
      };
    if (!this.safe && this.#keeps === "sound")
      return {
        code: "kept-sound",
        message:
          "This tab can hardly keep any more, and the server cannot be reached: from here on only your sound is recorded. The picture comes back with the connection.",
      };
    return null;
  }

  #state(): UploadStatus["state"] {
    if (this.safe) return "safe";
    if (this.#broken) return "refused";
    const state = this.#uploader?.state ?? "trying";
    if (state === "offline" || state === "disk-full" || state === "refused") return state;
    return this.#track?.ended ? "sending" : "recording";
  }
}

/** A device that will not even open the folder must not keep anybody from recording. */
async function openTrack(shelf: Shelf, about: About): Promise<Track> {
  try {
    return await Track.begin(shelf, about);
  } catch (error) {
    console.error(`outbox: track=${about.track} kept in memory`, error);
    return await Track.begin(new MemoryShelf(), about);
  }
}

function find(track: Track, id: string): Segment {
  const segment = track.segments.find((one) => one.id === id);
  if (!segment) throw new Error(`segment=${id} was never opened`);
  return segment;
}

type Trouble = Pick<UploadStatus, "code" | "message">;
const well: Trouble = { code: null, message: null };

/** Why the server takes nothing now (4507), by the code of its error. */
const noRoom: Readonly<Record<string, string>> = {
  "disk-full": "The server's disk is full",
  "disk-broken": "The server's disk failed",
  "server-full": "The server has more to do than it can take",
};

function trouble(state: UploadStatus["state"], storage: UploadStatus["storage"], refusal: string | null, why: string | null): Trouble {
  if (state === "safe") return well;
  const kept = storage === "device" ? "Kept safe on this device." : "Kept in this tab only: leave it open.";
  if (state === "disk-full") {
    const code = why !== null && why in noRoom ? why : "disk-full";
    return { code, message: `${kept} ${noRoom[code]}; we keep trying.` };
  }
  if (state === "offline") return { code: "unreachable", message: `${kept} No connection to the server; we keep trying.` };
  if (state === "refused" && why === "lost") return { code: "kept-lost", message: refusal };
  if (state === "refused") return { code: "not-taken", message: `${refusal ?? "The server does not take this recording."} ${kept}` };
  return storage === "memory"
    ? {
        code: "kept-memory",
        message: "This browser cannot keep the recording on this device. Leave this tab open until everything is safe.",
      }
    : well;
}
