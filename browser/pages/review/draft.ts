// A comment being written. Promise: the first keystroke pauses the film and keeps that moment; posted or given up, the film goes on if it was playing.
import { computed, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { type Spoken, Stopped } from "../attach/spoken.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import type { Playback } from "./playback.ts";
import { beginAt, endAt } from "./range.ts";
import type { Who } from "./who.ts";

export class Draft {
  readonly body = signal("");
  /** The writer. */
  readonly who: Who;
  readonly busy = signal(false);
  readonly failure = signal<string | null>(null);
  /** The moment that is being written about. Null while nothing is written and no range was begun. */
  readonly moment = signal<{ atMs: number; wasPlaying: boolean } | null>(null);
  /** Where the range ends; null: it is about one moment. */
  readonly endMs = signal<number | null>(null);
  readonly marker = signal<string | null>(null);
  readonly to = signal<string | null>(null);
  /** Spoken in place of words or beside them. It goes by its own button, never by a key. */
  readonly held = signal<Spoken | null>(null);
  readonly speaking = signal(false);
  /** There is something to post, and it is complete. */
  readonly ready = computed(() => !this.busy.value && !this.speaking.value && (this.body.value.trim() !== "" || this.held.value !== null));

  constructor(
    readonly debrief: Pick<Debrief, "post" | "send" | "introduce" | "who">,
    readonly playback: Playback,
  ) {
    this.who = debrief.who;
  }

  write(text: string): void {
    if (text) this.#pause();
    this.body.value = text;
    this.#forgetMoment();
  }

  /** Recording begins: at this moment, and not over the film. */
  speak(): void {
    this.#pause();
  }

  /** What was spoken was thrown away: with nothing else, there is nothing any more. */
  unspeak(): void {
    if (!this.body.value && this.endMs.value === null) this.giveUp();
  }

  /** Whenever it plays: also where a range was begun, and the film went on to show where that ends. */
  #pause(): void {
    const playing = this.playback.playing.value;
    const { atMs, wasPlaying } = this.moment.value ?? { atMs: this.playback.exactMs(), wasPlaying: false };
    this.moment.value = { atMs, wasPlaying: wasPlaying || playing };
    this.playback.pause();
  }

  /** Nothing is written or spoken about it, and no range was begun. */
  #forgetMoment(): void {
    if (!this.body.value && this.endMs.value === null && !this.held.value && !this.speaking.value) this.moment.value = null;
  }

  /** The range begins here (default: at what is on the screen). The film goes on: one wants to see where it ends. */
  begin(atMs = this.playback.exactMs()): void {
    this.moment.value = { atMs, wasPlaying: this.moment.value?.wasPlaying ?? this.playback.playing.value };
    this.endMs.value = beginAt({ atMs, endMs: this.endMs.value }, atMs).endMs;
  }

  /** And ends here. An end before the beginning is the other way round. */
  end(atMs = this.playback.exactMs()): void {
    const range = endAt({ atMs: this.moment.value?.atMs ?? atMs, endMs: null }, atMs);
    this.begin(range.atMs);
    this.endMs.value = range.endMs;
  }

  /** About one moment again. */
  noRange(): void {
    this.endMs.value = null;
    this.#forgetMoment();
  }

  giveUp(): void {
    this.body.value = "";
    if (this.held.value || this.speaking.value) return;
    if (this.moment.value?.wasPlaying) this.playback.play();
    this.moment.value = null;
    this.endMs.value = null;
    this.marker.value = null;
    this.to.value = null;
  }

  /** Null: nothing to post, or refused; then the words stay and `failure` says why. */
  async post(): Promise<Comment | null> {
    const body = this.body.value.trim();
    if (!this.ready.value) return null;
    const spoken = this.held.value;
    this.busy.value = true;
    this.failure.value = null;
    try {
      if (this.who.named.value) await this.debrief.introduce();
      const comment = await this.debrief.post({
        atMs: this.moment.value?.atMs ?? this.playback.exactMs(),
        body,
        ...(this.endMs.value === null ? {} : { endMs: this.endMs.value }),
        ...(this.marker.value ? { marker: this.marker.value } : {}),
        ...(this.to.value ? { participantId: this.to.value } : {}),
        ...(spoken ? { attachmentId: await this.debrief.send(spoken) } : {}),
      });
      spoken?.close();
      this.held.value = null;
      this.giveUp();
      return comment;
    } catch (error) {
      if (error instanceof Stopped) {
        announce(t("feedback:attach.stopped"));
        return null;
      }
      if (error instanceof UserError && error.code === "not-found") spoken?.again();
      this.failure.value = t(spoken ? "feedback:box.keptSpoken" : "feedback:box.kept", { why: sentence(error) });
      return null;
    } finally {
      this.busy.value = false;
    }
  }
}
