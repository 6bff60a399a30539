// Captions: taken as WebVTT or from the server's own model, mended line by line, given back as WebVTT and as text.
// Promise: every line is somebody's who is on this recording, or nobody's; what a person wrote or mended is never overwritten by a machine.
import type { AddedCaptions, Caption, CaptionList, EditCaption, Hearing, NewCaptions } from "../../protocol/captions.ts";
import { UserError } from "../../protocol/errors.ts";
import { type Cue, mostCues, parseVtt, tidy, vttTime, writeVtt } from "../../protocol/vtt.ts";
import { type Access, type Credentials, keyMissing, reaches } from "../store/access.ts";
import type { CaptionPlace, CaptionRow, NewLine } from "../store/captions.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Audience } from "./audience.ts";
import type { Paper } from "./exports.ts";

/** The server's own model, where it has one. */
export interface Machine {
  /** These tracks' turn will come. */
  hear: (recordingId: string, trackIds: readonly string[]) => void;
  hearings: (recordingId: string) => Hearing[];
}

export interface CaptionsOptions {
  catalog: Catalog;
  access: Access;
  audience: Audience;
  /** Null: there is none. */
  machine: Machine | null;
}

const pageSize = 1000;

export class Captions {
  readonly #options: CaptionsOptions;

  constructor(options: CaptionsOptions) {
    this.#options = options;
  }

  async list(credentials: Credentials, recordingId: string, cursor: string | undefined): Promise<CaptionList> {
    const { access, catalog, machine } = this.#options;
    const { standing } = await access.recording(credentials, recordingId, "look");
    const rows = await catalog.captions.list(recordingId, placeOf(cursor), pageSize);
    const last = rows.at(-1);
    return {
      items: rows.map(shown),
      cursor: rows.length === pageSize && last ? `${last.fromMs}.${last.id}` : null,
      mayMend: reaches(standing, "guest"),
      machine: machine !== null,
      hearings: machine?.hearings(recordingId) ?? [],
    };
  }

  /** Instead of what there was of those it is about. Nothing changes when the file does not fit. */
  async add(credentials: Credentials, recordingId: string, { trackId, vtt }: NewCaptions): Promise<AddedCaptions> {
    const { access, catalog } = this.#options;
    await access.recording(credentials, recordingId, "host");
    const cues = parseVtt(vtt);
    if (cues.length === 0) throw new UserError("bad-request", "This file has no captions in it.", { why: { reason: "vtt-empty" } });
    const people = await this.#people(recordingId);
    if (trackId !== null && !people.some(({ id }) => id === trackId)) throw notHere();
    const known = new Map(people.toReversed().map(({ id, name }) => [plainName(name), id]));
    const strangers = new Set<string>();
    const lines = cues.map(({ fromMs, toMs, voice, body }): NewLine => {
      const whose = trackId ?? (voice === null ? null : (known.get(plainName(voice)) ?? null));
      if (whose === null && voice !== null) strangers.add(voice);
      // Whose words it is must not be lost with a name that nobody has.
      return { trackId: whose, fromMs, toMs, body: whose === null && voice !== null ? `${voice}: ${body}` : body };
    });
    const about = trackId === null ? [...new Set([null, ...lines.map((line) => line.trackId)])] : [trackId];
    await catalog.captions.replace(recordingId, about, "file", lines);
    this.#changed(recordingId);
    return { count: lines.length, strangers: [...strangers].slice(0, 20) };
  }

