// What this browser remembers from visit to visit, by name. Promise: where it remembers nothing (its storage is closed to us, or full) everything works
// all the same, for as long as the page is open.

/** What could not be kept elsewhere. */
const here = new Map<string, string>();

const device = () => localStorage;
/** For a place that is forgotten with the tab. */
export const tab = () => sessionStorage;

export function remembered(slot: string, place = device): string | null {
  try {
    return here.get(slot) ?? place().getItem(slot);
  } catch {
    // Also in tests, where there is nothing to ask.
    return null;
  }
}

/** Null: forgotten. */
export function remember(slot: string, text: string | null, place = device): void {
  here.delete(slot);
  try {
    if (text === null) place().removeItem(slot);
    else place().setItem(slot, text);
  } catch {
    if (text !== null) here.set(slot, text);
  }
}

/** Of what is on until somebody switches it off. */
export const isOn = (slot: string): boolean => remembered(slot) !== "off";
export const turn = (slot: string, on: boolean): void => remember(slot, on ? "on" : "off");
