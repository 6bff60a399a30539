// Which reviewer of a recording this browser is, and who it was in the call, kept on this device. Promise: an identity that the server no longer knows is not shown again.
import { remember, remembered } from "../remembered.ts";
import type { ReviewApi } from "./door.ts";

const slot = (recordingId: string) => `doubletake.reviewer.${recordingId}`;

export function rememberedIdentity(recordingId: string): string | null {
  return remembered(slot(recordingId));
}

export function keepIdentity(recordingId: string, identity: string): void {
  remember(slot(recordingId), identity);
}

export function forgetIdentity(recordingId: string, api: ReviewApi): void {
  remember(slot(recordingId), null);
  api.identity = null;
}

const partSlot = (recordingId: string) => `doubletake.part.${recordingId}`;

/** Who whispered, or was whispered to, while it was recorded: shown for that and nothing else. */
export function keepPart(recordingId: string, { id, secret }: { id: string; secret: string }): void {
  remember(partSlot(recordingId), `${id}.${secret}`);
}

export function rememberedPart(recordingId: string): string | null {
  return remembered(partSlot(recordingId));
}
