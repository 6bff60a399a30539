import { afterEach, expect, test, vi } from "vitest";
import { probe } from "./reach.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a server that answers is there, also where a proxy keeps the address to itself, and one that is away or does not answer is not", async () => {
  const answers = [{ status: 200 }, { status: 403 }, { status: 502 }, new TypeError("no network")];
  vi.stubGlobal("fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const ask = () => probe(new AbortController().signal);
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([true, true, false, false]);
});
