// How much this browser keeps for us, and for how long. Promise: never asks the person anything, and never throws.

/** Bytes that can still be kept; null when the browser does not say. */
export async function roomOnDevice(): Promise<number | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
  } catch (error) {
    console.warn("outbox: no estimate of the storage", error);
    return null;
  }
}

/** Keeps what lies here from being cleared away when the device runs full. Firefox would ask the person, so it is left alone. */
export async function keepStorage(): Promise<void> {
  if (/\bFirefox\//.test(navigator.userAgent)) return;
  try {
    await navigator.storage.persist();
  } catch (error) {
    console.warn("outbox: not kept from being cleared away", error);
  }
}
