// What this person calls themselves, remembered in this browser.
import { signal } from "@preact/signals";
import { lastName } from "../call/identity.ts";
import { remember, remembered } from "./remembered.ts";

const slot = "doubletake.name";

export const name = signal(remembered(slot) ?? "");

export function rememberName(value: string): void {
  name.value = value.trim().slice(0, 80);
  remember(slot, name.value);
}

/** Whoever was last in this room by this browser: a browser that is killed at once knows that, and has not written the slot above yet. */
export async function recallName(room: string): Promise<void> {
  if (name.value === "") name.value = (await lastName(room)) ?? name.value;
}
