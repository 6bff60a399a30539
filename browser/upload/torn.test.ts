// What a crash or a power cut tore off the outbox, as the server and the device see it afterwards.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bytes, FakeServer, first, recorded, sha256, until, uploaderOf } from "./server.fixture.ts";

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("of a segment whose end was torn off the device what the server holds is sealed, also when its answer is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 }),
      fc.nat(6),
      fc.boolean(),
      async (lengths, kept, lost) => {
        const server = new FakeServer();
        const whole = lengths.flatMap((length) => [...bytes(length)]);
        server.segments.set(first, { bytes: Uint8Array.from(whole), sealed: false });
        const { track, segment } = await recorded(first, lengths.slice(0, kept));
        segment.finish();
        await track.end();
        let losing = lost;
        server.intercept = (socket, message) => {
          if (message === "chunk" || message.type !== "finish" || !losing) return false;
          losing = false;
          server.segments.set(first, { bytes: Uint8Array.from(whole), sealed: true });
          socket.drop(1006);
          return true;
        };
        const uploader = uploaderOf(track, server);
        void uploader.run();
        await until(() => uploader.state === "done");
        expect(segment.sealed).toEqual({ bytes: whole.length, sha256: sha256(Uint8Array.from(whole)) });
        expect(uploader.bytesSafe).toBe(whole.length);
        expect(server.held(first)).toEqual(Uint8Array.from(whole));
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  ["less than was announced", 99, "a".repeat(64)],
  ["the announced length under another hash", 100, "a".repeat(64)],
])("a server that says it sealed %s is not believed", async (_, length, hash) => {
  const server = new FakeServer();
  const { track, segment } = await recorded(first, [100]);
  segment.finish();
  let lying = true;
  server.intercept = (socket, message) => {
    if (message === "chunk" || message.type !== "finish" || !lying) return false;
    lying = false;
    socket.say({ type: "sealed", segment: first, bytes: length, sha256: hash });
    return true;
  };
  const uploader = uploaderOf(track, server);
  void uploader.run();
  await until(() => !lying);
  expect(segment.sealed).toBeNull();
  await until(() => segment.sealed !== null);
  expect(segment.sealed).toEqual({ bytes: 100, sha256: sha256(bytes(100)) });
  await uploader.close();
});
