// The two files of one segment: the media as the browser wrote it, and beside it the facts that came with it, line by line.
// Promise: what `append` resolved for is on the disk in both. After a failure either nothing was added, or the tape is torn:
// both files lie under another name and are never written again, because a second fsync may say yes to what is lost (fsyncgate).
import { dirname } from "node:path";
import type { UserError } from "../../protocol/errors.ts";
import type { Disk } from "../store/disk.ts";
import { type Files, type OpenFile, readAll, writeAll } from "../store/files.ts";
import { neverBegan, outOfRoom } from "../store/outofroom.ts";
import { absent, diskBroken, diskFull, failureOf } from "./failure.ts";

/** Files set aside per segment, for whoever looks into them; a disk that goes on failing shall not be filled by them. */
const mostSuspects = 3;

interface Handles {
  media: OpenFile;
  facts: OpenFile;
}

export class Tape {
  readonly path: string;
  readonly #files: Files;
  #state: "open" | "parked" | "torn" = "parked";
  #handles: Handles | null = null;
  #bytes = 0;
  #factsBytes = 0;
  #aside: Promise<void> | null = null;

  private constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** Opens or creates both files. What an earlier process wrote and did not live to sync is synced now, before anybody counts on it. */
  static async open(disk: Disk, path: string): Promise<Tape> {
    const tape = new Tape(disk.files, path);
    try {
      await disk.makeFolder(dirname(path));
      if (disk.doubted.has(path)) await new Tape(disk.files, path).setAside();
      disk.doubted.delete(path);
      const { media, facts } = await tape.#open();
      tape.#bytes = await media.size();
      tape.#factsBytes = await facts.size();
      await tape.#syncNames(disk);
    } catch (error) {
      await tape.park();
      throw failureOf(error);
    }
    await tape.#trust();
    return tape;
  }

  /** Durable bytes of media. */
  get bytes(): number {
    return this.#bytes;
  }

  get torn(): boolean {
    return this.#state === "torn";
  }

  get parked(): boolean {
    return this.#state === "parked";
  }

  /** Throws UserError; `bytes` is then what it was before. */
  async append(media: readonly Uint8Array[], lines: string): Promise<void> {
    const handles = await this.#reopen();
    const facts = lines === "" ? [] : [Buffer.from(lines)];
    try {
      await writeAll(handles.media, media);
      await writeAll(handles.facts, facts);
    } catch (error) {
      if (!outOfRoom(error)) throw await this.#tear(error);
      await this.#undo(handles, error);
      throw diskFull(error);
    }
    await this.#sync(media.length > 0 ? handles.media : null, facts.length > 0 ? handles.facts : null);
    this.#bytes += media.reduce((sum, part) => sum + part.length, 0);
    this.#factsBytes += facts.reduce((sum, part) => sum + part.length, 0);
  }

