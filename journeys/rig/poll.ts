// Waiting for a state of the world, never for an amount of time: asks again until there is an answer, or says what was last seen.
import { setTimeout as wait } from "node:timers/promises";

export interface Patience {
  /** What is waited for, in words, for the failure. */
  what: string;
  limitMs?: number;
  everyMs?: number;
}

/** `look` answers undefined, null or false for "not yet"; what it throws counts as "not yet" too, and is told when time is up. */
export async function poll<T>(
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  patience: Patience,
): Promise<T> {
  const { what, limitMs = 30_000, everyMs = 100 } = patience;
  const until = performance.now() + limitMs;
  let seen: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      seen = answer;
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= until) {
      throw new Error(`not within ${limitMs} ms: ${what} (last: ${seen instanceof Error ? seen.message : JSON.stringify(seen)})`, {
        cause: seen,
      });
    }
    await wait(everyMs);
  }
}
