// What somebody spoke for a comment that is not posted yet. Promise: it is sent once, however often posting is tried; it goes only when it is told to.
import type { Message } from "../../record/message.ts";

export class Spoken {
  readonly kind: Message["kind"];
  readonly durationMs: number;
  /** To play it back. */
  readonly url: string;
  readonly #blob: Blob;
  #sent: Promise<string> | null = null;

  constructor({ kind, durationMs, blob }: Message) {
    this.kind = kind;
    this.durationMs = durationMs;
    this.#blob = blob;
    this.url = URL.createObjectURL(blob);
  }

  /** The id under which the server has it. After a refusal it is sent anew. */
  send(send: (blob: Blob) => Promise<{ id: string }>): Promise<string> {
    this.#sent ??= send(this.#blob).then(
      ({ id }) => id,
      (error: unknown) => {
        this.#sent = null;
        throw error;
      },
    );
    return this.#sent;
  }

  /** The server does not have it any more. */
  again(): void {
    this.#sent = null;
  }

  close(): void {
    URL.revokeObjectURL(this.url);
  }
}
