import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeCode } from "../../protocol/errors.ts";
import { frameHeaderBytes, unackedMaxBytes } from "../../protocol/upload.ts";
import { Track } from "./outbox.ts";
import { about, bytes, FakeServer, FullShelf, first, recorded, second, sha256, until, uploaderOf } from "./server.fixture.ts";
import { MemoryShelf } from "./shelf.ts";

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["warn", "error", "info"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a track ends with every segment sealed and its hash the server's", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100_000, 50_000]);
  const other = await recorded(second, [10], track);
  segment.finish();
  other.segment.finish();
  await track.end();
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.state === "done");
  expect(server.ended).toEqual([first, second]);
  expect([...server.segments.values()].every((held) => held.sealed)).toBe(true);
  expect(uploader.bytesSafe).toBe(150_010);
});

test("uploader resends from the acked offset after the socket drops mid-chunk", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [300_000]);
  segment.finish();
  await track.end();
  let dropped = false;
  server.intercept = (socket, message) => {
    if (message !== "chunk" || dropped || server.held(first).length < 64 * 1024) return false;
    dropped = true;
    socket.drop(1006);
    return true;
  };
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.state === "offline");
  expect(server.held(first).length).toBeLessThan(300_000);
  await until(() => uploader.state === "done");
  expect(server.sockets.length).toBe(2);
  expect(sha256(server.held(first))).toBe(sha256(bytes(300_000)));
});

test("a server offset below an earlier ack is sent again from the outbox", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [200_000]);
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 200_000);
  const held = server.segments.get(first);
  if (!held) throw new Error("nothing held");
  held.bytes = held.bytes.slice(0, 1000);
  server.sockets[0]?.drop(closeCode.restarting);
  await until(() => uploader.bytesSafe === 200_000 && server.held(first).length === 200_000);
  segment.finish();
  await track.end();
  uploader.wake();
  await until(() => uploader.state === "done");
  expect(sha256(server.held(first))).toBe(sha256(bytes(200_000)));
});

test("memory gives back what was acked: a segment that the server then knows less of ends with what it has, and the next ones go on", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [3_000_000], await Track.open(new MemoryShelf(), about));
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 3_000_000);
  expect(segment.readable(0)).toBe(false);
  const held = server.segments.get(first);
  if (!held) throw new Error("nothing held");
  held.bytes = held.bytes.slice(0, 1000);
  server.sockets[0]?.drop(closeCode.restarting);
  await until(() => segment.sealed !== null);
  expect(segment.sealed?.bytes).toBe(1000);
  expect([segment.lost, track.lost]).toEqual([true, true]);
  // The recorder does not know yet.
  segment.append(1, bytes(500), 1000);
  segment.finish();
  const { segment: next } = await recorded(second, [700], track);
  next.finish();
  await track.end();
  uploader.wake();
  await until(() => uploader.state === "done");
  expect(server.held(second)).toEqual(bytes(700));
  expect(server.sockets).toHaveLength(2);
});

test("of a segment whose middle only memory held, what lies before it on the device is sent again", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100, 200], await Track.open(new FullShelf(150), about));
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 300);
  server.segments.delete(first);
  let announced: unknown;
  server.intercept = (_, message) => {
    if (message !== "chunk" && message.type === "finish") announced = message;
    return false;
  };
  server.sockets[0]?.drop(closeCode.restarting);
  await until(() => segment.sealed !== null);
  expect(server.held(first)).toEqual(bytes(100));
  expect(announced).toMatchObject({ bytes: 100, sha256: sha256(bytes(100)) });
  expect(segment.lost).toBe(true);
  await uploader.close();
});

test("a track that only memory keeps is sealed with the hash of all of it", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [1_500_000], await Track.open(new MemoryShelf(), about));
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 1_500_000);
  segment.append(1, bytes(700_000), 1000);
  segment.finish();
  await track.end();
  uploader.wake();
  await until(() => uploader.state === "done");
  expect(server.segments.get(first)).toMatchObject({ sealed: true });
  expect(server.held(first)).toHaveLength(2_200_000);
});

test("a chunk of 50 MB goes in frames of at most a megabyte, over one socket", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [50_000_000]);
  segment.finish();
  await track.end();
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.state === "done");
  expect(server.sockets).toHaveLength(1);
  // A larger frame would not have been parsed.
  expect(server.held(first)).toHaveLength(50_000_000);
  expect(server.sockets[0]?.mostUnacked).toBeLessThanOrEqual(unackedMaxBytes + 64 * frameHeaderBytes);
});

test("a full disk on the server is tried again until there is room, and stays visible until bytes are acked", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [1000]);
  segment.finish();
  await track.end();
  let full = true;
  server.intercept = (socket, message) => {
    if (message !== "chunk" || !full) return false;
    socket.drop(closeCode.diskFull);
    return true;
  };
  const uploader = uploaderOf(track, server);
  const states = new Set<string>();
  void uploader.run();
  await until(() => uploader.state === "disk-full");
  await until(() => {
    states.add(uploader.state);
    return server.sockets.length === 4;
  });
  expect([...states]).toEqual(["disk-full"]);
  full = false;
  await until(() => uploader.state === "done");
});

