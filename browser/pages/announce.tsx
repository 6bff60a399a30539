// The one polite live region of a page. Promise: the latest news is read once, and never more than one piece every two seconds.
import { signal } from "@preact/signals";

const spacingMs = 2000;
const spoken = signal("");
let waiting: string | null = null;
let busy = false;

export function announce(text: string): void {
  if (busy) {
    waiting = text;
    return;
  }
  busy = true;
  spoken.value = text;
  window.setTimeout(() => {
    busy = false;
    const next = waiting;
    waiting = null;
    if (next !== null) announce(next);
  }, spacingMs);
}

export function Announcer() {
  return (
    <p class="unseen" aria-live="polite">
      {spoken.value}
    </p>
  );
}
