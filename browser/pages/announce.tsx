// The one polite live region of a page. Promise: all news is read in its order, also twice the same, and never more than one piece every two seconds.
import { signal } from "@preact/signals";

const spacingMs = 2000;
/** Then the last piece goes: whoever walks through the page later does not come upon what is over. Nobody waits this long to be read to. */
const staysMs = 2000;
/** News that is older than ten pieces is none any more. */
const waitingMost = 10;
/** `turn`: equal words are other news. */
const spoken = signal({ words: "", turn: 0 });
let waiting: string[] = [];
let busy = false;
let going: ReturnType<typeof setTimeout> | undefined;

export function announce(words: string): void {
  waiting = [...waiting, words].slice(-waitingMost);
  if (!busy) speak();
}

/** What was to be read is over: nobody reads it any more, nor finds it on the page. */
export function retract(words: string): void {
  waiting = waiting.filter((one) => one !== words);
  const { words: read, turn } = spoken.peek();
  if (read === words) spoken.value = { words: "", turn };
}

function speak(): void {
  const [words, ...rest] = waiting;
  busy = words !== undefined;
  clearTimeout(going);
  if (words === undefined) {
    going = setTimeout(() => {
      spoken.value = { words: "", turn: spoken.peek().turn };
    }, staysMs);
    return;
  }
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
