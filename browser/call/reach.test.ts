import { afterEach, expect, test, vi } from "vitest";
import { probe } from "./reach.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a server that answers is there, and one that fails or does not answer is not", async () => {
  const answers = [{ ok: true }, { ok: false }, new TypeError("no network")];
  vi.stubGlobal("fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const ask = () => probe(new AbortController().signal);
  expect([await ask(), await ask(), await ask()]).toEqual([true, false, false]);
});
