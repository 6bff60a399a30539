// Plays a film that still grows: brings the windows around the moment on the screen into the video element, by Media Source Extensions.
// Promise: the element's time is the film's, before and after it is complete; what is replaced on the server is fetched again; memory stays small.
import { filmDelayMs } from "../../../protocol/film.ts";
import { Feed, type Window } from "./feed.ts";

export interface AppenderOptions {
  video: HTMLVideoElement;
  /** Signed, of the newest answer. */
  playlistUrl: () => string;
  /** The film reaches this far now. `complete`: and will not grow any more. */
  onReach: (endMs: number, complete: boolean) => void;
  /** This browser cannot play it, in words for the console. */
  onFailure: (error: unknown) => void;
}

/** How often the playlist is looked at while the film grows. A window comes three seconds after the one before, or four: what is waited here for one that
 * is due is latency. */
const lookMs = 500;
const dueLookMs = 150;
const due = { fromMs: 2200, toMs: 5000 };
/** Every so many looks the whole list, for windows that were replaced long ago. */
const fullEvery = 60;
/** What is brought ahead of the moment on the screen, and what is kept around it. */
const aheadMs = 20_000;
const keptBehindMs = 60_000;
const keptAheadMs = 90_000;
/** When the browser has no more room. */
const tightBehindMs = 5_000;
const tightAheadMs = 10_000;
/** After a request that failed. */
const retryMs = 1_000;
/** Edges of what is buffered are rounded to microseconds, and sound ends a little beside the pictures. */
const edgeMs = 60;

export class Appender {
  readonly #options: AppenderOptions;
  readonly #feed = new Feed();
  readonly #source: MediaSource;
  readonly #closing = new AbortController();
  readonly #address: string;
  #buffer: SourceBuffer | null = null;
  /** By index: the name of what was appended last. */
  readonly #loaded = new Map<number, string>();
  /** Names of those of which the browser never held all. */
  readonly #short = new Set<string>();
  #looks = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #grewAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    const Source = mediaSource();
    if (!Source) throw new Error("this browser has no Media Source Extensions");
    this.#source = new Source();
    const { video } = options;
    // Managed sources (Safari) want it.
    video.disableRemotePlayback = true;
    this.#address = URL.createObjectURL(this.#source);
    video.src = this.#address;
    for (const event of ["seeking", "timeupdate", "play"]) video.addEventListener(event, this.#stir);
    this.#source.addEventListener("sourceopen", () => void this.#run(), { once: true });
  }

  /** Something about the film changed: look now. */
  nudge(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#looks = 0;
    this.#wake();
  }

