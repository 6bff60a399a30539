// A disk in memory that fails where a test wants it to, and that knows what a power cut would leave of it.
// Modelled after the strictest reading of POSIX: bytes are durable by datasync, names by syncing their folder, and a sync of either kind that has
// failed once forgets what it could not write: the next one says yes.
import { basename, dirname } from "node:path";
import type { Files, OpenFile } from "./files.ts";
import { neverBegan } from "./outofroom.ts";

type Change = { at: number; bytes: Uint8Array } | { truncate: number };

interface FileNode {
  kind: "file";
  now: Buffer;
  durable: Buffer;
  pending: Change[];
}

interface FolderNode {
  kind: "folder";
  now: Map<string, Node>;
  durable: Map<string, Node>;
  /** null: the name is taken away. */
  pending: [string, Node | null][];
}

type Node = FileNode | FolderNode;

const folder = (): FolderNode => ({ kind: "folder", now: new Map(), durable: new Map(), pending: [] });

export function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by the test`), { code, errno: -1 });
}

export class ModelDisk implements Files {
  /** Asked before every call; throws what the call is to fail with. */
  fault: (call: string, path: string) => void | Promise<void> = () => undefined;
  openHandles = 0;
  readonly #root: FolderNode;

  constructor(root: FolderNode = folder()) {
    this.#root = root;
  }

  /** From now on no sync of a file comes back (`of`: whose path has this in it) until `release`. `hangs()`: one has begun. */
  hang(of = ""): { release: () => void; hangs: () => boolean } {
    let release: () => void = () => undefined;
    let begun = false;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.fault = (call, path) => {
      if (call !== "datasync" || !path.includes(of)) return undefined;
      begun = true;
      return hanging;
    };
    return { release, hangs: () => begun };
  }

  /** A disk on which this folder has always been. */
  static async with(path: string): Promise<ModelDisk> {
    const disk = new ModelDisk();
    await disk.makeFolder(path);
    for (let at = path; at !== dirname(at); at = dirname(at)) await disk.syncFolder(dirname(at));
    return disk;
  }

  async open(path: string, flags: "a+" | "w" | "r"): Promise<OpenFile> {
    await this.fault("open", path);
    const parent = this.#folder(dirname(path));
    let node = parent.now.get(basename(path));
    if (!node) {
      if (flags === "r") throw failure("ENOENT");
      node = { kind: "file", now: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
      name(parent, basename(path), node);
    }
    if (node.kind === "folder") throw failure("EISDIR");
    if (flags === "w") change(node, { truncate: 0 });
    this.openHandles += 1;
    return this.#handle(node, path);
  }

  async makeFolder(path: string): Promise<string | undefined> {
    await this.fault("makeFolder", path);
    let at = this.#root;
    let first: string | undefined;
    for (const [index, part] of parts(path).entries()) {
      const next = at.now.get(part) ?? folder();
      if (next.kind === "file") throw failure("ENOTDIR");
      if (!at.now.has(part)) {
        name(at, part, next);
        first ??= `/${parts(path)
          .slice(0, index + 1)
          .join("/")}`;
      }
      at = next;
    }
    return first;
  }

  async syncFolder(path: string): Promise<void> {
    const node = this.#find(path);
    const pending = node?.pending.splice(0) ?? [];
    try {
      await this.fault("syncFolder", path);
    } catch (error) {
      // The folder could not even be opened: nothing was written, and nothing forgotten.
      if (neverBegan(error)) node?.pending.unshift(...pending);
      throw error;
    }
    if (!node) throw failure("ENOENT");
    for (const operation of pending) apply(node.durable, operation);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.fault("rename", from);
    const parent = this.#folder(dirname(from));
    const node = parent.now.get(basename(from));
    if (!node) throw failure("ENOENT");
    if (dirname(from) !== dirname(to)) throw new Error("renames between folders are not modelled");
    // One operation of a journalling file system: both or neither.
    parent.pending.push([basename(to), node]);
    parent.now.set(basename(to), node);
    name(parent, basename(from), null);
  }

  async unlink(path: string): Promise<void> {
    await this.fault("unlink", path);
    const parent = this.#folder(dirname(path));
    if (!parent.now.has(basename(path))) throw failure("ENOENT");
    name(parent, basename(path), null);
  }

  async makeReadOnly(path: string): Promise<void> {
    await this.fault("makeReadOnly", path);
    if (!this.bytes(path)) throw failure("ENOENT");
  }

  async size(path: string): Promise<number> {
    await this.fault("size", path);
    const bytes = this.bytes(path);
    if (!bytes) throw failure("ENOENT");
    return bytes.length;
  }

  /** What any program would read now; null: no such file. */
  bytes(path: string): Buffer | null {
    const node = this.#find(dirname(path))?.now.get(basename(path));
    return node?.kind === "file" ? node.now : null;
  }

  names(path: string): string[] {
    return [...(this.#find(path)?.now.keys() ?? [])];
  }

  /** The disk after a power cut: what was synced, and of the rest whatever `random` (0 … 1) leaves. `zeros`: also room without its bytes. */
  cut(random: () => number, zeros = false): ModelDisk {
    const copies = new Map<Node, Node>();
    const copy = (node: Node): Node => {
      const known = copies.get(node);
      if (known) return known;
      if (node.kind === "file") {
        const bytes = leftOf(node, random, zeros);
        const file: FileNode = { kind: "file", now: bytes, durable: Buffer.from(bytes), pending: [] };
        copies.set(node, file);
        return file;
      }
      const names = new Map(node.durable);
      for (const operation of node.pending.slice(0, Math.floor(random() * (node.pending.length + 1)))) apply(names, operation);
      const left = folder();
      copies.set(node, left);
      for (const [key, child] of names) {
        left.now.set(key, copy(child));
        left.durable.set(key, copy(child));
      }
      return left;
    };
    return new ModelDisk(copy(this.#root) as FolderNode);
  }

  #find(path: string): FolderNode | null {
    let at: Node | undefined = this.#root;
    for (const part of parts(path)) at = at?.kind === "folder" ? at.now.get(part) : undefined;
    return at?.kind === "folder" ? at : null;
  }

  #folder(path: string): FolderNode {
    const found = this.#find(path);
    if (!found) throw failure("ENOENT");
    return found;
  }

  #handle(node: FileNode, path: string): OpenFile {
    return {
      write: async (given) => {
        const bytes = Buffer.concat(given);
        try {
          await this.fault("write", path);
        } catch (error) {
          // Half of it got through before the disk said no.
          change(node, { at: node.now.length, bytes: bytes.subarray(0, bytes.length >> 1) });
          throw error;
        }
        change(node, { at: node.now.length, bytes });
        return bytes.length;
      },
      read: async (into, offset) => {
        await this.fault("read", path);
        return node.now.copy(into, 0, offset);
      },
      size: async () => {
        await this.fault("stat", path);
        return node.now.length;
      },
      truncate: async (size) => {
        await this.fault("truncate", path);
        change(node, { truncate: size });
      },
      datasync: async () => {
        const pending = node.pending.splice(0);
        await this.fault("datasync", path);
        for (const each of pending) node.durable = changed(node.durable, each);
      },
      close: async () => {
        this.openHandles -= 1;
        await this.fault("close", path);
      },
    };
  }
}

const parts = (path: string) => path.split("/").filter(Boolean);

function name(parent: FolderNode, key: string, node: Node | null): void {
  parent.pending.push([key, node]);
  apply(parent.now, [key, node]);
}

function apply(names: Map<string, Node>, [key, node]: [string, Node | null]): void {
  if (node) names.set(key, node);
  else names.delete(key);
}

function change(node: FileNode, made: Change): void {
  node.pending.push(made);
  node.now = changed(node.now, made);
}

function changed(bytes: Buffer, made: Change): Buffer {
  if ("truncate" in made) return Buffer.concat([bytes.subarray(0, made.truncate), Buffer.alloc(Math.max(0, made.truncate - bytes.length))]);
  const out = Buffer.alloc(Math.max(bytes.length, made.at + made.bytes.length));
  bytes.copy(out);
  out.set(made.bytes, made.at);
  return out;
}

/** A prefix of the changes, the last of them torn. */
function leftOf(node: FileNode, random: () => number, zeros: boolean): Buffer {
  const survive = random() * node.pending.length;
  let bytes = node.durable;
  for (const [index, made] of node.pending.entries()) {
    if (index + 1 <= survive) bytes = changed(bytes, made);
    else if (index < survive && "bytes" in made) {
      const torn = Buffer.from(made.bytes.subarray(0, Math.floor(made.bytes.length * (survive - index))));
      bytes = changed(bytes, { at: made.at, bytes: zeros && random() < 0.5 ? torn.fill(0) : torn });
    }
  }
  return Buffer.from(bytes);
}
