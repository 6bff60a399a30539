// Tells a microphone that lies: live, open, and nothing but zeros. Pure: looks are given. Promise: a muted microphone is never called silent, and a
// quiet room is not either, for every real microphone hisses.

/** Long enough for a headset that wakes up or a system that mutes for a moment; short enough that little is said into nothing. */
const silentMs = 8000;

export class Silence {
  #sinceMs: number | null = null;

  /** `open`: the person wants to be heard. "silent" as long as nothing comes; null: too early to tell. */
  look(nowMs: number, open: boolean, samples: Float32Array): "heard" | "silent" | null {
    if (open && samples.some((sample) => sample !== 0)) {
      this.#sinceMs = null;
      return "heard";
    }
    if (!open) this.#sinceMs = null;
    else this.#sinceMs ??= nowMs;
    return this.#sinceMs !== null && nowMs - this.#sinceMs >= silentMs ? "silent" : null;
  }
}
