import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, probe } from "./reach.ts";

let sockets: Socket[] = [];

class Socket extends EventTarget {
  constructor(readonly url: string) {
    super();
    sockets.push(this);
  }
}

beforeEach(() => {
  sockets = [];
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("location", { origin: "https://here" });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a path that failed is not tried again, and one that served is", () => {
  const open = () => sockets.at(-1)?.dispatchEvent(new Event("open"));
  connect();
  open();
  connect();
  connect();
  connect();
  open();
  connect();
  const paths = sockets.map(({ url }) => url.replace("wss://here/ws/call", ""));
  expect(paths).toEqual(["", "", "/1", "/2", "/2"]);
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
