import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Live } from "./live.ts";

class Socket {
  static all: Socket[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  readonly send = () => undefined;
  constructor() {
    Socket.all.push(this);
  }
  hear(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
  readonly close = () => undefined;
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("window", { location: { origin: "http://localhost" }, setTimeout, clearTimeout });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function line() {
  const refused: string[] = [];
  const live = new Live({
    recordingId: "rec_1",
    key: "key",
    identity: () => null,
    onTold: () => undefined,
    onLine: () => undefined,
    onRefused: ({ message }) => refused.push(message),
  });
  return { live, refused };
}

test("a line that breaks comes back, later and later", () => {
  line();
  for (const waitMs of [500, 1000, 2000]) {
    const before = Socket.all.length;
    Socket.all.at(-1)?.onclose({ code: 1006, reason: "" });
    vi.advanceTimersByTime(waitMs - 1);
    expect(Socket.all.length).toBe(before);
    vi.advanceTimersByTime(1);
    expect(Socket.all.length).toBe(before + 1);
  }
});

test("a link that is gone is said once and not tried again, whether it was revoked while one looked or before", () => {
  const { refused } = line();
  Socket.all[0]?.onclose({ code: 4403, reason: "This link is no longer valid. [gone]" });
  const later = line();
  Socket.all[1]?.hear({ type: "refused", code: "gone", message: "This link is no longer valid." });
  Socket.all[1]?.onclose({ code: 4410, reason: "" });
  const deleted = line();
  Socket.all[2]?.onclose({ code: 4410, reason: "This recording was deleted. [gone]" });
  vi.advanceTimersByTime(600_000);
  expect([refused, later.refused]).toEqual([["This link is no longer valid."], ["This link is no longer valid."]]);
  expect(deleted.refused).toEqual(["This recording was deleted."]);
  expect(Socket.all).toHaveLength(3);
});

test("who is not known as a reviewer is tried again as nobody", () => {
  const { refused } = line();
  Socket.all[0]?.hear({ type: "refused", code: "not-allowed", message: "This browser is not known." });
  Socket.all[0]?.onclose({ code: 4403, reason: "This browser is not known." });
  vi.advanceTimersByTime(500);
  expect([refused.length, Socket.all.length]).toEqual([1, 2]);
});
