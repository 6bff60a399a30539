// The film being watched: one video element as signals, in milliseconds of the recording.
import { signal } from "@preact/signals";

export class Playback {
  readonly atMs = signal(0);
  readonly playing = signal(false);
  readonly muted = signal(false);
  readonly speed = signal(1);
  /** Null until the film's own length is known. */
  readonly lengthMs = signal<number | null>(null);
  #video: HTMLVideoElement | null = null;
  /** Where to go on after the address of the film was renewed. */
  #returnTo: { atMs: number; playing: boolean } | null = null;

  /** Given to the element as its `ref`. */
  readonly attach = (video: HTMLVideoElement | null): void => {
    this.#video = video;
  };

  /** Handlers for the element. */
  readonly handlers = {
    onTimeUpdate: () => this.#look(),
    onSeeking: () => this.#look(),
    onPlay: () => this.#look(),
    onPause: () => this.#look(),
    onEnded: () => this.#look(),
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
    const to = Math.max(0, Math.min(atMs, this.lengthMs.value ?? atMs));
    this.atMs.value = to;
    if (this.#video) this.#video.currentTime = to / 1000;
  }

  skip(byMs: number): void {
    this.seek(this.atMs.value + byMs);
  }

  setSpeed(speed: number): void {
    if (this.#video) this.#video.playbackRate = speed;
  }

  toggleMuted(): void {
    if (this.#video) this.#video.muted = !this.#video.muted;
  }

  /** The element is about to get another address for the same film. */
  hold(): void {
    this.#returnTo = { atMs: this.atMs.value, playing: this.playing.value };
  }

  #loaded(): void {
    const back = this.#returnTo;
    this.#returnTo = null;
    this.#look();
    if (!back) return;
    this.seek(back.atMs);
    if (back.playing) this.play();
  }

  #look(): void {
    const video = this.#video;
    if (!video) return;
    this.atMs.value = video.currentTime * 1000;
    this.playing.value = !video.paused && !video.ended;
    this.muted.value = video.muted;
    this.speed.value = video.playbackRate;
    this.lengthMs.value = Number.isFinite(video.duration) ? video.duration * 1000 : null;
  }
}