  close(): void {
    this.#closing.abort();
    for (const event of ["seeking", "timeupdate", "play"]) this.#options.video.removeEventListener(event, this.#stir);
    URL.revokeObjectURL(this.#address);
    this.#wake();
  }

  #stir = (): void => this.#wake();

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (this.#lookIsDue()) await this.#look();
        const index = this.#wanted();
        const window = this.#feed.windows[index];
        if (window) await this.#bring(index, window);
        else {
          await this.#conclude();
          await this.#rest(this.#lookMs);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Unreachable)) {
          this.#options.onFailure(error);
          return;
        }
        // Addresses expire, and servers restart: ask for the list again.
        this.nudge();
        await this.#rest(retryMs);
      }
    }
  }

  #lookIsDue(): boolean {
    if (this.#feed.complete && this.#lookedAt > 0) return false;
    return performance.now() - this.#lookedAt >= this.#lookMs;
  }

  get #lookMs(): number {
    const sinceMs = performance.now() - this.#grewAt;
    return sinceMs >= due.fromMs && sinceMs < due.toMs ? dueLookMs : lookMs;
  }

  async #look(): Promise<void> {
    const from = this.#feed.from(this.#looks % fullEvery === 0);
    const url = this.#options.playlistUrl();
    const text = new TextDecoder().decode(await this.#fetch(from > 0 ? `${url}&from=${from}` : url));
    this.#looks += 1;
    this.#lookedAt = performance.now();
    const news = this.#feed.take(text, new URL(url, window.location.href).href);
    if (news === "same") return;
    this.#grewAt = this.#lookedAt;
    if (news === "anew") await this.#forget();
    // Less than the whole was asked for, and it did not fit.
    if (news === "anew" && from > 0) return this.nudge();
    await this.#dropReplaced();
    this.#lengthen();
    this.#options.onReach(this.#feed.endMs, this.#feed.complete);
  }

  /** Index of the first window that is needed now; -1: all there is. */
  #wanted(): number {
    const { video } = this.#options;
    const atMs = video.currentTime * 1000;
    const { windows } = this.#feed;
    for (let index = this.#feed.at(atMs); index >= 0 && index < windows.length; index++) {
      if (windows[index]!.startMs > atMs + aheadMs) break;
      if (!this.#has(index)) return index;
    }
    return -1;
  }

  #has(index: number): boolean {
    const window = this.#feed.windows[index]!;
    return this.#loaded.get(index) === window.name && (this.#short.has(window.name) || this.#holds(window));
  }

  #holds({ startMs, endMs }: Window): boolean {
    return this.#buffered((startMs + edgeMs) / 1000, (endMs - edgeMs) / 1000);
  }

  #buffered(from: number, to: number): boolean {
    const ranges = this.#buffer?.buffered;
    if (!ranges) return false;
    for (let index = 0; index < ranges.length; index++)
      if (ranges.start(index) <= from && ranges.end(index) >= Math.max(from, to)) return true;
    return false;
  }

  async #bring(index: number, window: Window): Promise<void> {
    const bytes = await this.#fetch(window.url);
    this.#buffer ??= await this.#begin();
    await this.#makeRoom(keptBehindMs, keptAheadMs);
    try {
      await this.#append(bytes);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "QuotaExceededError")) throw error;
      await this.#makeRoom(tightBehindMs, tightAheadMs);
      await this.#append(bytes);
    }
    this.#loaded.set(index, window.name);
    // What the browser does not hold in whole now it would not hold after another time: a last window of one picture is shorter than its edges.
    if (!this.#holds(window)) this.#short.add(window.name);
    this.#lengthen();
  }

  /** The first window is there, so the init segment is, too. */
  async #begin(): Promise<SourceBuffer> {
    const init = new Uint8Array(await this.#fetch(this.#feed.init ?? ""));
    const buffer = this.#source.addSourceBuffer(typeOf(init));
    this.#buffer = buffer;
    // A tenth of a millisecond late rather than a rounding error before zero, where a picture would be dropped, and with it all that build on it.
    buffer.timestampOffset = (0.1 - filmDelayMs) / 1000;
    await this.#append(init);
    return buffer;
  }

  async #append(bytes: BufferSource): Promise<void> {
    await this.#settled((buffer) => buffer.appendBuffer(bytes));
  }

  async #remove(fromMs: number, toMs: number): Promise<void> {
    if (toMs <= fromMs) return;
    this.#short.clear();
    await this.#settled((buffer) => buffer.remove(Math.max(0, fromMs) / 1000, toMs / 1000));
  }

  async #settled(change: (buffer: SourceBuffer) => void): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer || this.#closing.signal.aborted) return;
    const { video } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const failed = () => reject(new Error(`the window could not be taken in: ${video.error?.message ?? "unreadable"}`));
      buffer.addEventListener("updateend", () => resolve(), { once: true });
      buffer.addEventListener("error", failed, { once: true });
      change(buffer);
    });
  }

  async #makeRoom(behindMs: number, laterMs: number): Promise<void> {
    const atMs = this.#options.video.currentTime * 1000;
    const ranges = this.#buffer?.buffered;
    if (!ranges || ranges.length === 0) return;
    const [firstMs, lastMs] = [ranges.start(0) * 1000, ranges.end(ranges.length - 1) * 1000];
    if (firstMs < atMs - behindMs) await this.#remove(firstMs, atMs - behindMs);
    if (lastMs > atMs + laterMs) await this.#remove(atMs + laterMs, lastMs + 1);
  }

  /** What the server composed again is not what was appended. What is on the screen is overwritten as it stands, the rest goes until it is needed. */
  async #dropReplaced(): Promise<void> {
    const atMs = this.#options.video.currentTime * 1000;
    for (const [index, name] of this.#loaded) {
      const window = this.#feed.windows[index];
      if (window?.name === name) continue;
      this.#loaded.delete(index);
      const near = window && window.endMs > atMs && window.startMs < atMs + aheadMs;
      if (window && !near) await this.#remove(window.startMs, window.endMs);
    }
  }

  async #forget(): Promise<void> {
    this.#loaded.clear();
    const buffer = this.#buffer;
    if (!buffer) return;
    await this.#remove(0, Number.POSITIVE_INFINITY);
    this.#source.removeSourceBuffer(buffer);
    this.#buffer = null;
  }

  /** Endless while it grows, for an element that reaches its duration has ended. */
  #lengthen(): void {
    if (this.#source.readyState !== "open" || !this.#buffer || this.#buffer.updating) return;
    const duration = this.#feed.complete ? this.#feed.endMs / 1000 : Number.POSITIVE_INFINITY;
    // Shorter than what is buffered is not allowed; the end of the stream says the exact length then.
    const { buffered } = this.#buffer;
    const reached = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    if (this.#source.duration !== duration && duration >= reached) this.#source.duration = duration;
  }

  /** With the last window in place the element knows where it ends. */
  async #conclude(): Promise<void> {
    const last = this.#feed.windows.length - 1;
    if (!this.#feed.complete || last < 0 || this.#source.readyState !== "open" || !this.#has(last)) return;
    this.#source.endOfStream();
  }

  /** To its last byte: a line that breaks in the middle is as good as none. */
  async #fetch(url: string): Promise<ArrayBuffer> {
    try {
      const response = await fetch(url, { signal: this.#closing.signal });
      if (response.ok) return await response.arrayBuffer();
      throw new Error(`${response.status}`);
    } catch (cause) {
      throw new Unreachable(url, { cause });
    }
  }

  /** Until something happens at the element, at most so long. */
  async #rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}

/** The server did not give it, now. */
class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Null: this browser has none. Phones of Apple have the managed kind only. */
export function mediaSource(): typeof MediaSource | null {
  const managed = (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  return globalThis.MediaSource ?? managed ?? null;
}

/** From the init segment: H.264 as its configuration record says (RFC 6381), and AAC-LC. */
function typeOf(init: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(init);
  const at = text.indexOf("avcC") + 5;
  if (at < 5) throw new Error("an init segment without H.264");
  const profile = [...init.subarray(at, at + 3)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `video/mp4; codecs="avc1.${profile}, mp4a.40.2"`;
}