  async edit(credentials: Credentials, captionId: string, { version, ...edit }: EditCaption): Promise<Caption> {
    const { catalog } = this.#options;
    const before = await this.#mine(credentials, captionId);
    if (edit.trackId && !(await this.#people(before.recordingId)).some(({ id }) => id === edit.trackId)) throw notHere();
    const change = { ...edit, ...(edit.body === undefined ? {} : { body: tidy(edit.body) }), editedAt: Date.now() };
    const after = { ...before, ...change, version: before.version + 1 };
    if (after.toMs <= after.fromMs)
      throw new UserError("bad-request", "A caption ends after it begins.", { why: { reason: "caption-order" } });
    const taken = (version ?? before.version) === before.version;
    if (!taken || !(await catalog.captions.edit(captionId, before.version, change))) {
      const now = await catalog.captions.one(captionId);
      if (!now) throw new UserError("not-found", "This caption was deleted meanwhile.");
      throw new UserError("changed", "Somebody else changed this caption meanwhile.", { current: shown(now) });
    }
    this.#changed(before.recordingId);
    return shown(after);
  }

  async remove(credentials: Credentials, captionId: string): Promise<void> {
    const { recordingId } = await this.#mine(credentials, captionId);
    await this.#options.catalog.captions.remove(captionId);
    this.#changed(recordingId);
  }

  /** `trackId`: of one track; absent: all of them. */
  async clear(credentials: Credentials, recordingId: string, trackId: string | undefined): Promise<void> {
    await this.#options.access.recording(credentials, recordingId, "host");
    await this.#options.catalog.captions.clear(recordingId, trackId);
    this.#changed(recordingId);
  }

  /** Has the server's own model listen. `trackId` null: to every track without captions. */
  async ask(credentials: Credentials, recordingId: string, trackId: string | null): Promise<CaptionList> {
    const { access, catalog, machine } = this.#options;
    await access.recording(credentials, recordingId, "host");
    if (!machine) throw new UserError("not-ready", "This server has no model that turns speech into text.");
    const have = await catalog.captions.tracks(recordingId);
    const cameras = (await this.#people(recordingId)).filter(({ source }) => source === "camera").map(({ id }) => id);
    if (trackId !== null && !cameras.includes(trackId)) throw notHere();
    if (trackId !== null && have.has(trackId))
      throw new UserError("bad-request", "This person has captions. Delete them first, if they are to be made anew.");
    const asked = trackId === null ? cameras.filter((id) => !have.has(id)) : [trackId];
    machine.hear(recordingId, asked);
    return this.list(credentials, recordingId, undefined);
  }

  /** Tracks of cameras that have none: for the model, once a film is complete. */
  async lacking(recordingId: string): Promise<string[]> {
    const have = await this.#options.catalog.captions.tracks(recordingId);
    const tracks = await this.#options.catalog.tracks(recordingId);
    return tracks.filter(({ id, source }) => source === "camera" && !have.has(id)).map(({ id }) => id);
  }

  /** What the model made out. What people did meanwhile stays. */
  async heard(recordingId: string, trackId: string, cues: readonly Pick<Cue, "fromMs" | "toMs" | "body">[]): Promise<void> {
    const lines = cues.slice(0, mostCues).map(({ fromMs, toMs, body }) => ({ trackId, fromMs, toMs, body }));
    await this.#options.catalog.captions.replace(recordingId, [trackId], "machine", lines, true);
    this.#changed(recordingId);
  }

  async vtt(credentials: Credentials, recordingId: string, trackId: string | undefined): Promise<Paper> {
    return { text: writeVtt(await this.#cues(credentials, recordingId, trackId)), type: "text/vtt", name: "captions.vtt" };
  }

  async text(credentials: Credentials, recordingId: string, trackId: string | undefined): Promise<Paper> {
    return { text: transcriptOf(await this.#cues(credentials, recordingId, trackId)), type: "text/plain", name: "transcript.txt" };
  }

  async #cues(credentials: Credentials, recordingId: string, trackId: string | undefined): Promise<Cue[]> {
    await this.#options.access.recording(credentials, recordingId, "download");
    const rows = await this.#options.catalog.captions.list(recordingId, null, Number.MAX_SAFE_INTEGER, trackId);
    const names = new Map((await this.#people(recordingId)).map(({ id, name }) => [id, name]));
    return rows.map(({ fromMs, toMs, body, trackId: whose }) => ({ fromMs, toMs, body, voice: names.get(whose ?? "") ?? null }));
  }

  /** Of the tracks, in their order. */
  async #people(recordingId: string): Promise<{ id: string; name: string; source: string }[]> {
    const tracks = await this.#options.catalog.tracks(recordingId);
    const people = new Map((await this.#options.catalog.participantsOf(recordingId)).map(({ id, name }) => [id, name]));
    return tracks.map(({ id, participantId, source }) => ({ id, source, name: people.get(participantId) ?? "" }));
  }

  /** Of whoever was in the call, and the host: a link to look at it all is no pen. */
  async #mine(credentials: Credentials, captionId: string): Promise<CaptionRow> {
    const { access, catalog } = this.#options;
    const row = await catalog.captions.one(captionId);
    if (!row) {
      if (credentials.key === null) throw keyMissing();
      throw access.isAdmin(credentials)
        ? new UserError("not-found", "There is no such caption.")
        : new UserError("not-allowed", "This key does not open that.");
    }
    const { standing } = await access.recording(credentials, row.recordingId, "look");
    if (!reaches(standing, "guest")) throw new UserError("not-allowed", "This link may look, but not mend captions. Ask the host.");
    return row;
  }

  #changed(recordingId: string): void {
    this.#options.audience.changed(recordingId, "captions");
  }
}

/** For reading: who says how much in one go, with the time at which they begin. */
export function transcriptOf(cues: readonly Cue[]): string {
  const turns: { fromMs: number; voice: string | null; words: string[] }[] = [];
  for (const { fromMs, voice, body } of cues) {
    const last = turns.at(-1);
    const words = body.replaceAll("\n", " ");
    if (last && last.voice === voice) last.words.push(words);
    else turns.push({ fromMs, voice, words: [words] });
  }
  return turns
    .map(({ fromMs, voice, words }) => `[${vttTime(fromMs).replace(/\.\d+$/, "")}]${voice ? ` ${voice}:` : ""} ${words.join(" ")}\n`)
    .join("\n");
}

function plainName(name: string): string {
  return name.normalize("NFKC").replace(/\s+/g, " ").trim().toLocaleLowerCase();
}

function placeOf(cursor: string | undefined): CaptionPlace | null {
  if (cursor === undefined) return null;
  const found = /^(\d{1,15})\.(cap_[0-9a-z]{26})$/.exec(cursor);
  if (!found?.[1] || !found[2]) throw new UserError("bad-request", "This cursor is not one of ours.");
  return { fromMs: Number(found[1]), id: found[2] };
}

function notHere(): UserError {
  return new UserError("not-found", "There is no such person on this recording.");
}

function shown({ recordingId: _, editedAt, ...row }: CaptionRow): Caption {
  return { ...row, editedAt: editedAt === null ? null : new Date(editedAt).toISOString() };
}
