import { expect, onTestFinished, test, vi } from "vitest";
import { Allowance } from "./allowance.ts";
import { Holder, type HolderOptions } from "./holder.ts";
import { Track } from "./outbox.ts";
import { Segment } from "./segment.ts";
import { about, DeviceShelf, FakeServer, FullShelf, facts, first, recorded, second, trackId } from "./server.fixture.ts";
import { type MemoryFile, MemoryShelf, type ShelfFile } from "./shelf.ts";

function held(more: Partial<HolderOptions> = {}): Holder {
  const holder = new Holder({
    shelf: new MemoryShelf(),
    about,
    hold: async () => () => undefined,
    connect: new FakeServer().connect,
    probe: new FakeServer().probe,
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
  holder.hurry(false);
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

test("where another segment would find room on a full device, that is said with every chunk", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => logged.mockRestore());
  const megabyte = 1024 * 1024;
  const onOver = vi.fn();
  const holder = held({ shelf: new FullShelf(17 * megabyte), onOver });
  holder.segment(first, facts);
  holder.append(first, { sequence: 0, bytes: bytes(17 * megabyte), eventMs: 0 });
  await vi.waitFor(() => expect(holder.status().bytesSafe).toBe(17 * megabyte), { timeout: 10_000 });
  expect(onOver).not.toHaveBeenCalled();
  holder.append(first, { sequence: 1, bytes: bytes(100), eventMs: 1 });
  await vi.waitFor(() => expect(onOver).toHaveBeenCalledExactlyOnceWith(first));
});

/** Counts the bytes that are read back from each file. */
class CountedShelf extends DeviceShelf {
  readonly read = new Map<string, number>();

  override async open(folder: string, name: string): Promise<MemoryFile> {
    const file = await super.open(folder, name);
    const read: ShelfFile["read"] = file.read.bind(file);
    file.read = (offset, length) => {
      this.read.set(name, (this.read.get(name) ?? 0) + length);
      return read(offset, length);
    };
    return file;
  }
}

test("what is recorded after a crash is kept and sent while what the crash left is still looked through", async () => {
  const shelf = new CountedShelf();
  const { track } = await recorded(
    first,
    Array.from({ length: 12 }, () => 2_000_000),
    await Track.open(shelf, about),
  );
  track.flush();
  const server = new FakeServer();
  // Nothing of the old is read to be sent.
  server.segments.set(first, { bytes: new Uint8Array(24_000_000), sealed: false });
  let readByThen: number | undefined;
  const open = shelf.open.bind(shelf);
  shelf.open = async (folder, name) => {
    const file = await open(folder, name);
    if (name === `${second}.media`) {
      const write = file.write.bind(file);
      file.write = (data, offset) => {
        readByThen ??= shelf.read.get(`${first}.media`) ?? 0;
        write(data, offset);
      };
    }
    return file;
  };
  const holder = held({ shelf, connect: server.connect });
  holder.segment(second, facts);
  holder.append(second, { sequence: 0, bytes: bytes(100), eventMs: 0 });
  holder.end();
  await vi.waitFor(() => expect(readByThen).toBeDefined());
  expect(readByThen).toBeLessThan(24_000_000);
  expect((await shelf.files(trackId)).includes("ended")).toBe(true);
  const [left, fresh] = await holder.read(async ({ segments }) => segments);
  expect(left?.finished?.bytes).toBe(24_000_000);
  expect(fresh?.id).toBe(second);
});

test("what a device cannot read back is neither sent as if it ended there nor let go", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => logged.mockRestore());
  const shelf = new DeviceShelf();
  await recorded(first, [100, 200], await Track.open(shelf, about));
  const media = await shelf.open(trackId, `${first}.media`);
  media.read = () => {
    throw new DOMException("the disk does not answer", "NotReadableError");
  };
  const server = new FakeServer();
  const holder = held({ shelf, connect: server.connect });
  holder.segment(second, facts);
  holder.append(second, { sequence: 0, bytes: bytes(100), eventMs: 0 });
  holder.finish(second);
  holder.end();
  await vi.waitFor(() => expect(holder.status().state).toBe("refused"));
  expect(holder.status().message).toContain("cannot read a part of your recording");
  expect(server.segments.get(second)?.sealed).toBe(true);
  expect([server.segments.get(first), server.ended]).toEqual([undefined, null]);
  expect(media.size()).toBe(300);
});
