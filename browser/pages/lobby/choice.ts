// Which camera, microphone and speaker this person chose last, remembered in this browser: before a call and in it.
import { signal } from "@preact/signals";
import * as z from "zod/mini";
import type { Choice } from "../../record/devices.ts";
import { remember, remembered } from "../remembered.ts";

const slot = "doubletake.devices";
const speakerSlot = "doubletake.speaker";
const Kept = z.object({
  cameraId: z.nullable(z.string()),
  microphoneId: z.nullable(z.string()),
  camera: z.boolean(),
  microphone: z.boolean(),
});
const everything: Choice = { cameraId: null, microphoneId: null, camera: true, microphone: true };

/** The id of the speaker that everybody else is heard from; "" is the browser's default. */
export const speaker = signal(remembered(speakerSlot) ?? "");

export function rememberSpeaker(id: string): void {
  speaker.value = id;
  remember(speakerSlot, id);
}

export function rememberChoice(change: Partial<Choice>): void {
  remember(slot, JSON.stringify({ ...rememberedChoice(), ...change }));
}

export function rememberedChoice(): Choice {
  try {
    const result = Kept.safeParse(JSON.parse(remembered(slot) ?? "null"));
    return result.success ? result.data : everything;
  } catch (error) {
    console.warn("the remembered devices cannot be read", error);
    return everything;
  }
}
