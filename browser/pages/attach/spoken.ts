// What somebody spoke for a comment that is not posted yet. Promise: it is sent once, however often posting is tried; it goes only when it is told to,
// never because sending it failed or was stopped.
import { signal } from "@preact/signals";
import type { Message } from "../../record/message.ts";

/** How whoever sends it tells how far it is, 0 to 1, and is told to stop. */
export interface Way {
  onSent: (share: number) => void;
  signal: AbortSignal;
}

/** The person stopped it themselves: nothing went wrong. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

export class Spoken {
  readonly kind: Message["kind"];
  readonly durationMs: number;
  readonly bytes: number;
  /** To play it back. */
  readonly url: string;
  /** How much of it has left, 0 to 1; null: it is not on its way. */
  readonly sent = signal<number | null>(null);
  readonly #blob: Blob;
  #id: Promise<string> | null = null;
  #stopping: AbortController | null = null;

  constructor({ kind, durationMs, blob }: Message) {
    this.kind = kind;
    this.durationMs = durationMs;
    this.bytes = blob.size;
    this.#blob = blob;
    this.url = URL.createObjectURL(blob);
  }

  /** The id under which the server has it. After a refusal it is sent anew. Rejects with `Stopped` when it was. */
  send(send: (blob: Blob, way: Way) => Promise<{ id: string }>): Promise<string> {
    this.#id ??= this.#send(send).catch((error: unknown) => {
      this.#id = null;
      throw error;
    });
    return this.#id;
  }

  async #send(send: (blob: Blob, way: Way) => Promise<{ id: string }>): Promise<string> {
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.sent.value = 0;
    try {
      const { id } = await send(this.#blob, { onSent: (share) => (this.sent.value = share), signal: stopping.signal });
      return id;
    } finally {
      this.sent.value = null;
      this.#stopping = null;
    }
  }

  /** It does not go up now. Too late once the server has it. */
  stop(): void {
    this.#stopping?.abort(new Stopped("stopped by the person"));
  }

  /** The server does not have it any more. */
  again(): void {
    this.#id = null;
  }

  close(): void {
    this.stop();
    URL.revokeObjectURL(this.url);
  }
}
