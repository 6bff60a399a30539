// What this page tells the room of its own recording: bytes as the outbox has them, and how long this page recorded.
// Promise: nothing is told twice, and what could not be told is told later.
import type { CallUp } from "../../../protocol/call.ts";
import type { TrackSource } from "../../../protocol/recording.ts";
import type { UploadStatus } from "../../upload/uploads.ts";

type Kept = CallUp & { type: "kept" };

interface Count {
  durationMs: number;
  /** When it was last looked at while it was recorded; null: it is not recorded now. */
  sinceMs: number | null;
}

export class Tally {
  readonly #counts = new Map<string, Count>();
  readonly #told = new Map<string, string>();

  /** Is this source being recorded into that recording, now? */
  count(recording: string, source: TrackSource, running: boolean, nowMs: number): void {
    const key = `${recording} ${source}`;
    const count = this.#counts.get(key) ?? { durationMs: 0, sinceMs: null };
    if (count.sinceMs !== null) count.durationMs += nowMs - count.sinceMs;
    count.sinceMs = running ? nowMs : null;
    this.#counts.set(key, count);
  }

  /** `say` answers whether it could be said. */
  tell(uploads: readonly Pick<UploadStatus, "recording" | "source" | "bytesKept">[], say: (message: Kept) => boolean): void {
    for (const { recording, source, bytesKept } of uploads) {
      const key = `${recording} ${source}`;
      const durationMs = Math.max(0, Math.round(this.#counts.get(key)?.durationMs ?? 0));
      const message: Kept = { type: "kept", recording, source, bytes: bytesKept, durationMs };
      const text = JSON.stringify(message);
      if (this.#told.get(key) !== text && say(message)) this.#told.set(key, text);
    }
  }

  /** A new socket may lead to a server that has forgotten everything. */
  again(): void {
    this.#told.clear();
  }
}
