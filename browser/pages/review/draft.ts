// A comment being written. Promise: the first keystroke pauses the film and keeps that moment; posted or given up, the film goes on if it was playing.
import { signal } from "@preact/signals";
import type { Comment } from "../../../protocol/api.ts";
import { type Api, sentence } from "../api.ts";
import { name, rememberName } from "../name.ts";
import type { Playback } from "./playback.ts";

export class Draft {
  readonly body = signal("");
  readonly author = signal(name.value);
  readonly busy = signal(false);
  readonly failure = signal<string | null>(null);
  /** The moment that is being written about. Null while nothing is written. */
  readonly moment = signal<{ atMs: number; wasPlaying: boolean } | null>(null);

  constructor(
    readonly recordingId: string,
    readonly api: Api,
    readonly playback: Playback,
  ) {}

  write(text: string): void {
    if (text && !this.moment.value) {
      this.moment.value = { atMs: this.playback.exactMs(), wasPlaying: this.playback.playing.value };
      this.playback.pause();
    }
    if (!text) this.moment.value = null;
    this.body.value = text;
  }

  giveUp(): void {
    if (this.moment.value?.wasPlaying) this.playback.play();
    this.moment.value = null;
    this.body.value = "";
  }

  /** Null: nothing to post, or refused; then the words stay and `failure` says why. */
  async post(): Promise<Comment | null> {
    const body = this.body.value.trim();
    if (!body || this.busy.value) return null;
    const author = this.author.value.trim();
    this.busy.value = true;
    this.failure.value = null;
    if (author) rememberName(author);
    try {
      const atMs = this.moment.value?.atMs ?? this.playback.exactMs();
      const comment = await this.api.post(this.recordingId, { atMs, body, ...(author ? { author } : {}) });
      this.giveUp();
      return comment;
    } catch (error) {
      this.failure.value = `${sentence(error)} Your words are still here.`;
      return null;
    } finally {
      this.busy.value = false;
    }
  }
}
