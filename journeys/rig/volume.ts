// A disk of one's own whose power can be cut: ext4 on a file. Linux only, as root.
// Promise: after `cutPower` there is exactly what was synced, or what the system had written back by itself; `close` leaves nothing mounted.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type Place, place } from "./place.ts";

const run = promisify(execFile);
const bytes = 1024 ** 3;
/** FS_IOC_SHUTDOWN without flushing the journal: from now on nothing reaches the disk. Node has no ioctl; Perl is on every Debian. */
const shutDown =
  'open(my $top, "<", $ARGV[0]) or die $!; my $how = pack("L", 2); ioctl($top, 0x8004587d, $how) or die "FS_IOC_SHUTDOWN: $!";';

export class Volume {
  #mounted = false;

  private constructor(
    readonly place: Place,
    /** Where it is mounted. */
    readonly path: string,
  ) {}

  static async open(): Promise<Volume> {
    if (process.getuid?.() !== 0) throw new Error("This journey mounts a disk of its own: run it as root.");
    const home = place("volume");
    const volume = new Volume(home, join(home.path, "mounted"));
    mkdirSync(volume.path);
    try {
      await writeFile(volume.#image, "");
      await truncate(volume.#image, bytes);
      await run("/usr/sbin/mkfs.ext4", ["-q", "-F", volume.#image]);
      await volume.mount();
    } catch (error) {
      await volume.close();
      throw error;
    }
    return volume;
  }

  get #image(): string {
    return join(this.place.path, "image");
  }

  async mount(): Promise<void> {
    await run("/usr/bin/mount", ["-o", "loop", this.#image, this.path]);
    this.#mounted = true;
  }

  /** Whoever used it fails from now on, and must be gone before `unmount`. */
  async cutPower(): Promise<void> {
    await run("/usr/bin/perl", ["-e", shutDown, this.path]);
  }

  async unmount(): Promise<void> {
    if (this.#mounted) await run("/usr/bin/umount", [this.path]);
    this.#mounted = false;
  }

  async close(): Promise<void> {
    try {
      await this.unmount();
    } finally {
      this.place.close();
    }
  }
}
