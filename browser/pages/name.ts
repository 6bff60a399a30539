// What this person calls themselves, remembered in this browser.
import { signal } from "@preact/signals";

const slot = "doubletake.name";

export const name = signal(window.localStorage.getItem(slot) ?? "");

export function rememberName(value: string): void {
  name.value = value.trim().slice(0, 80);
  window.localStorage.setItem(slot, name.value);
}
