import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OpfsShelf } from "./opfs.ts";

const absent = () => new DOMException("it is not there", "NotFoundError");

/** One turn of the loop before each answer, as it is where another process does the work. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A folder as the browser's, with what the outbox needs of it. */
class Folder {
  readonly kind = "directory";
  readonly inside = new Map<string, Folder | { kind: "file"; createSyncAccessHandle(): Promise<unknown> }>();
  gone = false;

  async getDirectoryHandle(name: string, options?: { create: boolean }): Promise<Folder> {
    await turn();
    if (this.gone || (!options?.create && !this.inside.has(name))) throw absent();
    const found = (this.inside.get(name) as Folder | undefined) ?? new Folder();
    this.inside.set(name, found);
    return found;
  }

  async getFileHandle(name: string): Promise<unknown> {
    await turn();
    if (this.gone) throw absent();
    const handle = { write: (bytes: Uint8Array) => bytes.length, close: () => undefined };
    const file = { kind: "file" as const, createSyncAccessHandle: async () => handle };
    this.inside.set(name, file);
    return file;
  }

  async removeEntry(name: string): Promise<void> {
    await turn();
    const found = this.inside.get(name);
    if (!found) throw absent();
    if (found instanceof Folder) found.gone = true;
    this.inside.delete(name);
  }

  async *entries() {
    yield* [...this.inside];
  }
}

let top: Folder;
beforeEach(() => {
  top = new Folder();
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => top } });
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("tabs that are restored together all find the device's storage, and leave nothing of their looking there", async () => {
  const shelves = await Promise.all(
    Array.from({ length: 8 }, async (_, tab) => {
      for (let wait = 0; wait < tab; wait++) await turn();
      return await OpfsShelf.open();
    }),
  );
  expect(shelves.map((shelf) => shelf?.storage)).toEqual(shelves.map(() => "device"));
  expect(await shelves[0]?.folders()).toEqual([]);
});

test("what a tab left that ended in the middle of its look is removed later, a recording and another tab's look are not", async () => {
  const now = `probe${Date.now()}-2`;
  const outbox = await top.getDirectoryHandle("outbox", { create: true });
  for (const name of ["probe", "probe1700000000000-1", now, "trk_1"]) await outbox.getDirectoryHandle(name, { create: true });
  const shelf = await OpfsShelf.open();
  await vi.waitFor(async () => expect((await shelf?.folders())?.sort()).toEqual([now, "trk_1"]));
});
