// A part of a page that most people never see. Promise: it is fetched once it is wanted, not before, and a page goes on without one that cannot be had.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { loadWords, type Namespace } from "./words.ts";

/** `words`: of the pages whose words it needs. Null until it is here. */
export function useFetched<T>(wanted: boolean, part: () => Promise<T>, words: readonly Namespace[] = []): T | null {
  const here = useSignal<{ part: T } | null>(null);
  useEffect(() => {
    if (!wanted || here.peek()) return;
    Promise.all([part(), loadWords(words)]).then(
      ([fetched]) => {
        here.value = { part: fetched };
      },
      (error: unknown) => console.warn("a part of the page could not be loaded", error),
    );
  }, [wanted, here]);
  return here.value?.part ?? null;
}
