// The folder shape of a recording, readable without the catalog. Every path in the data folder is made here, from ids the server has parsed.
// Promise: a file that `writeWhole` wrote is the old one or the new one after a crash, never half of either.
import { mkdirSync } from "node:fs";
import { readdir, readFile, rm, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { NamePlate } from "../../protocol/plate.ts";
import { Timeline } from "../../protocol/timeline.ts";
import { type Files, realFiles, writeAll } from "./files.ts";
import { neverBegan } from "./outofroom.ts";

export class Disk {
  readonly root: string;
  readonly files: Files;
  /** Folders whose names, and those of all folders above them, were synced by this process. */
  readonly #durable = new Set<string>();
  /** Folders that this process made and whose names are not durable yet; "doubted" where a failed sync may have lost the name. */
  readonly #fresh = new Map<string, "made" | "doubted">();
  /** One after the other: a folder that is set aside shall be nobody else's. */
  #making: Promise<unknown> = Promise.resolve();
  /** Segment files whose names a failed sync may have lost, and that could not be set aside yet; see `server/ingest/tape.ts`. */
  readonly doubted = new Set<string>();

  constructor(root: string, files: Files = realFiles) {
    this.root = root;
    this.files = files;
    mkdirSync(join(root, "recordings"), { recursive: true, mode: 0o700 });
  }

  get catalogFile(): string {
    return join(this.root, "catalog.sqlite");
  }

  recording(recordingId: string): string {
    return join(this.root, "recordings", safe(recordingId));
  }

  /** A bundle on its way in. While it is there, the recording of that id is not yet what it will be; see `server/bundle`. */
  incoming(recordingId: string): string {
    return join(this.#incoming, `${safe(recordingId)}.zip`);
  }

  /** Recordings whose bundles an earlier process did not finish taking in. */
  async unfinishedBundles(): Promise<string[]> {
    const names = await readdir(this.#incoming).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.flatMap((name) => /^(rec_[0-9a-z]{26})\.zip$/.exec(name)?.[1] ?? []);
  }

  get #incoming(): string {
    return join(this.root, "incoming");
  }

  /** Relative to the recording's folder, as it stands in the timeline. */
  segmentName(trackId: string, segmentId: string, mimeType: string): string {
    return `tracks/${safe(trackId)}/${safe(segmentId)}.${mimeType.includes("mp4") ? "mp4" : "webm"}`;
  }

  /** What is attached to a comment; relative to the recording's folder. Another ending while it arrives. */
  attachmentName(attachmentId: string): string {
    return `attachments/${safe(attachmentId)}.webm`;
  }

  /** What this track's browser heard of the others; relative to the recording's folder. */
  heardName(trackId: string): string {
    return `tracks/${safe(trackId)}/heard.jsonl`;
  }

  /** What its participant is called, and how their browser draws it; relative to the recording's folder. */
  plateName(trackId: string): string {
    return `tracks/${safe(trackId)}/name.json`;
  }

  async hasPlate(recordingId: string, trackId: string): Promise<boolean> {
    return await this.files.size(join(this.recording(recordingId), this.plateName(trackId))).then(
      (size) => size > 0,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
  }

  /** The first one stays: what is composed by it need not be composed again. */
  async keepPlate(recordingId: string, trackId: string, plate: NamePlate): Promise<void> {
    if (await this.hasPlate(recordingId, trackId)) return;
    const path = join(this.recording(recordingId), this.plateName(trackId));
    await this.makeFolder(dirname(path));
    await writeWhole(path, JSON.stringify(plate), this.files);
  }

  async writeTimeline(timeline: Timeline): Promise<void> {
    const folder = this.recording(timeline.recordingId);
    await this.makeFolder(folder);
    await writeWhole(join(folder, "timeline.json"), `${JSON.stringify(timeline, null, 1)}\n`, this.files);
  }

  /** Makes a folder in the data folder, and the names of all that lead to it durable. */
  async makeFolder(path: string): Promise<void> {
    if (this.#durable.has(path)) return;
    const made = this.#making.then(() => this.#make(path));
    this.#making = made.catch(() => undefined);
    await made;
  }

  async #make(path: string): Promise<void> {
    const folders: string[] = [];
    for (let folder = path; folder !== this.root; folder = dirname(folder)) folders.push(folder);
    for (const folder of folders) if (this.#fresh.get(folder) === "doubted") await this.#setAside(folder);
    const first = await this.files.makeFolder(path);
    const topmost = first === undefined ? -1 : folders.findIndex((folder) => resolve(folder) === resolve(first));
    for (const folder of folders.slice(0, topmost + 1)) this.#fresh.set(folder, "made");
    // An earlier process may have made them and been killed before it synced: only what this process synced is believed.
    for (const folder of folders) await this.#syncName(folder);
    if (this.#durable.size === 0) await this.#syncRoot();
    for (const folder of folders) this.#fresh.delete(folder);
    this.#durable.add(path);
  }

  /** A second sync may say yes to a name that the first one lost: a new folder is set aside then, and made anew by whoever comes next. */
  async #syncName(folder: string): Promise<void> {
    try {
      await this.files.syncFolder(dirname(folder));
    } catch (error) {
      if (!this.#fresh.has(folder) || neverBegan(error)) throw error;
      this.#fresh.set(folder, "doubted");
      await this.#setAside(folder);
      throw error;
    }
  }

  async #setAside(folder: string): Promise<void> {
    written += 1;
    await this.files.rename(folder, `${folder}.suspect-${process.pid}-${written}`);
    for (const path of this.#fresh.keys()) if (path === folder || path.startsWith(`${folder}/`)) this.#fresh.delete(path);
  }

  /** Null: none was written yet. A damaged one throws. */
  async readTimeline(recordingId: string): Promise<Timeline | null> {
    try {
      return Timeline.parse(JSON.parse(await readFile(join(this.recording(recordingId), "timeline.json"), "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** The data folder's own name, where its parent may be opened at all. */
  async #syncRoot(): Promise<void> {
    try {
      await this.files.syncFolder(dirname(this.root));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    }
  }

  async remove(recordingId: string): Promise<void> {
    const folder = this.recording(recordingId);
    for (const path of this.#durable) if (path.startsWith(folder)) this.#durable.delete(path);
    await rm(folder, { recursive: true, force: true });
  }

  /** What a process that was killed left half written. To be called before anything is written to the recording. */
  async sweep(recordingId: string): Promise<void> {
    const entries = await readdir(this.recording(recordingId), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      },
    );
    for (const { parentPath, name } of entries) if (/\.(tmp|part)$/.test(name)) await rm(join(parentPath, name), { force: true });
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.root);
    return bavail * bsize;
  }

  /** Throws when the data folder cannot be written and synced. */
  async check(): Promise<void> {
    const path = join(this.root, `.check-${process.pid}`);
    const file = await this.files.open(path, "w");
    try {
      await writeAll(file, [Buffer.from("ok")]);
      await file.datasync();
    } finally {
      await file.close();
      await this.files.unlink(path);
    }
  }
}

/** Ids reach a path only in the alphabet they are made of. */
function safe(id: string): string {
  if (!/^[a-z]+_[0-9a-z]{26}$/.test(id)) throw new Error(`not an id: ${JSON.stringify(id)}`);
  return id;
}

let written = 0;

export async function writeWhole(path: string, content: string | Uint8Array, files: Files = realFiles): Promise<void> {
  written += 1;
  const temporary = `${path}.${process.pid}-${written}.tmp`;
  const file = await files.open(temporary, "w");
  try {
    try {
      await writeAll(file, [typeof content === "string" ? Buffer.from(content) : content]);
      await file.datasync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw new AggregateError([error, cause], `writing ${path}`);
    });
    throw error;
  }
  await files.syncFolder(dirname(path));
}
