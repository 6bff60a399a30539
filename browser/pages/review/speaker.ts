// The film with whoever speaks large, which the server composes because somebody asked: asked for once, then looked at until it is there.
import { computed, signal } from "@preact/signals";
import type { Film } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import type { ReviewApi } from "./door.ts";

const lookMs = 1000;

export class SpeakerFilm {
  /** Null: nobody has asked on this page. */
  readonly film = signal<Film | null>(null);
  /** Why it is not to be had, in words; null: it is, or will be. */
  readonly failure = signal<string | null>(null);
  readonly url = computed(() => this.film.value?.videoUrl ?? null);
  #timer: number | undefined;
  #asking = false;

  constructor(
    readonly recordingId: string,
    readonly api: ReviewApi,
  ) {}

  /** Also after a failure, and when its address no longer works. */
  ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.failure.value = null;
    void this.#look();
  }

  close(): void {
    window.clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const film = await this.api.speakerFilm(this.recordingId);
      if (film.state === "ready" && this.film.value?.state !== "ready") announce(t("review:speaker.ready"));
      this.film.value = film;
      if (film.state === "failed") this.failure.value = t("review:speaker.failed");
      else if (film.state !== "ready") {
        this.#timer = window.setTimeout(() => void this.#look(), lookMs);
        return;
      }
    } catch (error) {
      this.failure.value = sentence(error);
    }
    this.#asking = false;
  }
}
