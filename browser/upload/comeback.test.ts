// How an upload comes back after a break: not before the server answers, and at moments of its own.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Allowance } from "./allowance.ts";
import { FakeServer, type FakeSocket, first, recorded, until, uploaderOf } from "./server.fixture.ts";
import { Uploader } from "./uploader.ts";

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["warn", "error", "info"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const hangsUp = (socket: FakeSocket) => {
  socket.onclose?.({ code: 1006, reason: "" });
  return true;
};

/** Its socket breaks, and no question is ever answered. */
async function unanswered() {
  const server = new FakeServer();
  const { track } = await recorded(first, [1000]);
  server.intercept = hangsUp;
  const probe = (signal: AbortSignal) => new Promise<boolean>((resolve) => signal.addEventListener("abort", () => resolve(false)));
  const options = { track, connect: server.connect, probe, allowance: new Allowance(), onChange: () => undefined, random: () => 1 };
  const uploader = new Uploader(options);
  void uploader.run();
  return { server, uploader };
}

test("a connection that may be back is tried at once", async () => {
  const server = new FakeServer();
  const { track } = await recorded(first, [1000]);
  let away = true;
  const connect = () => {
    const socket = server.connect();
    if (away) queueMicrotask(() => socket.onclose?.({ code: 1006, reason: "" }));
    return socket;
  };
  const { probe } = server;
  const uploader = new Uploader({ track, connect, probe, allowance: new Allowance(), onChange: () => undefined, random: () => 1 });
  void uploader.run();
  await until(() => server.sockets.length === 7);
  away = false;
  await vi.advanceTimersByTimeAsync(100);
  expect(server.sockets).toHaveLength(7);
  uploader.hurry();
  await vi.advanceTimersByTimeAsync(100);
  expect(uploader.bytesSafe).toBe(1000);
});

test("after a break no socket is asked for until the server answers over HTTP, which is asked every second", async () => {
  const server = new FakeServer();
  const { track } = await recorded(first, [1000]);
  server.intercept = hangsUp;
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.state === "offline");
  server.reachable = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.sockets).toHaveLength(1);
  expect(server.probes).toBeGreaterThanOrEqual(59);
  expect(server.probes).toBeLessThanOrEqual(81);
  server.intercept = () => false;
  server.reachable = true;
  await vi.advanceTimersByTimeAsync(1100);
  expect(uploader.bytesSafe).toBe(1000);
  await uploader.close();
});

test("where somebody else here has reached the server nobody waits for an answer, nor for the end of the pause", async () => {
  const { server, uploader } = await unanswered();
  await until(() => uploader.state === "offline");
  uploader.hurry(true);
  await until(() => server.sockets.length === 2);
  // In the middle of a question.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.sockets).toHaveLength(2);
  server.intercept = () => false;
  uploader.hurry();
  await vi.advanceTimersByTimeAsync(100);
  expect(uploader.bytesSafe).toBe(0);
  uploader.hurry(true);
  await vi.advanceTimersByTimeAsync(100);
  expect(uploader.bytesSafe).toBe(1000);
  await uploader.close();
});

test("a question that is not answered yet keeps nobody from closing", async () => {
  const { server, uploader } = await unanswered();
  await vi.advanceTimersByTimeAsync(5000);
  await uploader.close();
  expect(server.sockets).toHaveLength(1);
});

test("attempts come less and less often while the server is away", async () => {
  const { track } = await recorded(first, [100]);
  let attempts = 0;
  const server = new FakeServer();
  const uploader = new Uploader({
    allowance: new Allowance(),
    track,
    connect: () => {
      attempts++;
      const socket = server.connect();
      queueMicrotask(() => socket.onclose?.({ code: 1006, reason: "" }));
      return socket;
    },
    probe: server.probe,
    onChange: () => undefined,
    random: () => 1,
  });
  void uploader.run();
  await vi.advanceTimersByTimeAsync(2000);
  const early = attempts;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(early).toBeGreaterThanOrEqual(3);
  expect(attempts - early).toBeLessThanOrEqual(10);
  await uploader.close();
});
