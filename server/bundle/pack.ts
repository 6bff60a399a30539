// A recording as one zip to take along: what everybody recorded, the film, and all that was said about it.
// Promise: what is hidden from whoever asks is not in it; the manifest says of every other file what it is to be.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import * as z from "zod/mini";
import { type Contents, contentsPath, filmPath, otioPath, timelinePath } from "../../protocol/bundle.ts";
import { UserError } from "../../protocol/errors.ts";
import { SegmentFacts } from "../../protocol/facts.ts";
import { Marker, Rubric, usualMarkers } from "../../protocol/feedback.ts";
import { withoutCards } from "../../protocol/scenariofile.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog, RecordingRow, SegmentRow, TrackRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { playedOf, playersOf } from "../store/plays.ts";
import { otioOf } from "./otio.ts";
import { type Source, zipOf } from "./outgoing.ts";
import { saidOf } from "./said.ts";

export interface PackOptions {
  catalog: Catalog;
  disk: Disk;
  access: Access;
  timeline: (recordingId: string) => Promise<Timeline | null>;
  /** The complete film's pieces; null: it is not complete. */
  film: (recordingId: string) => { head: string; windows: { path: string; bytes: number }[] } | null;
  /** Does everybody see only their own feedback? */
  hidden: (recordingId: string, roomId: string) => Promise<boolean>;
  /** May they read the cards of the role play that it was? */
  mayReadCards: (credentials: Credentials, recordingId: string) => Promise<boolean>;
}

/** Something that is sent as it is made, of a length that is known. */
export interface Flow {
  flow: Readable;
  bytes: number;
  type: string;
  name: string;
}

type Whispered = NonNullable<Contents["whispers"]>[number];
type Have = (from: string, path: string) => Promise<string | null>;

export class Packing {
  readonly #options: PackOptions;

  constructor(options: PackOptions) {
    this.#options = options;
  }

  async pack(credentials: Credentials, recordingId: string): Promise<Flow> {
    const { access, catalog } = this.#options;
    const recording = await access.media(credentials, recordingId, "download");
    const room = await catalog.room(recording.roomId);
    if (!room) throw new UserError("not-found", "There is no such room.");
    const { tracks, sources } = await this.#tracks(recording);
    const timeline = await this.#timeline(recording, tracks);
    const whispered = (await access.hosts(credentials, recordingId)) ? await this.#whispers(recording) : null;
    sources.push(...(whispered?.sources ?? []));
    const { contents: said, sources: attached } = await this.#contents(
      credentials,
      recording,
      room.name,
      tracks,
      whispered?.whispers ?? [],
    );
    const contents = {
      ...said,
      ...(whispered && whispered.whispers.length > 0 ? { whispers: whispered.whispers } : {}),
      ...(await this.#scene(credentials, recording)),
    };
    const text = (path: string, value: object): Source => ({ path, data: Buffer.from(`${JSON.stringify(value, null, 1)}\n`) });
    const markers = contents.guide.markers ?? usualMarkers;
    const film = this.#options.film(recordingId);
    const { size = 0 } = film ? await stat(film.head) : {};
    const flow = zipOf(
      [
        text(contentsPath, contents),
        ...(timeline ? [text(timelinePath, timeline), text(otioPath, otioOf({ timeline, comments: contents.comments, markers }))] : []),
        ...sources,
        ...attached,
        ...(film ? [{ path: filmPath, pieces: [{ path: film.head, bytes: size }, ...film.windows] }] : []),
      ],
      new Date(),
    );
    return { ...flow, type: "application/zip", name: `${room.name} ${contents.startedAt.slice(0, 10)}.zip` };
  }

