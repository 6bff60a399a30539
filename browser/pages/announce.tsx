// The one polite live region of a page. Promise: all news is read in its order, also twice the same, and never more than one piece every two seconds.
import { signal } from "@preact/signals";

const spacingMs = 2000;
/** News that is older than ten pieces is none any more. */
const waitingMost = 10;
/** `turn`: equal words are other news. */
const spoken = signal({ words: "", turn: 0 });
let waiting: string[] = [];
let busy = false;

export function announce(words: string): void {
  waiting = [...waiting, words].slice(-waitingMost);
  if (!busy) speak();
}

function speak(): void {
  const [words, ...rest] = waiting;
  busy = words !== undefined;
  if (words === undefined) return;
  waiting = rest;
  spoken.value = { words, turn: spoken.peek().turn + 1 };
  setTimeout(speak, spacingMs);
}

export function Announcer() {
  const { words, turn } = spoken.value;
  return (
    <p class="unseen" aria-live="polite">
      <span key={turn}>{words}</span>
    </p>
  );
}
