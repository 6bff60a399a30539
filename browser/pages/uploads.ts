// This page's one handle on the outbox: what is being sent, and what earlier pages left unsent.
// Promise: the tab asks before it closes exactly while bytes are only on this device.
import { computed, effect, signal } from "@preact/signals";
import { keepUnfrozen } from "../upload/unfrozen.ts";
import { type UploadStatus, Uploads } from "../upload/uploads.ts";

/** Every track that this page records or sends. */
export const statuses = signal<UploadStatus[]>([]);
/** What earlier pages left behind and nobody holds. */
export const unsent = signal<UploadStatus[]>([]);

/** Bytes that closing this tab could lose or leave behind. What the server refused for good stays in the outbox either way. */
export const unsafe = computed(() =>
  statuses.value.some(({ pending, state, storage }) => pending && !(state === "refused" && storage === "device")),
);

/** Bytes of a recording that is over here: no camera keeps this page from being frozen in the background any more. */
const draining = computed(() => statuses.value.some(({ state }) => ["sending", "offline", "disk-full"].includes(state)));

let one: Uploads | null = null;

export function uploads(): Uploads {
  one ??= new Uploads({ onStatus: (all) => (statuses.value = all) });
  return one;
}

export async function findUnsent(): Promise<void> {
  try {
    unsent.value = await uploads().unsent();
  } catch (error) {
    // A browser without storage for this page (a private window): then nothing can have been left here.
    console.warn("the outbox could not be read", error);
    unsent.value = [];
  }
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

effect(() => keepUnfrozen(draining.value));

effect(() => {
  if (unsafe.value) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
});