  /** Everybody's tracks, as they are told and as they lie on the disk; in the zip by names that people can read. */
  async #tracks(recording: RecordingRow): Promise<{ tracks: Contents["tracks"]; sources: Source[] }> {
    const { catalog, disk } = this.#options;
    const [rows, segments, people] = await Promise.all([
      catalog.tracks(recording.id),
      catalog.segments(recording.id),
      catalog.participantsOf(recording.id),
    ]);
    if (recording.durationMs === null) throw new UserError("not-ready", "This is still being recorded.");
    if (rows.some((row) => !isClosed(row, segments)))
      throw new UserError("not-ready", "Not everybody's part has arrived yet. The zip can be had once it has, or once it is given up on.");
    const sources: Source[] = [];
    const have = this.#collect(recording, sources);
    const tracks: Contents["tracks"] = [];
    for (const [index, row] of rows.entries()) {
      const person = people.find(({ id }) => id === row.participantId);
      const at = `tracks/${index + 1}-${plain(person?.name ?? "")}-${row.source}`;
      const track: Contents["tracks"][number] = {
        id: row.id,
        participantId: row.participantId,
        source: row.source,
        complete: row.lost === 0,
        plate: await have(disk.plateName(row.id), `${at}/name.json`),
        segments: await this.#segments(row, segments, at, have),
      };
      tracks.push(track);
    }
    return { tracks, sources };
  }

  /** What was whispered, as far as it has arrived: the zip does not wait for it. */
  async #whispers(recording: RecordingRow): Promise<{ whispers: Whispered[]; sources: Source[] }> {
    const { catalog } = this.#options;
    const segments = await catalog.everySegment(recording.id);
    const sources: Source[] = [];
    const have = this.#collect(recording, sources);
    const nameOf = async (id: string) => plain((await catalog.participant(id))?.name ?? "");
    const whispers: Whispered[] = [];
    for (const [index, row] of (await catalog.whispers(recording.id)).entries()) {
      const [from, to] = [row.participantId, row.source.slice(row.source.indexOf(":") + 1)];
      const at = `whispers/${index + 1}-${await nameOf(from)}-to-${await nameOf(to)}`;
      whispers.push({ id: row.id, from, to, complete: isClosed(row, segments), segments: await this.#segments(row, segments, at, have) });
    }
    return { whispers, sources };
  }

  /** Puts a file of the recording among the sources, and says how it is called there; null: it is not here. */
  #collect(recording: RecordingRow, sources: Source[]): Have {
    const folder = this.#options.disk.recording(recording.id);
    return async (from, path) => {
      const bytes = await sizeOf(join(folder, from));
      if (bytes !== null) sources.push({ path, pieces: [{ path: join(folder, from), bytes }] });
      return bytes === null ? null : path;
    };
  }

  async #segments(row: TrackRow, all: readonly SegmentRow[], at: string, have: Have): Promise<Contents["tracks"][number]["segments"]> {
    const found: Contents["tracks"][number]["segments"] = [];
    for (const [number, segment] of all.filter(({ trackId }) => trackId === row.id).entries()) {
      const run = SegmentFacts.parse(JSON.parse(segment.facts));
      const from = this.#options.disk.segmentName(row.id, segment.id, run.mimeType);
      const here = segment.refusal === null;
      const name = `${at}/${number + 1}`;
      found.push({
        id: segment.id,
        run,
        sealed: segment.sha256 !== null,
        refusal: segment.refusal,
        file: here ? await have(from, `${name}${from.slice(from.lastIndexOf("."))}`) : null,
        facts: here ? await have(from.replace(/\.\w+$/, ".facts.jsonl"), `${name}.facts.jsonl`) : null,
      });
    }
    return found;
  }

  /** What it was a role play of, without the cards for whoever may not read them. */
  async #scene(credentials: Credentials, recording: RecordingRow): Promise<Pick<Contents, "scene">> {
    const row = await this.#options.catalog.plays.scene(recording.id);
    if (!row) return {};
    const scenario = playedOf(row);
    const cards = await this.#options.mayReadCards(credentials, recording.id);
    return {
      scene: {
        scenario: cards ? scenario : withoutCards(scenario),
        persona: cards ? row.persona : null,
        players: playersOf(row),
        shown: row.shownAt !== null,
      },
    };
  }

  /** With the names that files have in the zip; null: nothing was ever aligned. */
  async #timeline(recording: RecordingRow, tracks: Contents["tracks"]): Promise<Timeline | null> {
    const timeline = await this.#options.timeline(recording.id);
    if (!timeline) return null;
    const files = new Map(tracks.flatMap(({ segments }) => segments.map(({ id, file }) => [id as string, file])));
    return {
      ...timeline,
      tracks: timeline.tracks.map(({ plate: _, ...track }) => {
        const plate = tracks.find(({ id }) => id === track.id)?.plate;
        return {
          ...track,
          ...(plate ? { plate } : {}),
          segments: track.segments.flatMap((segment) => {
            const file = files.get(segment.id);
            return file ? [{ ...segment, file }] : [];
          }),
        };
      }),
    };
  }

  /** And where what is attached to those comments lies. */
  async #contents(
    credentials: Credentials,
    recording: RecordingRow,
    roomName: string,
    tracks: Contents["tracks"],
    whispers: readonly Whispered[],
  ): Promise<{ contents: Contents; sources: Source[] }> {
    const { catalog, access, disk, hidden } = this.#options;
    const { feedback } = catalog;
    const reviewer = await access.reviewer(credentials, recording.id);
    const only = (await hidden(recording.id, recording.roomId)) ? (reviewer?.id ?? null) : undefined;
    const [filmed, pauses, guide, { said, writers }] = await Promise.all([
      catalog.participantsOf(recording.id),
      catalog.pauses(recording.id),
      feedback.guideOf(recording.id, recording.roomId),
      saidOf(catalog, recording.id, only),
    ]);
    if (reviewer) await feedback.saw(writers.flatMap((ofId) => (ofId === reviewer.id ? [] : [{ reviewerId: reviewer.id, ofId }])));
    // Who whispered may have been on no film, nor the one it was for.
    const others = new Set(whispers.flatMap(({ from, to }) => [from, to]).filter((id) => filmed.every((one) => one.id !== id)));
    const people = [...filmed];
    for (const id of others) people.push((await catalog.participant(id)) ?? { id, roomId: "", name: "", role: "guest", consentedAt: null });
    const sources: Source[] = [];
    const have = this.#collect(recording, sources);
    const comments: Contents["comments"] = [];
    for (const { attachment, ...comment } of said.comments) {
      if (!attachment) comments.push(comment);
      else {
        const { id, kind, durationMs } = attachment;
        const path = `attachments/${sources.length + 1}-${plain(comment.author ?? "")}.webm`;
        comments.push({ ...comment, attachment: { id, kind, durationMs, file: await have(disk.attachmentName(id), path) } });
      }
    }
    const contents = {
      roomName,
      startedAt: new Date(recording.startedAt).toISOString(),
      zeroMs: recording.zeroMs,
      epoch: recording.epoch,
      durationMs: recording.durationMs ?? 0,
      pauses: pauses.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
      people: people
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, name, role, consentedAt }) => ({
          id,
          name,
          role,
          consentedAt: consentedAt === null ? null : new Date(consentedAt).toISOString(),
        })),
      tracks,
      guide: {
        markers: guide?.markers ? z.array(Marker).parse(JSON.parse(guide.markers)) : null,
        rubric: guide?.rubric ? Rubric.parse(JSON.parse(guide.rubric)) : null,
        independent: guide?.independent === 1,
      },
      ...said,
      comments,
    };
    return { contents, sources };
  }
}

function isClosed(track: TrackRow, segments: readonly SegmentRow[]): boolean {
  if (track.lost) return true;
  return track.ended === 1 && segments.every((one) => one.trackId !== track.id || one.sha256 !== null || one.refusal !== null);
}

/** Of a name what every file system takes. */
function plain(name: string): string {
  const letters = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (
    letters
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 40) || "somebody"
  );
}

/** Null: there is no such file, or nothing in it. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
