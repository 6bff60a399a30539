// Whispering to one of them: a sound of its own that goes to that one alone. Promise: while it is on, the call's own microphone is off, and the other way
// round, so that nothing that is whispered is heard by the others or recorded with the call.
import { signal } from "@preact/signals";
import type { Fitting } from "./equipment.ts";

export interface WhisperOptions {
  /** The call's own microphone. */
  microphone: {
    fitting: { peek(): Fitting; subscribe(look: (now: Fitting) => void): () => void };
    turn: (on: boolean) => void;
    /** Null: there is none, or it is not live. */
    track: () => MediaStreamTrack | null;
  };
  /** Somebody switched it off for me: then it stays off. */
  muted: () => boolean;
  /** Sent to them and nobody else. False: they could not be told, so nothing is sent. */
  send: (to: string, stream: MediaStream | null, on: boolean) => boolean;
  /** A microphone of one's own, for an observer, who has none in the call. */
  open: () => Promise<MediaStream>;
  streamOf: (track: MediaStreamTrack) => MediaStream;
  onError: (error: unknown) => void;
  /** What will be whispered with, to whom, silent until the first press; null: nobody is chosen any more, and its track is about to end. */
  onChosen?: (chosen: { to: string; stream: MediaStream } | null) => void;
  /** It is on: with what, to whom; or over. */
  onSpoken?: (spoken: { to: string; stream: MediaStream } | null) => void;
}

export type WhisperState = "off" | "opening" | "ready" | "on";

const speaks = (fitting: Fitting) => fitting === "on" || fitting === "silent";

export class Whisper {
  readonly to = signal<string | null>(null);
  readonly state = signal<WhisperState>("off");
  #stream: MediaStream | null = null;
  /** The call's microphone was on before, and is to be on again. */
  #resumes = false;
  readonly #unwatch: () => void;

  constructor(readonly options: WhisperOptions) {
    this.#unwatch = options.microphone.fitting.subscribe((now) => {
      if (this.state.peek() !== "on" || !speaks(now)) return;
      // Speaking to all and to one at once is speaking to all.
      this.#resumes = false;
      this.release();
    });
  }

  /** Whom the next press is for; null: nobody, and the microphone is given back. */
  async choose(id: string | null): Promise<void> {
    if (id === this.to.value) return;
    this.release();
    this.#end();
    this.to.value = id;
    if (id === null) return;
    this.state.value = "opening";
    try {
      const track = this.options.microphone.track()?.clone() ?? (await this.options.open()).getAudioTracks()[0];
      if (!track) throw new Error("no microphone");
      track.enabled = false;
      // Somebody else was chosen while it opened.
      if (this.to.value !== id) return track.stop();
      this.#stream = this.options.streamOf(track);
      // Sent before the first press, silent: a press then only opens it, and no first word is lost.
      this.state.value = "ready";
      this.options.send(id, this.#stream, false);
      this.options.onChosen?.({ to: id, stream: this.#stream });
    } catch (error) {
      this.to.value = null;
      this.state.value = "off";
      this.options.onError(error);
    }
  }

  press(): void {
    const [track] = this.#stream?.getAudioTracks() ?? [];
    const { to } = this;
    const { microphone, send } = this.options;
    if (this.state.value !== "ready" || !track || !this.#stream || to.value === null) return;
    if (!send(to.value, this.#stream, true)) return;
    this.#resumes = speaks(microphone.fitting.peek());
    if (this.#resumes) microphone.turn(false);
    this.state.value = "on";
    track.enabled = true;
    this.options.onSpoken?.({ to: to.value, stream: this.#stream });
  }

  release(): void {
    if (this.state.value !== "on") return;
    const { microphone, send, muted } = this.options;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = false;
    this.state.value = "ready";
    this.options.onSpoken?.(null);
    if (this.to.value !== null) send(this.to.value, this.#stream, false);
    if (this.#resumes && !muted()) microphone.turn(true);
    this.#resumes = false;
  }

  /** Who is here: somebody who left, or came back from another page, has to be chosen anew. */
  present(ids: readonly string[]): void {
    if (this.to.value !== null && !ids.includes(this.to.value)) void this.choose(null);
  }

  close(): void {
    void this.choose(null);
    this.#unwatch();
  }

  #end(): void {
    if (this.#stream) this.options.onChosen?.(null);
    if (this.to.value !== null && this.#stream) this.options.send(this.to.value, null, false);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.state.value = "off";
  }
}
