// What was whispered while it was recorded, in rooms that keep it. Promise: it reaches whoever whispered, the one it was for, and the host, and nobody
// else by any way; whoever may not is told of none.
import { UserError } from "../../protocol/errors.ts";
import type { WhisperSource } from "../../protocol/recording.ts";
import type { Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import type { WhisperTrack } from "../../protocol/whispers.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog, RecordingRow, TrackRow } from "../store/catalog.ts";
import { day } from "./library.ts";
import { type Media, mediaOf } from "./media.ts";

export interface WhispersOptions {
  catalog: Catalog;
  access: Access;
  /** Where they lie on the recording's clock; null: there are none. */
  timeline: (recordingId: string) => Promise<Timeline | null>;
  /** Makes the sound of one when first asked for, and answers with a path. */
  sound: (timeline: Timeline, trackId: string) => Promise<string>;
}

/** The one it is for. */
export const hearerOf = (source: WhisperSource): string => source.slice(source.indexOf(":") + 1);

export class Whispers {
  readonly #options: WhispersOptions;

  constructor(options: WhispersOptions) {
    this.#options = options;
  }

  /** By who whispered; one that nobody spoke in is none. */
  async list(credentials: Credentials, recordingId: string): Promise<{ items: WhisperTrack[] }> {
    const { catalog, timeline } = this.#options;
    const { rows } = await this.#granted(credentials, recordingId);
    const timed = rows.length > 0 ? await timeline(recordingId) : null;
    const person = async (id: string) => ({ id, name: (await catalog.participant(id))?.name ?? "" });
    const items = rows.map(async (row): Promise<WhisperTrack> => {
      const segments = timed?.tracks.find(({ id }) => id === row.id)?.segments ?? [];
      return {
        id: row.id,
        from: await person(row.participantId),
        to: await person(hearerOf(row.source)),
        complete: row.ended === 1 && segments.every(({ sealed }) => sealed),
        moments: segments.flatMap(momentsOf),
      };
    });
    return { items: (await Promise.all(items)).filter(({ moments }) => moments.length > 0) };
  }

  /** As long as the film, so that the moments are the same in both. A signed address of the recording's media does not open it. */
  async sound(credentials: Credentials, trackId: string): Promise<Media> {
    const { catalog, timeline, sound } = this.#options;
    const { key, reviewer = null, participant = null } = credentials;
    const track = await catalog.track(trackId);
    const { rows, recording } = await this.#granted({ key, token: null, reviewer, participant }, track?.recordingId ?? "");
    const row = rows.find(({ id }) => id === trackId);
    if (!row) throw new UserError("not-allowed", "There is no such whisper, or it is not for you.");
    const timed = await timeline(recording.id);
    if (!timed) throw new UserError("not-ready", "Nothing of it has arrived yet.");
    return mediaOf([await sound(timed, row.id)], await this.#nameOf(row, recording));
  }

  async #granted(credentials: Credentials, recordingId: string): Promise<{ rows: TrackRow<WhisperSource>[]; recording: RecordingRow }> {
    const { access, catalog } = this.#options;
    const { may, room, recording } = await access.recording(credentials, recordingId, "look");
    const me = await access.participant(credentials, room.id);
    const all = await catalog.whispers(recording.id);
    const rows = may.includes("host") ? all : all.filter(({ participantId, source }) => participantId === me || hearerOf(source) === me);
    return { rows, recording };
  }

  async #nameOf({ participantId, source }: TrackRow<WhisperSource>, recording: RecordingRow): Promise<string> {
    const { catalog } = this.#options;
    const [from, to] = await Promise.all([catalog.participant(participantId), catalog.participant(hearerOf(source))]);
    return `${from?.name ?? "Somebody"} to ${to?.name ?? "somebody"} whispered ${day(recording)}.flac`;
  }
}

/** Its microphone was off in between. */
export function momentsOf({ startMs, endMs, off = [] }: Pick<TimelineSegment, "startMs" | "endMs" | "off">): WhisperTrack["moments"] {
  const edges = [startMs, ...off.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? endMs]), endMs];
  const moments: WhisperTrack["moments"] = [];
  for (let at = 0; at + 1 < edges.length; at += 2) {
    const [fromMs = 0, toMs = 0] = [edges[at], edges[at + 1]];
    if (toMs > fromMs) moments.push({ fromMs: Math.max(0, Math.round(fromMs)), toMs: Math.round(toMs) });
  }
  return moments;
}
