// The keys that a page holds: the admin key, kept in this browser, and the room key, which stays in the address (reload must work).
import { remember, remembered } from "./remembered.ts";

const slot = "doubletake.admin-key";

/** An `#admin=…` in the address is kept and removed from the address bar. Called once, before any page looks at the fragment. */
export function keepAdminKey(): void {
  const given = /^#admin=(.+)$/.exec(window.location.hash)?.[1];
  if (!given) return;
  rememberAdminKey(decodeURIComponent(given));
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
}

export function adminKey(): string | null {
  return remembered(slot);
}

export function rememberAdminKey(key: string): void {
  remember(slot, key);
}

export function forgetAdminKey(): void {
  remember(slot, null);
}

/** The key in the fragment of this page's address; null when there is none. */
export function linkKey(): string | null {
  const fragment = window.location.hash.slice(1);
  return fragment === "" ? null : decodeURIComponent(fragment);
}
