// Hearing, loaded when something is recorded: most of a call goes by without it.
// Promise: if it cannot be loaded the call and the recording go on, and the next recording tries again.
import type { Hearing, HearingOptions } from "./hearing.ts";

export class Listening {
  #hearing: Promise<Hearing> | null = null;

  constructor(readonly options: HearingOptions) {}

  /** The recording that listening is for; null: nothing is recorded of me. */
  during(recording: string | null): void {
    if (recording) this.#hearing ??= import("./hearing.ts").then(({ Hearing }) => new Hearing(this.options));
    this.#hearing
      ?.then((hearing) => hearing.during(recording))
      .catch((error: unknown) => {
        this.#hearing = null;
        console.warn("call: heard, not told", error);
      });
  }
}
