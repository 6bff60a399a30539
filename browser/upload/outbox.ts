// The outbox: every track that this browser recorded and the server does not hold completely yet.
// Promise: a track's folder goes only after the server said that the track has ended with all its segments sealed.
import * as z from "zod/mini";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { bytes, TrackSource } from "../../protocol/recording.ts";
import { type Acked, Segment } from "./segment.ts";
import { MemoryShelf, type Shelf, type ShelfFile } from "./shelf.ts";

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
/** What the server last acked, by segment: so that after a crash it is known how much is missing there. May be behind, may be lost. */
const ackedFile = "acked.json";
const AckedFile = z.record(z.string(), z.object({ offset: bytes, samplesMs: z.number() }));
type AckedFile = z.infer<typeof AckedFile>;
/** So much room on a full device is worth another segment. */
const worthBytes = 16 * 1024 * 1024;
/** It is written anew when so many bytes more were acked. */
const tellingBytes = 1024 * 1024;

export class Track {
  readonly segments: Segment[] = [];
  ended = false;

  /** Of those in the file. */
  #noted = 0;
  /** What had been sealed when each segment was begun. */
  readonly #sealedBefore = new Map<string, number>();

  private constructor(
    readonly shelf: Shelf,
    readonly about: About,
    readonly ackedFile: ShelfFile,
  ) {}

  /** Takes up what an earlier page left of this track. */
  static async open(shelf: Shelf, about: About): Promise<Track> {
    const track = await Track.begin(shelf, about);
    await track.recover();
    return track;
  }

  /** The same before the bytes of its segments were looked through, which takes its time: new ones may be recorded meanwhile. */
  static async begin(shelf: Shelf, about: About): Promise<Track> {
    const files = await shelf.files(about.track);
    const kept = files.includes(aboutFile) ? await readAbout(shelf, about.track) : null;
    if (!kept) await writeAbout(shelf, about);
    const file = await shelf.open(about.track, ackedFile);
    const track = new Track(shelf, { ...about, startedAt: kept?.startedAt ?? about.startedAt }, file);
    track.ended = files.includes(endedFile);
    const acked = parseAcked(file);
    const ids = files.filter((name) => name.endsWith(logSuffix)).map((name) => name.slice(0, -logSuffix.length));
    for (const id of ids.sort()) {
      const segment = await Segment.reopen(shelf, about.track, id);
      if (!segment) continue;
      segment.acked = acked[id] ?? segment.acked;
      track.segments.push(segment);
    }
    track.#noted = track.#acked;
    return track;
  }

  /** Its unfinished segments are finished: nobody records into them any more. */
  async recover(): Promise<void> {
    for (const segment of [...this.segments]) await segment.recover();
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

  /** The device was too full for this segment, and would have room for another: once this one is sealed, its bytes go from there; or those of others went
   * since it was begun. */
  crowded(segment: Segment): boolean {
    if (this.shelf.storage === "memory" || segment.onDevice) return false;
    return Math.max(segment.outworn, this.#sealed - (this.#sealedBefore.get(segment.id) ?? 0)) >= worthBytes;
  }

  get #sealed(): number {
    return this.segments.reduce((sum, { sealed }) => sum + (sealed?.bytes ?? 0), 0);
  }

  async addSegment(id: string, facts: SegmentFacts): Promise<Segment> {
    const segment = await this.#create(id, facts);
    this.#sealedBefore.set(id, this.#sealed);
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
    const acked = this.#acked;
    if (Math.abs(acked - this.#noted) >= tellingBytes) this.#noteAcked(acked);
  }

  /** Of what the device still holds. */
  get #acked(): number {
    return this.segments.reduce((sum, segment) => sum + (segment.sealed ? 0 : segment.acked.offset), 0);
  }

  #noteAcked(acked: number): void {
    this.#noted = acked;
    const open = this.segments.filter((segment) => !segment.sealed);
    const noted: AckedFile = Object.fromEntries(open.map((segment): [string, Acked] => [segment.id, segment.acked]));
    try {
      this.ackedFile.truncate(0);
      this.ackedFile.write(new TextEncoder().encode(JSON.stringify(noted)), 0);
    } catch (error) {
      console.warn(`outbox: track=${this.about.track} acks not noted on this device`, error);
    }
  }

  async forget(): Promise<void> {
    await this.shelf.lost?.();
    this.close();
    await this.shelf.remove(this.about.track);
  }

  close(): void {
    for (const segment of this.segments) segment.close();
    if (this.#acked !== this.#noted) this.#noteAcked(this.#acked);
    this.ackedFile.close();
  }
}

/** What every folder holds; folders that no track can be read from are left alone. */
export async function listTracks(shelf: Shelf): Promise<string[]> {
  const folders = await shelf.folders();
  const held = await Promise.all(folders.map(async (folder) => ((await shelf.files(folder)).includes(aboutFile) ? [folder] : [])));
  return held.flat();
}

/** How much of what lies here the server was last known to have, by segment. Only for whoever holds the track's lock. */
export async function readAcked(shelf: Shelf, track: string): Promise<AckedFile> {
  const file = await shelf.open(track, ackedFile);
  try {
    return parseAcked(file);
  } finally {
    file.close();
  }
}

function parseAcked(file: ShelfFile): AckedFile {
  try {
    return AckedFile.parse(JSON.parse(new TextDecoder().decode(file.read(0, file.size())) || "{}"));
  } catch (error) {
    console.warn("outbox: acks unreadable", error);
    return {};
  }
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
