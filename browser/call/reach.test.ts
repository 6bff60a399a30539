import { afterEach, beforeEach, expect, test, vi } from "vitest";

class FakeSocket {
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  close = () => {
    this.readyState = 3;
  };
}

let sockets: FakeSocket[] = [];

/** As the page of this browser has it, with nothing asked before. */
async function reachIn(browser: "Chromium" | "Firefox") {
  vi.resetModules();
  vi.stubGlobal("navigator", browser === "Chromium" ? { userAgentData: {} } : {});
  return await import("./reach.ts");
}

const hangs = async () => {
  throw new DOMException("", "TimeoutError");
};

/** One question over HTTP hung. */
async function hungIn(browser: "Chromium" | "Firefox") {
  vi.stubGlobal("fetch", hangs);
  const reach = await reachIn(browser);
  expect(await reach.probe(new AbortController().signal)).toBe(false);
  expect(sockets).toEqual([]);
  return reach;
}

beforeEach(() => {
  sockets = [];
  vi.stubGlobal("location", { origin: "https://example.org" });
  vi.stubGlobal(
    "WebSocket",
    class extends FakeSocket {
      constructor() {
        super();
        sockets.push(this);
      }
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a server that answers is there, also where a proxy keeps the address to itself, and one that is away or does not answer is not", async () => {
  const answers = [{ status: 200 }, { status: 403 }, { status: 502 }, new TypeError("no network")];
  vi.stubGlobal("fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const { probe } = await reachIn("Chromium");
  const ask = () => probe(new AbortController().signal);
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([true, true, false, false]);
  expect(sockets).toEqual([]);
});

test("Firefox is asked over HTTP again and again", async () => {
  const { probe } = await hungIn("Firefox");
  expect(await probe(new AbortController().signal)).toBe(false);
  expect(sockets).toEqual([]);
});

test("where a question hung Chromium is asked for one socket at a time, and the one that opens is the next connection", async () => {
  const { probe, connect } = await hungIn("Chromium");
  const { signal } = new AbortController();
  const first = probe(signal);
  expect([await probe(signal), sockets.length]).toEqual([false, 1]);
  sockets[0]!.onclose?.();
  expect(await first).toBe(false);
  const second = probe(signal);
  Object.assign(sockets[1]!, { readyState: 1 }).onopen?.();
  expect(await second).toBe(true);
  expect([connect() === (sockets[1] as unknown), connect() === (sockets[2] as unknown), sockets.length]).toEqual([true, true, 3]);
});

test("a socket that opened and was closed before it was wanted is no connection", async () => {
  const { probe, connect } = await hungIn("Chromium");
  const asked = probe(new AbortController().signal);
  Object.assign(sockets[0]!, { readyState: 1 }).onopen?.();
  await asked;
  sockets[0]!.readyState = 3;
  expect(connect()).toBe(sockets[1]);
});

test("a socket that does not open is given up, at once when nobody asks any more", async () => {
  vi.useFakeTimers();
  const { probe } = await hungIn("Chromium");
  const asking = new AbortController();
  const asked = probe(asking.signal);
  asking.abort();
  expect(await asked).toBe(false);
  expect(sockets[0]!.readyState).toBe(3);
  const next = probe(new AbortController().signal);
  await vi.advanceTimersByTimeAsync(2200);
  expect(sockets[1]!.readyState).toBe(0);
  await vi.advanceTimersByTimeAsync(100);
  expect([await next, sockets[1]!.readyState]).toEqual([false, 3]);
});

test("after a dozen sockets that did not open each has the time for which Chromium keeps it back", async () => {
  vi.useFakeTimers();
  const { probe } = await hungIn("Chromium");
  const opened: number[] = [];
  for (let index = 0; index < 14; index++) {
    const asked = probe(new AbortController().signal);
    const fromMs = performance.now();
    await Promise.all([asked, vi.advanceTimersToNextTimerAsync()]);
    opened.push(performance.now() - fromMs);
  }
  expect(opened).toEqual([...Array.from({ length: 12 }, () => 2250), 6500, 6500]);
});
