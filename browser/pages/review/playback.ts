// The film being watched: one video element as signals, in milliseconds of the recording.
// Promise: its times are the same whether the film still grows or is complete.
import { computed, signal } from "@preact/signals";
import { pictureMs } from "../../../protocol/film.ts";
import { Pace } from "./pace.ts";

/** How fast it can be watched; `[` and `]` go through them. */
export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;
/** Where watching live begins, before the film's end, while the rhythm of its windows is not known: one comes every 3.2 s. */
const leadMs = 3_500;
/** Whoever is no further behind the film's end watches live. */
const liveMs = 7_000;
/** So does whoever went there and fell behind by no more than this, because windows came late: they are brought near again. */
const followedMs = 20_000;

export interface Span {
  fromMs: number;
  toMs: number;
}

export class Playback {
  readonly atMs = signal(0);
  readonly playing = signal(false);
  readonly muted = signal(false);
  /** 0 to 1. */
  readonly volume = signal(1);
  readonly speed = signal(1);
  /** Null until the film's own length is known. */
  readonly lengthMs = signal<number | null>(null);
  /** What can be shown without asking the server. */
  readonly buffered = signal<Span[]>([]);
  /** How far the film has grown; null: it does not grow. */
  readonly edgeMs = signal<number | null>(null);
  /** It was complete before, and grows because something came late: the call is over, and nothing of it is live. */
  readonly #again = signal(false);
  /** Went to what happens now, and sought nothing else since. */
  readonly #follows = signal(false);
  /** Watching what happened a moment ago; null: nothing happens any more. */
  readonly live = computed(() =>
    this.edgeMs.value === null || this.#again.value
      ? null
      : this.edgeMs.value - this.atMs.value <= (this.#follows.value ? followedMs : liveMs),
  );
  #video: HTMLVideoElement | null = null;
  /** Where to go on after the address of the film was renewed. */
  #returnTo: { atMs: number; playing: boolean; speed: number } | null = null;
  /** Neither played nor sought yet: the picture follows the film's growth. */
  #untouched = true;
  readonly #pace = new Pace();
  /** How fast the element was told to play: whoever watches live is brought near by a pace that is not the speed they chose. */
  #rate = 1;

  /** Given to the element as its `ref`. */
  readonly attach = (video: HTMLVideoElement | null): void => {
    this.#video = video;
  };

  get video(): HTMLVideoElement | null {
    return this.#video;
  }

  /** Handlers for the element. */
  readonly handlers = {
    onTimeUpdate: () => this.#look(),
    onSeeking: () => this.#look(),
    onPlay: () => {
      this.#untouched = false;
      this.#look();
    },
    onPause: () => this.#look(),
    onEnded: () => this.#look(),
    onProgress: () => this.#look(),
    onVolumeChange: () => this.#look(),
    onRateChange: () => this.#look(),
    onLoadedMetadata: () => this.#loaded(),
    onDurationChange: () => this.#look(),
  };

  /** The moment on the screen right now; `atMs` lags by up to a quarter of a second. */
  exactMs(): number {
    return Math.round(this.#video ? this.#video.currentTime * 1000 : this.atMs.value);
  }

  play(): void {
    if (this.#untouched && this.edgeMs.value !== null) this.#toEdge();
    this.#untouched = false;
    void this.#video?.play().catch((error: unknown) => {
      // Interrupted by a seek or a new address: whoever did that decides whether it plays.
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    });
  }

  pause(): void {
    this.#video?.pause();
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else this.play();
  }

  seek(atMs: number): void {
    this.#untouched = false;
    this.#follows.value = false;
    this.#goTo(atMs);
  }

  skip(byMs: number): void {
    this.seek(this.exactMs() + byMs);
  }

  /** To the next picture, or the one before; the film stands then. */
  step(pictures: 1 | -1): void {
    this.pause();
    // Into the picture, not onto its edge.
    const shown = Math.floor(this.exactMs() / pictureMs + 0.01);
    this.seek((shown + pictures + 0.25) * pictureMs);
  }

  setSpeed(speed: number): void {
    this.speed.value = speed;
    this.#play(speed);
  }

  /** The next speed in that direction, if there is one. */
  changeSpeed(direction: 1 | -1): void {
    const index = speeds.findIndex((speed) => speed >= this.speed.value);
    const next = speeds[index + direction];
    if (next !== undefined) this.setSpeed(next);
  }

  toggleMuted(): void {
    if (this.#video) this.#video.muted = !this.#video.muted;
  }

  setVolume(volume: number): void {
    if (!this.#video) return;
    this.#video.volume = volume;
    this.#video.muted = volume === 0;
  }

  /** To what happens now, playing. */
  goLive(): void {
    this.#toEdge();
    this.setSpeed(1);
    this.#untouched = false;
    this.play();
  }

  /** The film has grown. `complete`: and will not grow any more; whoever watches goes on where they are. */
  reach(endMs: number, complete: boolean): void {
    const beforeMs = this.edgeMs.value;
    if (beforeMs !== null && endMs > beforeMs) this.#pace.grown(beforeMs, performance.now());
    this.edgeMs.value = complete ? null : endMs;
    this.#look();
    if (!this.#untouched || this.#again.value) return;
    if (complete) this.#goTo(0);
    else this.#toEdge();
  }

  /** The element is about to get another address for the same film. */
  hold(): void {
    // Twice, before the first one is there: where it stood then is not where it was.
    this.#returnTo ??= { atMs: this.exactMs(), playing: this.playing.value, speed: this.speed.value };
  }

  /** The complete film has become one that grows. */
  again(): void {
    this.hold();
    this.#again.value = true;
  }

  #toEdge(): void {
    const edgeMs = this.edgeMs.value ?? 0;
    this.#follows.value = true;
    this.#goTo(Math.max(edgeMs - leadMs, this.#pace.nearestMs(edgeMs, performance.now()) ?? 0));
  }

  #play(rate: number): void {
    this.#rate = rate;
    if (this.#video && this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
  }

  /** Whoever chose another speed than the call's own goes at that. */
  #keepUp(video: HTMLVideoElement): void {
    const edgeMs = this.edgeMs.value;
    const near = edgeMs !== null && this.live.value && this.playing.value && this.speed.value === 1;
    this.#play(near ? this.#pace.rate(video.currentTime * 1000, edgeMs, performance.now()) : this.speed.value);
  }

  #goTo(atMs: number): void {
    const to = Math.max(0, Math.min(atMs, this.lengthMs.value ?? atMs));
    this.atMs.value = to;
    if (this.#video) this.#video.currentTime = to / 1000;
  }

  #loaded(): void {
    const back = this.#returnTo;
    this.#returnTo = null;
    this.#look();
    if (!back) return;
    this.seek(back.atMs);
    this.setSpeed(back.speed);
    if (back.playing) this.play();
  }

  #look(): void {
    const video = this.#video;
    if (!video) return;
    this.atMs.value = video.currentTime * 1000;
    this.playing.value = !video.paused && !video.ended;
    this.muted.value = video.muted;
    this.volume.value = video.volume;
    // By somebody else than this page: an extension, or another address that begins anew.
    if (video.playbackRate !== this.#rate) this.speed.value = video.playbackRate;
    this.#keepUp(video);
    this.lengthMs.value = Number.isFinite(video.duration) ? video.duration * 1000 : this.edgeMs.value;
    this.buffered.value = spansOf(video.buffered);
  }
}

function spansOf(ranges: TimeRanges): Span[] {
  return Array.from({ length: ranges.length }, (_, index) => ({ fromMs: ranges.start(index) * 1000, toMs: ranges.end(index) * 1000 }));
}
