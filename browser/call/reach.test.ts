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

/** A dozen sockets that did not open, one after the other. */
async function keptBack() {
  const reach = await hungIn("Chromium");
  const waitedMs: number[] = [];
  for (let index = 0; index < 12; index++) {
    const asked = reach.probe(new AbortController().signal);
    const fromMs = performance.now();
    await Promise.all([asked, vi.advanceTimersToNextTimerAsync()]);
    waitedMs.push(performance.now() - fromMs);
  }
  expect(waitedMs).toEqual(Array.from({ length: 12 }, () => 2250));
  sockets.length = 0;
  return reach;
}

test("after a dozen sockets that did not open each has the time for which Chromium keeps it back, and the next is asked for before that is over", async () => {
  vi.useFakeTimers();
  const { probe } = await keptBack();
  const questions: AbortController[] = [];
  const answers: Promise<boolean>[] = [];
  for (let ms = 0; ms < 7000; ms += 750) {
    const asking = new AbortController();
    questions.push(asking);
    answers.push(probe(asking.signal));
    await vi.advanceTimersByTimeAsync(750);
  }
  expect(sockets.map(({ readyState }) => readyState)).toEqual([3, 0, 0, 0, 0]);
  for (const asking of questions) asking.abort();
  expect(await Promise.all(answers)).not.toContain(true);
  expect(sockets.map(({ readyState }) => readyState)).toEqual([3, 3, 3, 3, 3]);
});

test("of several sockets that are kept back the first to open is the next connection, and those that nobody waits for any more do not count as hanging", async () => {
  vi.useFakeTimers();
  const { probe, connect } = await keptBack();
  const asking = new AbortController();
  const first = probe(asking.signal);
  await vi.advanceTimersByTimeAsync(1500);
  const second = probe(new AbortController().signal);
  Object.assign(sockets[1]!, { readyState: 1 }).onopen?.();
  expect(await second).toBe(true);
  asking.abort();
  expect(await first).toBe(false);
  expect(connect()).toBe(sockets[1]);
  vi.stubGlobal("fetch", async () => ({ status: 200 }));
  expect(await probe(new AbortController().signal)).toBe(true);
  expect(sockets).toHaveLength(2);
});

test("whoever is about to join has one socket opening, which is the connection, open or not", async () => {
  const { warm, connect } = await reachIn("Firefox");
  warm();
  warm();
  expect(sockets).toHaveLength(1);
  expect(connect()).toBe(sockets[0]);
  expect(connect()).toBe(sockets[1]);
  warm();
  sockets[2]!.readyState = 1;
  expect([connect() === (sockets[2] as unknown), sockets.length]).toEqual([true, 3]);
});

test("a socket that nobody wanted is closed before the server asks why it is there, and the next sign of somebody opens another", async () => {
  vi.useFakeTimers();
  const { warm, connect } = await reachIn("Chromium");
  warm();
  await vi.advanceTimersByTimeAsync(7900);
  expect(sockets[0]!.readyState).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect([sockets[0]!.readyState, sockets.length]).toEqual([3, 1]);
  warm();
  expect(connect()).toBe(sockets[1]);
  // What is in use is nobody's to close.
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sockets[1]!.readyState).toBe(0);
});

test("a socket from before the machine slept is no connection, and is closed", async () => {
  vi.useFakeTimers();
  const { warm, connect } = await reachIn("Chromium");
  warm();
  sockets[0]!.readyState = 1;
  vi.setSystemTime(Date.now() + 60_000);
  expect(connect()).toBe(sockets[1]);
  expect(sockets[0]!.readyState).toBe(3);
});

test("a server that is away is not asked again with every move of the pointer", async () => {
  vi.useFakeTimers();
  const { warm, connect } = await reachIn("Chromium");
  warm();
  sockets[0]!.readyState = 3;
  for (let index = 0; index < 20; index++) warm();
  expect(sockets).toHaveLength(1);
  expect(connect()).toBe(sockets[1]);
});
