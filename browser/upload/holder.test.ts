import { expect, onTestFinished, test, vi } from "vitest";
import { Allowance } from "./allowance.ts";
import { Holder, type HolderOptions } from "./holder.ts";
import { Segment } from "./segment.ts";
import { about, FakeServer, facts, first, second } from "./server.fixture.ts";
import { MemoryShelf } from "./shelf.ts";

function held(more: Partial<HolderOptions> = {}): Holder {
  const holder = new Holder({
    shelf: new MemoryShelf(),
    about,
    hold: async () => () => undefined,
    connect: new FakeServer().connect,
    allowance: new Allowance(),
    onChange: () => undefined,
    onOver: () => undefined,
    onSafe: () => undefined,
    ...more,
  });
  onTestFinished(() => holder.close());
  return holder;
}

const bytes = (length: number) => new Uint8Array(length).fill(7).buffer;

test("where only memory keeps, a server that is away leaves room for sound only, and all of it again once it is back", async () => {
  const { memoryMostBytes } = Segment;
  onTestFinished(() => {
    Segment.memoryMostBytes = memoryMostBytes;
  });
  Segment.memoryMostBytes = 1000;
  const server = new FakeServer();
  server.intercept = () => true;
  const holder = held({ connect: server.connect });
  const told = async () => {
    await holder.read(async () => undefined);
    const { keeps, message } = holder.status();
    return { keeps, sound: message?.includes("only your sound") ?? false };
  };
  let sequence = 0;
  const append = (segment: string, count: number) => {
    for (let chunk = 0; chunk < count; chunk++) holder.append(segment, { sequence: sequence++, bytes: bytes(100), eventMs: sequence });
  };

  holder.segment(first, facts);
  append(first, 8);
  expect(await told()).toEqual({ keeps: "everything", sound: false });
  append(first, 1);
  expect(await told()).toEqual({ keeps: "sound", sound: true });
  holder.finish(first);

  // The sound goes into the next segment; both together are held to the bound.
  holder.segment(second, facts);
  append(second, 3);
  expect(await holder.read(async (track) => [track.inMemory, track.overfull])).toEqual([1000, true]);

  server.intercept = () => false;
  for (const socket of server.sockets) socket.close();
  holder.hurry();
  await vi.waitFor(async () => expect([await told(), server.held(first).length]).toEqual([{ keeps: "everything", sound: false }, 900]), {
    timeout: 10_000,
  });
});

test("a track that cannot be opened is refused in words, and what comes for it is not taken for kept", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => logged.mockRestore());
  const onChange = vi.fn();
  const holder = held({ hold: () => Promise.reject(new DOMException("blocked", "SecurityError")), onChange });
  holder.segment(first, facts);
  holder.append(first, { sequence: 0, bytes: bytes(100), eventMs: 0 });
  await vi.waitFor(() => expect(holder.status().state).toBe("refused"));
  expect(onChange).toHaveBeenCalled();
  expect(holder.status()).toMatchObject({ bytesKept: 0, storage: "memory", message: expect.stringContaining("can no longer keep") });
});
