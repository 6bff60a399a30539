// Something read from the server and kept fresh while it is unfinished. Promise: a failed refresh never takes away what is already shown.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { UserError } from "../../protocol/errors.ts";
import { sentence } from "./api.ts";

export interface Loaded<T> {
  value: Signal<T | null>;
  /** Why the last try failed; null when it did not. */
  failure: Signal<{ code: string; message: string } | null>;
  again(): void;
}

/** After a failure that may pass, the next try comes this much later. */
const retryMs = 3000;
const final = new Set(["not-found", "not-allowed", "bad-request", "gone", "passphrase-needed"]);

/** `next`: milliseconds until the value is read again, null when it is finished. A page that comes back into view reads again, too. */
export function useLoaded<T>(load: () => Promise<T>, next: (value: T) => number | null): Loaded<T> {
  const value = useSignal<T | null>(null);
  const failure = useSignal<{ code: string; message: string } | null>(null);
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    let closed = false;
    let timer: number | undefined;
    let running = false;
    const turn = async () => {
      if (running) return;
      running = true;
      window.clearTimeout(timer);
      const wait = await read();
      running = false;
      if (!closed && wait !== null) timer = window.setTimeout(turn, wait);
    };
    const read = async () => {
      try {
        const got = await load();
        if (closed) return null;
        value.value = got;
        failure.value = null;
        return next(got);
      } catch (error) {
        const code = error instanceof UserError ? error.code : "unknown";
        failure.value = { code, message: sentence(error) };
        return final.has(code) ? null : retryMs;
      }
    };
    const seen = () => {
      if (document.visibilityState === "visible") void turn();
    };
    again.current = () => void turn();
    document.addEventListener("visibilitychange", seen);
    void turn();
    return () => {
      closed = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);
  return { value, failure, again: () => again.current() };
}
