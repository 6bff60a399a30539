// Which reviewer of a recording this browser is, and who it was in the call, kept on this device. Promise: an identity that the server no longer knows is not shown again.
import type { ReviewApi } from "./door.ts";

const slot = (recordingId: string) => `doubletake.reviewer.${recordingId}`;

export function rememberedIdentity(recordingId: string): string | null {
  return window.localStorage.getItem(slot(recordingId));
}

export function keepIdentity(recordingId: string, identity: string): void {
  window.localStorage.setItem(slot(recordingId), identity);
}

export function forgetIdentity(recordingId: string, api: ReviewApi): void {
  window.localStorage.removeItem(slot(recordingId));
  api.identity = null;
}

const partSlot = (recordingId: string) => `doubletake.part.${recordingId}`;

/** Who whispered, or was whispered to, while it was recorded: shown for that and nothing else. */
export function keepPart(recordingId: string, { id, secret }: { id: string; secret: string }): void {
  window.localStorage.setItem(partSlot(recordingId), `${id}.${secret}`);
}

export function rememberedPart(recordingId: string): string | null {
  return window.localStorage.getItem(partSlot(recordingId));
}
