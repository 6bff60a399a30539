import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Path } from "./path.ts";

class FakeConnection extends EventTarget {
  connectionState = "connected";
  iceConnectionState = "connected";
  restarts = 0;
  /** When the last packet came, by the clock of the test. */
  lastMs: number | null = null;
  readonly sctp = { transport: { iceTransport: { onselectedcandidatepairchange: () => undefined } } };
  /** What the sender of each kind was told about its next picture. */
  readonly told: [kind: string, options: unknown][] = [];

  getSenders() {
    return ["audio", "video"].map((kind) => ({
      track: { kind },
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async (_same: unknown, options: unknown) => void this.told.push([kind, options]),
    }));
  }

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
  const onSilent = vi.fn();
  return { connection, onSilent, path: new Path({ connection: connection as unknown as RTCPeerConnection, polite, onSilent }) };
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

test("a path is silent when nothing came for half a second, or when the browser says that it is broken", async () => {
  const { connection, path } = start();
  expect(await path.silent()).toBe(false);
  connection.lastMs = Date.now() - 400;
  expect(await path.silent()).toBe(false);
  connection.lastMs = Date.now() - 600;
  expect(await path.silent()).toBe(true);
  connection.lastMs = Date.now();
  connection.connectionState = "disconnected";
  expect(await path.silent()).toBe(true);
});

test("a path that has been silent for a moment is looked at again", async () => {
  const { connection, path } = start();
  connection.lastMs = Date.now() - 1000;
  await path.check();
  expect(connection.restarts).toBe(0);
  await vi.advanceTimersByTimeAsync(250);
  expect(connection.restarts).toBe(1);
});

test("over another way the picture begins with a whole one, and the call is asked whether the network changed when one goes silent", () => {
  const { connection, onSilent, path } = start();
  connection.become("connected");
  connection.become("connected");
  const changes = () => connection.sctp.transport.iceTransport.onselectedcandidatepairchange();
  expect(connection.told).toEqual([]);
  changes();
  expect(connection.told).toEqual([["video", { encodingOptions: [{ keyFrame: true }] }]]);
  expect(onSilent).not.toHaveBeenCalled();
  connection.become("disconnected");
  expect(onSilent).toHaveBeenCalledTimes(1);
  path.close();
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
