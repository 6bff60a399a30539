// A gentle bell, made of sine waves where it is heard: no file, no sound in the others' ears but their own page's.
import { signal } from "@preact/signals";
import { isOn, turn } from "../remembered.ts";

const kept = "doubletake.bell";

/** Whether it is to sound on this device. */
export const sounds = signal(isOn(kept));

export function switchBell(on: boolean): void {
  sounds.value = on;
  turn(kept, on);
}

/** Hz; and the partials of a small bell beside its own tone, with how loud each is and how long it rings, seconds. */
const toneHz = 523.25;
const partials = [
  [1, 1, 2.4],
  [2.76, 0.4, 1.2],
  [5.4, 0.15, 0.6],
] as const;
/** Of full scale: beside a voice, not over it. */
const loudness = 0.08;
const strikesAt = [0, 1.1];

export function ring(): void {
  if (!sounds.value) return;
  try {
    const context = new AudioContext();
    for (const strike of strikesAt)
      for (const [times, share, seconds] of partials) {
        const at = context.currentTime + strike;
        const wave = new OscillatorNode(context, { frequency: toneHz * times });
        const level = new GainNode(context, { gain: 0 });
        level.gain.setValueAtTime(0, at);
        level.gain.linearRampToValueAtTime(loudness * share, at + 0.01);
        level.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
        wave.connect(level).connect(context.destination);
        wave.start(at);
        wave.stop(at + seconds);
      }
    window.setTimeout(() => context.close().catch((error: unknown) => console.info("the bell's graph was closed already", error)), 5000);
  } catch (error) {
    // Without a sound device there is none: what the bell means is written and read out as well.
    console.info("the bell cannot sound here", error);
  }
}
