// The outbox's files in the origin private file system. Only in a dedicated worker: nowhere else do browsers write in place.
import type { Shelf, ShelfFile } from "./shelf.ts";

const root = "outbox";
/** A reloaded page may find its predecessor's handles still held for a moment; twelve tries are about five seconds. */
const openTries = 12;

const probePrefix = "probe";
/** No probe takes as long. */
const probeMs = 60_000;

/** TypeScript's DOM library lacks this: it lists it for workers only. */
interface SyncAccessHandle {
  getSize(): number;
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type SyncFileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccessHandle> };

export class OpfsShelf implements Shelf {
  #storage: Shelf["storage"] = "device";

  constructor(readonly directory: FileSystemDirectoryHandle) {}

  get storage(): Shelf["storage"] {
    return this.#storage;
  }

  /** A person who clears this site's data takes the folder away under open files: these can still be written and read, and nobody finds them again.
   * From then on Chromium 156 never returns from closing such a file, nor from asking for its folder: so nothing is closed or asked for any more. */
  async lost(): Promise<boolean> {
    if (this.#storage === "memory") return false;
    const top = await navigator.storage.getDirectory();
    if (await absentAsNull(top.getDirectoryHandle(root))) return false;
    console.error("outbox: what was kept on this device was cleared away");
    this.#storage = "memory";
    return true;
  }

  /** Null where the browser has no such storage or refuses it (private windows). */
  static async open(): Promise<OpfsShelf | null> {
    try {
      const top = await navigator.storage.getDirectory();
      const shelf = new OpfsShelf(await top.getDirectoryHandle(root, { create: true }));
      // A name of one's own: of two tabs that are restored together none takes the other's away.
      const probe = `${probePrefix}${Date.now()}-${crypto.randomUUID()}`;
      const file = await shelf.open(probe, "probe");
      file.write(new Uint8Array([1]), 0);
      file.close();
      await shelf.remove(probe);
      shelf.#sweep().catch((error: unknown) => console.warn("outbox: earlier probes stay", error));
      return shelf;
    } catch (error) {
      console.warn("outbox: no storage on this device", error);
      return null;
    }
  }

  /** What tabs left behind that ended in the middle of their probe. */
  async #sweep(): Promise<void> {
    for (const folder of await this.folders()) {
      if (!folder.startsWith(probePrefix)) continue;
      const madeMs = Number(folder.slice(probePrefix.length).split("-")[0]);
      if (!(Math.abs(Date.now() - madeMs) < probeMs)) await this.remove(folder);
    }
  }

  async folders(): Promise<string[]> {
    if (this.storage === "memory") return [];
    return await names(this.directory, "directory");
  }

  async files(folder: string): Promise<string[]> {
    if (this.storage === "memory") return [];
    const directory = await absentAsNull(this.directory.getDirectoryHandle(folder));
    return directory ? await names(directory, "file") : [];
  }

  async open(folder: string, file: string): Promise<ShelfFile> {
    if (this.storage === "memory") throw new DOMException("what this site kept was cleared away", "NotFoundError");
    const directory = await this.directory.getDirectoryHandle(folder, { create: true });
    const handle = (await directory.getFileHandle(file, { create: true })) as SyncFileHandle;
    for (let attempt = 1; ; attempt++) {
      try {
        return new OpfsFile(this, await handle.createSyncAccessHandle());
      } catch (error) {
        const held = error instanceof DOMException && error.name === "NoModificationAllowedError";
        if (!held || attempt === openTries) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** attempt, 500)));
      }
    }
  }

  async remove(folder: string, file?: string): Promise<void> {
    if (this.storage === "memory") return;
    if (file === undefined) {
      await absentAsNull(this.directory.removeEntry(folder, { recursive: true }));
      return;
    }
    const directory = await absentAsNull(this.directory.getDirectoryHandle(folder));
    if (directory) await absentAsNull(directory.removeEntry(file));
  }
}

class OpfsFile implements ShelfFile {
  constructor(
    readonly shelf: OpfsShelf,
    readonly handle: SyncAccessHandle,
  ) {}

  size(): number {
    return this.handle.getSize();
  }

  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const into = new Uint8Array(Math.max(0, Math.min(length, this.handle.getSize() - offset)));
    const count = into.length === 0 ? 0 : this.handle.read(into, { at: offset });
    return into.subarray(0, count);
  }

  write(bytes: Uint8Array<ArrayBuffer>, offset: number): void {
    const count = this.handle.write(bytes, { at: offset });
    if (count !== bytes.length) throw new DOMException(`wrote ${count} of ${bytes.length} bytes`, "QuotaExceededError");
  }

  truncate(size: number): void {
    this.handle.truncate(size);
  }

  flush(): void {
    this.handle.flush();
  }

  close(): void {
    if (this.shelf.storage === "device") this.handle.close();
  }
}

async function names(directory: FileSystemDirectoryHandle, kind: "file" | "directory"): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, handle] of directory.entries()) if (handle.kind === kind) found.push(name);
  return found;
}

async function absentAsNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return null;
    throw error;
  }
}
