// The count before a recording, one per room. Promise: it ends in a recording or is called off, once; everybody sees the same count.
import { serverMs } from "./clock.ts";

export class Countdowns {
  readonly #counting = new Map<string, { endMs: number; timer: NodeJS.Timeout }>();

  /** How long is left, ms; null: nobody counts. */
  leftMs(roomId: string): number | null {
    const counting = this.#counting.get(roomId);
    return counting ? Math.max(0, counting.endMs - serverMs()) : null;
  }

  start(roomId: string, durationMs: number, then: () => void): void {
    this.cancel(roomId);
    const timer = setTimeout(() => {
      this.#counting.delete(roomId);
      then();
    }, durationMs);
    this.#counting.set(roomId, { endMs: serverMs() + durationMs, timer });
  }

  /** False: nobody counted. */
  cancel(roomId: string): boolean {
    const counting = this.#counting.get(roomId);
    if (counting) clearTimeout(counting.timer);
    return this.#counting.delete(roomId);
  }

  close(): void {
    for (const roomId of [...this.#counting.keys()]) this.cancel(roomId);
  }
}
