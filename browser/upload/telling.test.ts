// When clock samples go out, and when they go out again.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClockSample } from "../../protocol/recording.ts";
import { bytes, FakeServer, FakeSocket, first, recorded, until, uploaderOf } from "./server.fixture.ts";

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const samples = (from: number, count: number): ClockSample[] =>
  Array.from({ length: count }, (_, index) => ({ sentMs: from + index, receivedMs: from + index, serverMs: index, epoch: "e" }));

/** As Firefox has them: some 450 bytes a second. */
const readings = (count: number): ClockSample[] =>
  samples(1, count).map((sample) => ({
    ...sample,
    epoch: "",
    graph: Array.from({ length: 8 }, (_, n) => ({ browserMs: sample.sentMs + n + 0.123456, mediaMs: n + 0.987654 })),
  }));

/** Notes the samples that come, by the number of the socket. */
function listen(server: FakeServer): number[][] {
  const heard: number[][] = [];
  server.intercept = (socket, message) => {
    if (message !== "chunk" && message.type === "clock") {
      const at = server.sockets.indexOf(socket);
      heard[at] = [...(heard[at] ?? []), ...message.samples.map(({ receivedMs }) => receivedMs)];
    }
    return false;
  };
  return heard;
}

/** All its sockets share a line of so many bytes per second. */
function narrow(server: FakeServer, bytesPerSecond: number): void {
  let freeMs = 0;
  server.connect = () => {
    const socket = new FakeSocket(server);
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      freeMs = Math.max(freeMs, performance.now()) + (data.length * 1000) / bytesPerSecond;
      setTimeout(() => send(data), freeMs - performance.now());
    };
    server.sockets.push(socket);
    return socket;
  };
}

test("clock samples that went out before an acked frame are not sent again on the next socket, the others are", async () => {
  const server = new FakeServer();
  const heard = listen(server);
  const { track, segment } = await recorded(first, [100]);
  segment.addSamples(samples(1, 700));
  segment.append(1, bytes(100_000), 1000);
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 100_100);
  segment.addSamples(samples(1001, 2));
  uploader.wake();
  await until(() => heard[0]?.length === 702);
  server.sockets[0]?.drop(1006);
  segment.append(2, bytes(100), 2000);
  segment.addSamples(samples(2001, 1));
  segment.finish();
  await until(() => segment.sealed !== null);
  expect(heard[0]?.slice(0, 700)).toEqual(samples(1, 700).map(({ receivedMs }) => receivedMs));
  expect(heard[1]).toEqual([1001, 1002, 2001]);
  await uploader.close();
});

test("a server that has less than it acked is told all of them again", async () => {
  const server = new FakeServer();
  const heard = listen(server);
  const { track, segment } = await recorded(first, [200_000]);
  segment.addSamples(samples(1, 20));
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 200_000);
  const held = server.segments.get(first);
  if (!held) throw new Error("nothing held");
  held.bytes = held.bytes.slice(0, 199_999);
  server.sockets[0]?.drop(1006);
  await until(() => server.sockets.length === 2 && server.held(first).length === 200_000);
  expect(heard[1]).toEqual(heard[0]);
  expect(heard[1]).toHaveLength(20);
  await uploader.close();
});

test("before each frame go no more samples than media, and the first frame does not wait for all of them", async () => {
  const server = new FakeServer();
  let before = 0;
  let most = 0;
  server.intercept = (_, message) => {
    if (message === "chunk") before = 0;
    else if (message.type === "clock") before += JSON.stringify(message.samples).length;
    most = Math.max(most, before);
    return false;
  };
  const { track, segment } = await recorded(first, [3_000_000]);
  segment.addSamples(readings(1800));
  segment.finish();
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => segment.sealed !== null);
  expect(most).toBeGreaterThan(16_000);
  expect(most).toBeLessThan(600_000);
  await uploader.close();
});

test.each([
  ["a megabit", 125_000],
  ["200 kbit/s", 25_000],
])("an hour of Firefox's clock readings gets through a line of %s, where the connection drops for a moment", async (_, bytesPerSecond) => {
  const server = new FakeServer();
  narrow(server, bytesPerSecond);
  const heard = listen(server);
  const { track, segment } = await recorded(first, [300_000]);
  segment.addSamples(readings(3600));
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 300_000, 300_000);
  server.sockets.at(-1)?.drop(1006);
  for (let sequence = 1; sequence < 4; sequence++) segment.append(sequence, bytes(100_000), sequence);
  segment.finish();
  uploader.wake();
  await until(() => segment.sealed !== null, 600_000);
  expect(server.sockets).toHaveLength(2);
  expect(new Set(heard.flat()).size).toBe(3600);
  await uploader.close();
});