  /** Only this much of the media is to be believed. */
  async shorten(bytes: number): Promise<void> {
    if (bytes === this.#bytes) return;
    const { media } = await this.#reopen();
    try {
      await media.truncate(bytes);
    } catch (error) {
      throw await this.#tear(error);
    }
    this.#bytes = bytes;
  }

  async readMedia(offset: number, length: number): Promise<Uint8Array> {
    const into = new Uint8Array(length);
    const { media } = await this.#reopen();
    try {
      for (let count = 0; count < length; ) {
        const read = await media.read(into.subarray(count), offset + count);
        if (read === 0) throw new Error(`${this.path} ends at ${offset + count}, ${this.#bytes} bytes were written`);
        count += read;
      }
    } catch (error) {
      throw await this.#tear(error);
    }
    return into;
  }

  async facts(): Promise<string> {
    const pieces: Buffer[] = [];
    const { facts } = await this.#reopen();
    try {
      for await (const piece of readAll(facts, this.#factsBytes)) pieces.push(Buffer.from(piece));
    } catch (error) {
      throw await this.#tear(error);
    }
    return Buffer.concat(pieces).toString("utf8");
  }

  /** Lets go of the file handles; the next use takes them again. */
  async park(): Promise<void> {
    if (this.#state === "open") this.#state = "parked";
    const handles = this.#handles;
    this.#handles = null;
    if (handles) await Promise.all([handles.media.close(), handles.facts.close()]);
  }

  async makeReadOnly(): Promise<void> {
    await this.park();
    await this.#files.makeReadOnly(this.path);
  }

  /** Not what the browser wrote, or not what the disk said it wrote: kept under another name, so that a restart does not believe it either. */
  setAside(): Promise<void> {
    this.#aside ??= this.#moveAside().catch((error: unknown) => {
      this.#aside = null;
      throw error;
    });
    return this.#aside;
  }

  async #moveAside(): Promise<void> {
    this.#state = "torn";
    await this.park();
    await this.#rename(this.path);
    await this.#rename(factsPath(this.path));
    await this.#files.syncFolder(dirname(this.path));
  }

  async #rename(path: string): Promise<void> {
    for (let number = 1; ; number++) {
      const name = `${path}.suspect-${number}`;
      if (number < mostSuspects && (await this.#exists(name))) continue;
      try {
        await this.#files.rename(path, name);
      } catch (error) {
        if (!absent(error)) throw error;
      }
      return;
    }
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#files.size(path);
      return true;
    } catch (error) {
      if (absent(error)) return false;
      throw error;
    }
  }

  async #open(): Promise<Handles> {
    const media = await this.#files.open(this.path, "a+");
    try {
      this.#handles = { media, facts: await this.#files.open(factsPath(this.path), "a+") };
    } catch (error) {
      await media.close();
      throw error;
    }
    this.#state = "open";
    return this.#handles;
  }

  async #reopen(): Promise<Handles> {
    if (this.#state === "torn") throw diskBroken();
    if (this.#handles) return this.#handles;
    const { media, facts } = await this.#open().catch((error: unknown) => {
      throw failureOf(error);
    });
    if ((await media.size()) !== this.#bytes || (await facts.size()) !== this.#factsBytes) {
      throw await this.#tear(new Error(`${this.path} has another size than when it was parked`));
    }
    return { media, facts };
  }

  /** A crash may have torn the last line of facts, and it may have left bytes that were never synced. */
  async #trust(): Promise<void> {
    const text = await this.facts();
    const whole = Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1));
    const { media, facts } = await this.#reopen();
    if (whole < this.#factsBytes) {
      try {
        await facts.truncate(whole);
      } catch (error) {
        throw await this.#tear(error);
      }
      this.#factsBytes = whole;
    }
    await this.#sync(this.#bytes > 0 ? media : null, this.#factsBytes > 0 ? facts : null);
  }

  async #sync(...files: (OpenFile | null)[]): Promise<void> {
    const results = await Promise.allSettled(files.map((file) => file?.datasync()));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw await this.#tear(failed.reason);
  }

  async #undo({ media, facts }: Handles, reason: unknown): Promise<void> {
    try {
      await media.truncate(this.#bytes);
      await facts.truncate(this.#factsBytes);
    } catch (error) {
      throw await this.#tear(new AggregateError([reason, error], "a write that found no room could not be undone"));
    }
  }

  /** The next sync of the folder may say yes to names that this one lost. */
  async #syncNames(disk: Disk): Promise<void> {
    try {
      await this.#files.syncFolder(dirname(this.path));
    } catch (error) {
      if (neverBegan(error)) throw error;
      disk.doubted.add(this.path);
      const broken = await this.#tear(error);
      if (this.#aside) disk.doubted.delete(this.path);
      throw broken;
    }
  }

  /** At once, while the disk may still take a new name. If it does not, whoever opens the segment next tries again. */
  async #tear(reason: unknown): Promise<UserError> {
    try {
      await this.setAside();
    } catch (error) {
      return diskBroken(new AggregateError([reason, error], `${this.path} could not be set aside`));
    }
    return diskBroken(reason);
  }
}

export function factsPath(mediaPath: string): string {
  return mediaPath.replace(/\.\w+$/, ".facts.jsonl");
}
