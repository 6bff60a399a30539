// Keys of the call: which one asks for what. Pure, but for what is remembered. Promise: a single key never fires while somebody types or where it
// means something else, and all single keys can be switched off (WCAG 2.2, 2.1.4).
import { signal } from "@preact/signals";
import { isOn, turn } from "../remembered.ts";

export type Deed =
  | "microphone"
  | "camera"
  | "record"
  | "bookmark"
  | "chat"
  | "people"
  | "screen"
  | "leave"
  | "keys"
  | "talk"
  | "hand"
  | "notes"
  | { pin: number };

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
}

const single: Readonly<Record<string, Deed>> = {
  m: "microphone",
  v: "camera",
  r: "record",
  b: "bookmark",
  c: "chat",
  p: "people",
  s: "screen",
  h: "hand",
  l: "leave",
  n: "notes",
  "?": "keys",
  " ": "talk",
};
const withControl: Readonly<Record<string, Deed>> = { d: "microphone", e: "camera" };

/** Where the key went: text is being written, a control that keys press, or neither. */
export type Where = "text" | "control" | "page";

export function deedOf({ key, ctrlKey, metaKey, altKey, repeat }: Key, where: Where, singleKeys: boolean): Deed | null {
  if (altKey || repeat) return null;
  const name = key.toLowerCase();
  if (ctrlKey || metaKey) return withControl[name] ?? null;
  if (!singleKeys || where === "text") return null;
  // Space presses the button that has the focus.
  if (key === " " && where === "control") return null;
  if (/^[1-9]$/.test(key)) return { pin: Number(key) };
  return single[name] ?? null;
}

export function whereOf(target: EventTarget | null): Where {
  if (!(target instanceof Element)) return "page";
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return "text";
  return target.closest("button, a, input, summary, [role=button]") ? "control" : "page";
}

const kept = "doubletake.keys";

export const singleKeys = signal(isOn(kept));

export function switchKeys(on: boolean): void {
  singleKeys.value = on;
  turn(kept, on);
}
