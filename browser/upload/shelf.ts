// Where the outbox keeps its files: folders of plain files that are written in place. One form on the device (`opfs.ts`), one in memory.
// Promise of a file: `flush()` returns only when what was written survives this tab.

export interface ShelfFile {
  size(): number;
  /** Fewer bytes than asked for at the end of the file. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** All of it or an exception. */
  write(bytes: Uint8Array<ArrayBuffer>, offset: number): void;
  truncate(size: number): void;
  /** What lies before `offset` will not be read again. Only memory needs to hear it. */
  release?(offset: number): void;
  flush(): void;
  close(): void;
}

export interface Shelf {
  /** "device" turns into "memory" when what was kept is gone from the device. */
  readonly storage: "device" | "memory";
  /** Looks whether it is: to be asked before a file is closed. True when it was not known before. */
  lost?(): Promise<boolean>;
  folders(): Promise<string[]>;
  files(folder: string): Promise<string[]>;
  /** Creates what is not there. One opener at a time. */
  open(folder: string, file: string): Promise<ShelfFile>;
  /** A file, or the whole folder; absent is fine. */
  remove(folder: string, file?: string): Promise<void>;
}

/** For browsers and windows without OPFS. Nothing survives the tab, and `storage` says so. */
export class MemoryShelf implements Shelf {
  readonly storage: Shelf["storage"] = "memory";
  readonly #folders = new Map<string, Map<string, MemoryFile>>();

  async folders(): Promise<string[]> {
    return [...this.#folders.keys()];
  }

  async files(folder: string): Promise<string[]> {
    return [...(this.#folders.get(folder)?.keys() ?? [])];
  }

  async open(folder: string, file: string): Promise<MemoryFile> {
    const files = this.#folders.get(folder) ?? new Map<string, MemoryFile>();
    this.#folders.set(folder, files);
    const found = files.get(file) ?? new MemoryFile();
    files.set(file, found);
    return found;
  }

  async remove(folder: string, file?: string): Promise<void> {
    if (file === undefined) this.#folders.delete(folder);
    else this.#folders.get(folder)?.delete(file);
  }
}

/** Released bytes are given back in pieces of at least this, so that what stays is not copied with every ack. */
const releaseBytes = 1024 * 1024;

export class MemoryFile implements ShelfFile {
  /** From offset `#from` on. */
  #bytes = new Uint8Array(4096);
  #from = 0;
  #size = 0;

  size(): number {
    return this.#size;
  }

  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    if (offset < this.#from) return new Uint8Array();
    return this.#bytes.slice(offset - this.#from, Math.min(offset + length, this.#size) - this.#from);
  }

  write(bytes: Uint8Array<ArrayBuffer>, offset: number): void {
    const end = offset + bytes.length;
    if (end - this.#from > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end - this.#from, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#size - this.#from));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, offset - this.#from);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    this.#bytes.fill(0, Math.max(0, size - this.#from), this.#size - this.#from);
    this.#size = Math.min(size, this.#size);
  }

  release(offset: number): void {
    const released = Math.min(offset, this.#size) - this.#from;
    if (released < releaseBytes) return;
    this.#bytes = this.#bytes.slice(released, this.#size - this.#from);
    this.#from += released;
  }

  flush(): void {
    // Memory is as durable as it will ever be.
  }

  close(): void {
    // Nothing is held.
  }
}