test("finish is said only when every byte is acked", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  segment.finish();
  const waiting: (() => void)[] = [];
  server.intercept = (socket, message) => {
    if (message !== "chunk") return false;
    waiting.push(() => socket.say({ type: "ack", segment: first, offset: 100 }));
    return true;
  };
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => waiting.length === 1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.said).not.toContain("finish");
  waiting[0]?.();
  await until(() => server.said.includes("finish"));
  await uploader.close();
});

test("bytes go out while they are recorded, before the segment is finished", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 100);
  segment.append(1, bytes(50), 1000);
  uploader.wake();
  await until(() => uploader.bytesSafe === 150);
  expect(server.said).toEqual(["hello", "open"]);
  await uploader.close();
});

test("a link that swallows everything is left within ten seconds", async () => {
  const server = new FakeServer();
  const { track } = await recorded(first, [100]);
  server.intercept = (socket, message) => message === "chunk" && socket === server.sockets[0];
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => server.sockets.length === 2, 11_000);
  await until(() => uploader.bytesSafe === 100);
  await uploader.close();
});

test("when the network may have changed, a silent link is left within three seconds, and one that answers is kept", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [300_000]);
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.bytesSafe === 300_000);
  uploader.hurry();
  await vi.advanceTimersByTimeAsync(10_000);
  segment.append(1, bytes(1000), 1000);
  uploader.wake();
  await until(() => uploader.bytesSafe === 301_000);
  expect(server.sockets.length).toBe(1);

  server.intercept = () => server.sockets.length === 1;
  segment.append(2, bytes(1000), 2000);
  uploader.wake();
  await vi.advanceTimersByTimeAsync(100);
  uploader.hurry();
  await until(() => uploader.bytesSafe === 302_000, 3000);
  expect(server.sockets.length).toBe(2);
  await uploader.close();
});

test("never more bytes are under way than the server promised to hold", async () => {
  const server = new FakeServer();
  const { track } = await recorded(
    first,
    Array.from({ length: 9 }, () => 1_000_000),
  );
  server.intercept = (_, message) => message === "chunk";
  const uploader = uploaderOf(track, server);
  // A way that is known to be wide.
  uploader.options.allowance.arrived(10e6, 1000, 0);
  void uploader.run();
  await until(() => (server.sockets[0]?.mostUnacked ?? 0) > unackedMaxBytes / 2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(server.sockets[0]?.mostUnacked).toBeLessThan(unackedMaxBytes + 100_000);
  await uploader.close();
});

test("what the server refuses for good is kept, and tried once more when asked to", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  segment.finish();
  await track.end();
  let refusing = true;
  server.intercept = (socket, message) => {
    if (message !== "chunk" || !refusing) return false;
    socket.say({ type: "refused", code: "not-media", message: "This is a text file." });
    socket.drop(closeCode.notMedia);
    return true;
  };
  const uploader = uploaderOf(track, server);
  await Promise.all([uploader.run(), until(() => uploader.state === "refused")]);
  expect(uploader.refusal).toBe("This is a text file.");
  expect(segment.read(0, 100)?.bytes.length).toBe(100);
  refusing = false;
  void uploader.run();
  await until(() => uploader.state === "done");
});

test("a segment in conflict does not hold up those after it", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  const other = await recorded(second, [200], track);
  segment.finish();
  other.segment.finish();
  server.segments.set(first, { bytes: new Uint8Array(100), sealed: false });
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => other.segment.sealed !== null);
  expect(segment.sealed).toBeNull();
  await uploader.close();
});

test("a segment that the server sealed before the answer was lost is sealed on this side too", async () => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  segment.finish();
  await track.end();
  let lost = false;
  server.intercept = (socket, message) => {
    if (message === "chunk" || message.type !== "finish" || lost) return false;
    lost = true;
    server.segments.set(first, { bytes: bytes(100), sealed: true });
    socket.drop(1006);
    return true;
  };
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => uploader.state === "done");
  expect(segment.sealed).not.toBeNull();
});

test.each([
  ["does not know", "wrong-segment", closeCode.conflict],
  ["has not sealed", "unexpected", closeCode.malformed],
] as const)(
  "a server that %s a segment it once sealed has lost it: that is said, and not asked again and again",
  async (_, code, close) => {
    const server = new FakeServer();
    const { track, segment } = await recorded(first, [100]);
    segment.finish();
    await track.end();
    server.intercept = (socket, message) => {
      if (message === "chunk" || message.type !== "end") return false;
      socket.say({ type: "refused", code, message: "The upload was interrupted; it starts again from what is safe." });
      socket.drop(close);
      return true;
    };
    const uploader = uploaderOf(track, server);
    await Promise.all([uploader.run(), until(() => uploader.state === "refused")]);
    expect(uploader.refusal).toContain("The server has lost a part of your recording");
    expect(server.sockets).toHaveLength(1);
    server.intercept = (socket, message) => {
      if (message === "chunk" || message.type !== "end") return false;
      socket.say({ type: "refused", code: "replaced", message: "This track is being sent over another connection." });
      socket.drop(closeCode.conflict);
      return true;
    };
    void uploader.run();
    await until(() => server.sockets.length === 3);
    expect(uploader.state).toBe("offline");
    await uploader.close();
  },
);
