// A small file system of its own in place of a folder, with what was in there: for a disk that is really full.
// Promise: `close` puts the folder back with everything that was written meanwhile.
import { execFileSync } from "node:child_process";
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

const mount = (...args: string[]) => execFileSync("/usr/bin/mount", args);
const unmount = (path: string) => execFileSync("/usr/bin/umount", ["--lazy", path]);

export class SmallDisk {
  private constructor(
    readonly folder: string,
    readonly except: string | null,
  ) {}

  /** Nobody may be writing to the folder. `except`: a folder in it that stays on the disk it is on. */
  static under(folder: string, spareBytes: number, except: string | null): SmallDisk {
    mkdirSync(folder, { recursive: true });
    const disk = new SmallDisk(folder, except);
    renameSync(folder, disk.#real);
    mkdirSync(folder);
    const size = Math.ceil((bytesIn(disk.#real, except) + spareBytes) / 4096) * 4096;
    mount("-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", folder);
    disk.#copy(disk.#real, folder);
    if (except !== null) {
      mkdirSync(join(folder, except));
      mount("--bind", join(disk.#real, except), join(folder, except));
    }
    return disk;
  }

  get #real(): string {
    return `${this.folder}.real`;
  }

  get #ballast(): string {
    return join(this.folder, "ballast");
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.#ballast, "w");
    try {
      for (let bytes = 1024 * 1024; bytes >= 1; ) {
        try {
          writeSync(file, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          bytes = Math.floor(bytes / 4);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Nobody may be writing to the folder. */
  close(): void {
    if (!existsSync(this.#real)) return;
    this.empty();
    if (this.except !== null) unmount(join(this.folder, this.except));
    for (const name of readdirSync(this.#real)) if (name !== this.except) rmSync(join(this.#real, name), { recursive: true });
    this.#copy(this.folder, this.#real);
    unmount(this.folder);
    rmSync(this.folder, { recursive: true });
    renameSync(this.#real, this.folder);
  }

  #copy(from: string, to: string): void {
    for (const name of readdirSync(from))
      if (name !== this.except) cpSync(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true });
  }
}

/** As a file system counts: whole pages, and one for each name. */
function bytesIn(folder: string, except: string | null): number {
  let bytes = 0;
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(parentPath, name);
    if (except !== null && path.startsWith(join(folder, except))) continue;
    bytes += Math.ceil(statSync(path).size / 4096) * 4096 + 4096;
  }
  return bytes;
}
