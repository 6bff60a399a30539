// The outbox: every track that this browser recorded and the server does not hold completely yet.
// Promise: a track's folder goes only after the server said that the track has ended with all its segments sealed.
import * as z from "zod/mini";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { TrackSource } from "../../protocol/recording.ts";
import { Segment } from "./segment.ts";
import { MemoryShelf, type Shelf } from "./shelf.ts";

/** `track.json`: what it takes to upload the rest without the page that recorded it. */
export const About = z.object({
  version: z.literal(1),
  recording: z.string(),
  track: z.string(),
  token: z.string(),
  room: z.string(),
  /** Its id; the name above is for people. Left out by pages older than this. */
  roomId: z.optional(z.string()),
  source: TrackSource,
  startedAt: z.string(),
});
export type About = z.infer<typeof About>;

const aboutFile = "track.json";
/** An empty file: no further segments come from this device. */
const endedFile = "ended";
const logSuffix = ".log";

export class Track {
  readonly segments: Segment[] = [];
  ended = false;

  private constructor(
    readonly shelf: Shelf,
    readonly about: About,
  ) {}

  /** Takes up what an earlier page left of this track; its unfinished segments are finished, for nobody records into them any more. */
  static async open(shelf: Shelf, about: About): Promise<Track> {
    const files = await shelf.files(about.track);
    const kept = files.includes(aboutFile) ? await readAbout(shelf, about.track) : null;
    if (!kept) await writeAbout(shelf, about);
    const track = new Track(shelf, { ...about, startedAt: kept?.startedAt ?? about.startedAt });
    track.ended = files.includes(endedFile);
    const ids = files.filter((file) => file.endsWith(logSuffix)).map((file) => file.slice(0, -logSuffix.length));
    for (const id of ids.sort()) {
      const segment = await Segment.reopen(shelf, about.track, id);
      if (!segment) continue;
      segment.finish();
      track.segments.push(segment);
    }
    return track;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get onDevice(): boolean {
    return this.segments.every((segment) => segment.sealed !== null || segment.onDevice) && this.shelf.storage === "device";
  }

  /** In memory only, and not on the server. */
  get inMemory(): number {
    return this.segments.reduce((sum, segment) => sum + segment.inMemory, 0);
  }

  /** Some of what was recorded could be kept nowhere. */
  get overfull(): boolean {
    return this.segments.some((segment) => segment.overfull);
  }

  /** Some of what was recorded the server once had, and has no more. */
  get lost(): boolean {
    return this.segments.some((segment) => segment.lost);
  }

  get recording(): boolean {
    return this.segments.some((segment) => segment.finished === null);
  }

  async addSegment(id: string, facts: SegmentFacts): Promise<Segment> {
    const segment = await this.#create(id, facts);
    this.segments.push(segment);
    return segment;
  }

  async #create(id: string, facts: SegmentFacts): Promise<Segment> {
    try {
      return await Segment.create(this.shelf, this.about.track, id, facts);
    } catch (error) {
      console.error(`outbox: segment=${id} kept in memory`, error);
      return await Segment.create(new MemoryShelf(), this.about.track, id, facts);
    }
  }

  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    try {
      const file = await this.shelf.open(this.about.track, endedFile);
      file.flush();
      file.close();
    } catch (error) {
      // The device is full, or was cleared: this tab knows it, and sends all there is.
      console.error(`outbox: track=${this.about.track} end not noted on this device`, error);
    }
  }

  /** The person came back into the same recording: more segments follow after all. */
  async reopen(): Promise<void> {
    if (!this.ended) return;
    this.ended = false;
    await this.shelf.remove(this.about.track, endedFile);
  }

  flush(): void {
    for (const segment of this.segments) segment.flush();
  }

  async forget(): Promise<void> {
    await this.shelf.lost?.();
    this.close();
    await this.shelf.remove(this.about.track);
  }

  close(): void {
    for (const segment of this.segments) segment.close();
  }
}

/** What every folder holds; folders that no track can be read from are left alone. */
export async function listTracks(shelf: Shelf): Promise<string[]> {
  const folders = await shelf.folders();
  const held = await Promise.all(folders.map(async (folder) => ((await shelf.files(folder)).includes(aboutFile) ? [folder] : [])));
  return held.flat();
}

/** Null when the file was torn before the first chunk was kept. Only for whoever holds the track's lock. */
export async function readAbout(shelf: Shelf, track: string): Promise<About | null> {
  const file = await shelf.open(track, aboutFile);
  try {
    const text = new TextDecoder().decode(file.read(0, file.size()));
    const result = About.safeParse(JSON.parse(text || "null"));
    return result.success ? result.data : null;
  } catch (error) {
    console.warn(`outbox: track=${track} unreadable`, error);
    return null;
  } finally {
    file.close();
  }
}

async function writeAbout(shelf: Shelf, about: About): Promise<void> {
  const file = await shelf.open(about.track, aboutFile);
  try {
    file.truncate(0);
    file.write(new TextEncoder().encode(JSON.stringify(about)), 0);
    file.flush();
  } catch (error) {
    // A full device must not keep anybody from recording: the track can still be sent from this tab.
    console.error(`outbox: track=${about.track} not noted on this device`, error);
  } finally {
    file.close();
  }
}
