// What is noted of a room in the browser's storage: of this tab (`sessionStorage`) or of the device (`localStorage`). Promise: where storage is blocked
// nothing is noted, nothing is found, and the call goes on.

type StorageName = "sessionStorage" | "localStorage";

/** Null: nothing, or nothing that can be read. */
export function noted(storage: StorageName, room: string): unknown {
  try {
    return JSON.parse(globalThis[storage].getItem(keyOf(room)) ?? "null");
  } catch (error) {
    console.warn("call: storage", error);
    return null;
  }
}

/** Where it could not be, a reload or whoever comes back is a new participant. */
export function note(storage: StorageName, room: string, value: unknown): void {
  try {
    globalThis[storage].setItem(keyOf(room), JSON.stringify(value));
  } catch (error) {
    console.warn("call: storage", error);
  }
}

export function keyOf(room: string): string {
  return `doubletake.participant.${room}`;
}
