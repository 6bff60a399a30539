// Listens to the own microphone for as long as the call lasts, and says at every look what it found, once that is certain.
// Promise: the first silent one is "silent", the one after it "still silent": trying again has been in vain.
import { nowMs } from "../../record/clock.ts";
import { listen } from "../../record/level.ts";
import { Silence } from "../../record/silence.ts";

export type Hearing = "heard" | "silent" | "still silent";

const everyMs = 500;
/** At 48 kHz 680 ms: more than lies between two looks, so that nothing is missed. */
const samples = 32_768;

export class Ear {
  #track: MediaStreamTrack | null = null;
  #stop: (() => void) | null = null;
  #last: Hearing | null = null;

  constructor(readonly onHeard: (heard: Hearing) => void) {}

  hear(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.close();
    this.#track = track;
    if (!track) return;
    const silence = new Silence();
    /** What was known of the one before it: a second silent one is no news to act upon. */
    const before = this.#last;
    this.#stop = listen(track, {
      everyMs,
      samples,
      onLook: (seen) => {
        const found = silence.look(nowMs(), track.enabled, seen);
        if (found) this.#tell(found === "silent" && before !== null && before !== "heard" ? "still silent" : found);
      },
    });
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#track = null;
  }

  #tell(found: Hearing): void {
    this.#last = found;
    this.onHeard(found);
  }
}
