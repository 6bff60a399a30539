// How far the clock that drives the recorder has come, beside the browser's own. Firefox stamps what it records by a media graph that stands still
// when the machine starves, and its file shows nothing of it; an element that plays the same sound follows the same graph.
// Promise: readings only, taken in one go and never judged here; whoever never asks for them pays nothing.
import { type GraphReading, graphReadingsMax } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";

const pollMs = 25;
/** Of each span the reading that is least behind is kept: the element learns of the graph's time every 10 ms or later. Short, because time is lost
 * somewhere between two readings. */
const spanMs = 125;

/** What is asked of the element. */
export type Player = Pick<HTMLMediaElement, "currentTime" | "paused" | "ended" | "pause" | "srcObject">;

export class GraphClock {
  #readings: GraphReading[] = [];
  #best: GraphReading | null = null;

  /** Between `start` and `close`. */
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    readonly player: Player,
    readonly clockMs: () => number = nowMs,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => this.look(), pollMs);
  }

  look(): void {
    const { player } = this;
    if (player.paused || player.ended) return;
    const browserMs = round(this.clockMs());
    const mediaMs = round(player.currentTime * 1000);
    // It has not begun to play.
    if (mediaMs <= 0) return;
    const best = this.#best;
    if (best && Math.floor(best.browserMs / spanMs) === Math.floor(browserMs / spanMs)) {
      if (browserMs - mediaMs < best.browserMs - best.mediaMs) this.#best = { browserMs, mediaMs };
      return;
    }
    if (best) this.#readings.push(best);
    this.#best = { browserMs, mediaMs };
    // Nobody came for them: the newest say most.
    if (this.#readings.length > graphReadingsMax) this.#readings.shift();
  }

  /** Those since the last call, in order. */
  take(): GraphReading[] {
    const readings = this.#readings;
    this.#readings = [];
    return readings;
  }

  /** What was read stays to be taken. An element that plays is kept alive by the browser, so it is silenced here. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.player.pause();
    this.player.srcObject = null;
  }
}

/** Plays the sound of a stream to nobody. */
export function playerOf(stream: MediaStream): HTMLAudioElement {
  const player = new Audio();
  player.muted = true;
  player.srcObject = new MediaStream(stream.getAudioTracks());
  player.play().catch((error: unknown) => console.warn("recorder: no readings of the media graph", error));
  return player;
}

const round = (ms: number) => Math.round(ms * 10) / 10;
