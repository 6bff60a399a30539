import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Path } from "./path.ts";

class FakeConnection extends EventTarget {
  connectionState = "connected";
  iceConnectionState = "connected";
  restarts = 0;
  /** When the last packet came, by the clock of the test. */
  lastMs: number | null = null;

  async getStats() {
    const pair = { type: "candidate-pair", timestamp: Date.now(), lastPacketReceivedTimestamp: this.lastMs ?? undefined };
    return new Map<string, object>([
      ["pair", pair],
      ["unused", { type: "candidate-pair", timestamp: Date.now() }],
    ]);
  }

  restartIce(): void {
    this.restarts++;
  }

  become(state: string): void {
    this.iceConnectionState = state;
    this.dispatchEvent(new Event("iceconnectionstatechange"));
  }
}

function start(polite = false) {
  const connection = new FakeConnection();
  return { connection, path: new Path({ connection: connection as unknown as RTCPeerConnection, polite }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a path that stays broken is sought anew, by the polite end later than by the other", () => {
  const [polite, rude] = [start(true).connection, start().connection];
  for (const connection of [polite, rude]) connection.become("disconnected");
  vi.advanceTimersByTime(1000);
  expect([polite.restarts, rude.restarts]).toEqual([0, 1]);
  vi.advanceTimersByTime(2000);
  expect([polite.restarts, rude.restarts]).toEqual([1, 1]);
});

test("a path that comes back by itself is left alone", () => {
  const { connection } = start();
  connection.become("disconnected");
  vi.advanceTimersByTime(200);
  connection.become("connected");
  vi.advanceTimersByTime(10_000);
  expect(connection.restarts).toBe(0);
});

test("when the network may have changed, a silent path is sought anew and one that carries is not", async () => {
  const { connection, path } = start();
  connection.lastMs = Date.now() - 3000;
  await path.check();
  expect(connection.restarts).toBe(1);
  connection.lastMs = Date.now() - 20;
  await path.check();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection.restarts).toBe(1);
});

test("a path that has been silent for a moment is looked at again", async () => {
  const { connection, path } = start();
  connection.lastMs = Date.now() - 1000;
  await path.check();
  expect(connection.restarts).toBe(0);
  await vi.advanceTimersByTimeAsync(2000);
  expect(connection.restarts).toBe(1);
});

test("where the browser does not say when anything came, nothing is done", async () => {
  const { connection, path } = start();
  await path.check();
  expect(connection.restarts).toBe(0);
});

test("after close nothing is sought any more", () => {
  const { connection, path } = start();
  connection.become("disconnected");
  path.close();
  vi.advanceTimersByTime(10_000);
  expect(connection.restarts).toBe(0);
});
