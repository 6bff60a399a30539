// The folder shape of a recording, readable without the catalog. Every path in the data folder is made here, from ids the server has parsed.
// Promise: a file that `writeWhole` wrote is the old one or the new one after a crash, never half of either.
import { mkdirSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Timeline } from "../../protocol/recording.ts";

export class Disk {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    mkdirSync(join(root, "recordings"), { recursive: true, mode: 0o700 });
  }

  get catalogFile(): string {
    return join(this.root, "catalog.sqlite");
  }

  recording(recordingId: string): string {
    return join(this.root, "recordings", safe(recordingId));
  }

  /** Relative to the recording's folder, as it stands in the timeline. */
  segmentName(trackId: string, segmentId: string, mimeType: string): string {
    return `tracks/${safe(trackId)}/${safe(segmentId)}.${mimeType.includes("mp4") ? "mp4" : "webm"}`;
  }

  async writeTimeline(timeline: Timeline): Promise<void> {
    await writeWhole(join(this.recording(timeline.recordingId), "timeline.json"), `${JSON.stringify(timeline, null, 1)}\n`);
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

  async remove(recordingId: string): Promise<void> {
    await rm(this.recording(recordingId), { recursive: true, force: true });
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.root);
    return bavail * bsize;
  }

  /** Throws when the data folder cannot be written and synced. */
  async check(): Promise<void> {
    const path = join(this.root, `.check-${process.pid}`);
    const handle = await open(path, "w");
    try {
      await handle.write("ok");
      await handle.datasync();
    } finally {
      await handle.close();
      await unlink(path);
    }
  }
}

/** Ids reach a path only in the alphabet they are made of. */
function safe(id: string): string {
  if (!/^[a-z]+_[0-9a-z]{26}$/.test(id)) throw new Error(`not an id: ${JSON.stringify(id)}`);
  return id;
}

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(content);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(folder);
}

/** Makes a new name in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
