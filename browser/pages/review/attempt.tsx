// Something that may fail, tried at a press: why it did stands beside what was pressed until it is tried again.
import { type Signal, useSignal } from "@preact/signals";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";

export interface Attempts {
  /** `done`: what is announced once it went well. True: it did. */
  attempt: (act: () => Promise<unknown>, done?: string) => Promise<boolean>;
  failure: Signal<string | null>;
}

export function useAttempts(): Attempts {
  const failure = useSignal<string | null>(null);
  const attempt = async (act: () => Promise<unknown>, done?: string) => {
    failure.value = null;
    try {
      await act();
      if (done !== undefined) announce(done);
      return true;
    } catch (error) {
      failure.value = sentence(error);
      return false;
    }
  };
  return { attempt, failure };
}

/** In words, where there is something to say. */
export function WhyNot({ failure }: Pick<Attempts, "failure">) {
  if (!failure.value) return null;
  return (
    <p class="notice warn small" role="alert">
      {failure.value}
    </p>
  );
}
