// From what a bundle says to what this server keeps: rows with ids of our own, where each file goes, and the timeline by those ids. Pure.
// Promise: no id and no name of a file that came from elsewhere is used here; what refers to nothing that is there is left out.
import type { BundleFile, Contents } from "../../protocol/bundle.ts";
import { UserError } from "../../protocol/errors.ts";
import { isWhisper, type TrackSource } from "../../protocol/recording.ts";
import type { Timeline, TimelineTrack } from "../../protocol/timeline.ts";
import type { Players } from "../store/plays.ts";
import type { RestoredRows } from "../store/restoring.ts";

/** A file of the zip, and where it goes below the recording's folder. */
export interface Move {
  from: BundleFile;
  to: string;
  kind: "media" | "facts" | "plate" | "attachment";
  /** Never written again. */
  sealed: boolean;
}

export interface Plan {
  rows: RestoredRows;
  moves: Move[];
  /** Null: none came along. */
  timeline: Timeline | null;
}

export interface Planning {
  contents: Contents;
  /** Every file that the manifest lists, by path. */
  files: ReadonlyMap<string, BundleFile>;
  timeline: Timeline | null;
  recordingId: string;
  makeId: (prefix: string) => string;
  nowMs: number;
  names: {
    segment: (track: string, segment: string, mimeType: string) => string;
    plate: (track: string) => string;
    attachment: (attachment: string) => string;
  };
}

export function planOf(planning: Planning): Plan {
  const { contents, recordingId, makeId, nowMs } = planning;
  const room = { id: makeId("room"), name: contents.roomName, generation: 1, createdAt: nowMs, keepWhispers: 0 };
  const ids = new Renaming(makeId);
  // People stand on the film in the order of their ids, comments of one moment too.
  const people = ids.ordered(
    "par",
    contents.people.map(({ id }) => id),
  );
  const sent = sentOf(contents);
  ids.ordered(
    "trk",
    sent.map(({ id }) => id),
  );
  for (const { segments } of sent)
    ids.ordered(
      "seg",
      segments.map(({ id }) => id),
    );
  ids.ordered(
    "rev",
    contents.reviewers.map(({ id }) => id),
  );
  const comments = contents.comments.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  ids.ordered(
    "cmt",
    comments.map(({ id }) => id),
  );
  ids.ordered(
    "att",
    comments.flatMap(({ attachment }) => attachment?.id ?? []),
  );
  const startedAt = Date.parse(contents.startedAt);
  const { zeroMs, epoch, durationMs } = contents;
  const onFilm = new Set<string>(people);
  const rows: RestoredRows = {
    rooms: [room],
    guides: guideOf(contents, room.id),
    participants: contents.people.map(({ id, name, role, consentedAt }) => ({
      id: ids.of(id),
      roomId: room.id,
      name,
      role,
      consentedAt: time(consentedAt),
    })),
    recordings: [{ id: recordingId, roomId: room.id, startedAt, zeroMs, epoch, durationMs }],
    // One that was never ended ends with the recording.
    pauses: distinct(contents.pauses, ({ fromMs }) => String(fromMs)).map(({ fromMs, toMs }) => ({
      recordingId,
      fromMs,
      toMs: toMs ?? durationMs,
    })),
    ...tracksOf(planning, sent, ids, onFilm),
    scenes: sceneOf(contents, recordingId, ids, nowMs),
    messages: contents.chat.map(({ participant, body, sentMs, atMs }) => ({
      id: makeId("msg"),
      recordingId,
      participantId: ids.of(participant.id, "par"),
      name: participant.name,
      body,
      sentMs: Math.round(sentMs),
      atMs: atMs ?? 0,
    })),
    bookmarks: contents.bookmarks.map(({ participant, atMs }) => ({
      id: makeId("bmk"),
      recordingId,
      participantId: ids.of(participant.id, "par"),
      name: participant.name,
      atMs,
    })),
    captions: (contents.captions ?? []).map(({ trackId, fromMs, toMs, body, origin, mended }) => ({
      id: makeId("cap"),
      recordingId,
      trackId: ids.find(trackId),
      fromMs,
      toMs,
      body,
      origin,
      editedAt: mended ? nowMs : null,
      version: 1,
    })),
    ...feedbackOf(contents, recordingId, ids, onFilm, nowMs, comments),
  };
  return {
    rows,
    moves: [...movesOf(planning, sent, ids), ...attachmentsOf(planning, ids)],
    timeline: planning.timeline && renamed(planning, ids, room.id),
  };
}

/** Ids from elsewhere, and ours in their place. */
class Renaming {
  readonly #ours = new Map<string, string>();

  constructor(readonly makeId: (prefix: string) => string) {}

  /** In the order given, which is then the order of our ids. Throws when one comes twice. */
  ordered(prefix: string, theirs: readonly string[]): string[] {
    const ours = theirs.map(() => this.makeId(prefix)).toSorted();
    for (const [index, id] of theirs.entries()) {
      if (this.#ours.has(id)) throw new UserError("bad-request", "This zip contradicts itself: one id stands in it for two things.");
      this.#ours.set(id, ours[index]!);
    }
    return ours;
  }

  /** `prefix`: makes one where there is none yet. */
  of(id: string, prefix?: string): string {
    const known = this.#ours.get(id);
    if (known !== undefined) return known;
    if (prefix === undefined)
      throw new UserError("bad-request", "This zip contradicts itself: something in it refers to what is not there.");
    const made = this.makeId(prefix);
    this.#ours.set(id, made);
    return made;
  }

  find(id: string | null): string | null {
    return id === null ? null : (this.#ours.get(id) ?? null);
  }
}

type Sent = Omit<Contents["tracks"][number], "source"> & { source: TrackSource };

/** Whatever people's browsers sent: tracks, and what was whispered. */
function sentOf({ tracks, whispers = [] }: Contents): Sent[] {
  const whispered = whispers.map(({ id, from, to, complete, segments }) => {
    const source: TrackSource = `whisper:${to}`;
    return { id, participantId: from, source, complete, plate: null, segments };
  });
  return [...tracks, ...whispered];
}

function sceneOf({ scene }: Contents, recordingId: string, ids: Renaming, nowMs: number): RestoredRows["scenes"] {
  if (!scene) return [];
  const { scenario, persona, players, shown } = scene;
  const cast: Players = {};
  for (const { id } of scenario.roles)
    if (Object.hasOwn(players, id)) cast[id] = { id: ids.of(players[id]!.id, "par"), name: players[id]!.name };
  return [{ recordingId, scenario: JSON.stringify(scenario), persona, cast: JSON.stringify(cast), shownAt: shown ? nowMs : null }];
}

function guideOf({ guide }: Contents, roomId: string): RestoredRows["guides"] {
  const { markers, rubric, independent } = guide;
  if (!markers && !rubric && !independent) return [];
  return [
    { roomId, markers: markers && JSON.stringify(markers), rubric: rubric && JSON.stringify(rubric), independent: independent ? 1 : 0 },
  ];
}

function tracksOf(
  { files, recordingId }: Planning,
  sent: readonly Sent[],
  ids: Renaming,
  onFilm: ReadonlySet<string>,
): Pick<RestoredRows, "tracks" | "segments"> {
  const unique = distinct(sent, ({ participantId, source }) => `${participantId} ${source}`);
  if (unique.length < sent.length)
    throw new UserError("bad-request", "This zip contradicts itself: somebody has the same track in it twice.");
  const tracks = sent.map(({ id, participantId, source, complete, segments }) => {
    const whole = complete && segments.every(({ sealed, refusal }) => sealed || refusal !== null);
    const owner = ids.of(participantId);
    if (!onFilm.has(owner)) throw new UserError("bad-request", "This zip contradicts itself: a track in it is nobody's.");
    const of: TrackSource = isWhisper(source) ? `whisper:${ids.of(source.slice(source.indexOf(":") + 1))}` : source;
    return { id: ids.of(id), recordingId, participantId: owner, source: of, ended: whole ? 1 : 0, lost: whole ? 0 : 1 };
  });
  const segments = sent.flatMap((track) =>
    track.segments.map(({ id, run, sealed, refusal, file }) => ({
      id: ids.of(id),
      trackId: ids.of(track.id),
      facts: JSON.stringify(run),
      sha256: sealed && refusal === null ? listed(files, file).sha256 : null,
      refusal,
    })),
  );
  return { tracks, segments };
}

function movesOf({ files, names }: Planning, sent: readonly Sent[], ids: Renaming): Move[] {
  return sent.flatMap((track) => {
    const plate = track.plate === null ? [] : [listed(files, track.plate)];
    return [
      ...plate.map((from): Move => ({ from, to: names.plate(ids.of(track.id)), kind: "plate", sealed: false })),
      ...track.segments.flatMap(({ id, run, sealed, refusal, file, facts }): Move[] => {
        if (refusal !== null || file === null) return [];
        const to = names.segment(ids.of(track.id), ids.of(id), run.mimeType);
        const beside = facts === null ? [] : [listed(files, facts)];
        return [
          { from: listed(files, file), to, kind: "media", sealed },
          ...beside.map((from): Move => ({ from, to: to.replace(/\.\w+$/, ".facts.jsonl"), kind: "facts", sealed: false })),
        ];
      }),
    ];
  });
}

function attachmentsOf({ contents, files, names }: Planning, ids: Renaming): Move[] {
  return contents.comments.flatMap(({ attachment, deletedAt }): Move[] => {
    if (!attachment || attachment.file === null || deletedAt !== null) return [];
    return [
      { from: listed(files, attachment.file, "a comment"), to: names.attachment(ids.of(attachment.id)), kind: "attachment", sealed: false },
    ];
  });
}

function feedbackOf(
  contents: Contents,
  recordingId: string,
  ids: Renaming,
  onFilm: ReadonlySet<string>,
  nowMs: number,
  comments: Contents["comments"],
): Pick<RestoredRows, "reviewers" | "reveals" | "sights" | "comments" | "attachments" | "scores"> {
  const person = (id: string | null) => {
    const ours = ids.find(id);
    return ours !== null && onFilm.has(ours) ? ours : null;
  };
  const reviewers = new Set<string>(contents.reviewers.map(({ id }) => id));
  const reviewer = (id: string | null) => (id !== null && reviewers.has(id) ? ids.of(id) : null);
  const firsts = new Set<string>(comments.filter(({ parentId }) => parentId === null).map(({ id }) => id));
  return {
    reviewers: contents.reviewers.map(({ id, name, participantId, handedInAt }) => ({
      id: ids.of(id),
      recordingId,
      name,
      participantId: person(participantId),
      claimedId: null,
      shareId: null,
      createdAt: nowMs,
      handedInAt: time(handedInAt),
    })),
    reveals: contents.revealedAt === null ? [] : [{ recordingId, revealedAt: Date.parse(contents.revealedAt) }],
    sights: distinct(contents.sights, ({ reviewerId, ofId }) => `${reviewerId} ${ofId}`).flatMap(({ reviewerId, ofId, seenAt }) => {
      const [who, of] = [reviewer(reviewerId), reviewer(ofId)];
      return who && of ? [{ reviewerId: who, ofId: of, seenAt: Date.parse(seenAt) }] : [];
    }),
    // What they are is written over it once their bytes were looked at.
    attachments: comments.flatMap(({ id, reviewerId, attachment, createdAt, deletedAt }) => {
      if (!attachment || attachment.file === null || deletedAt !== null) return [];
      const { kind, durationMs } = attachment;
      const row = { id: ids.of(attachment.id), recordingId, commentId: ids.of(id), reviewerId: reviewer(reviewerId) };
      return [{ ...row, standing: "host", kind, durationMs, bytes: 0, createdAt: Date.parse(createdAt) }];
    }),
    comments: comments.map(({ id, atMs, endMs, participantId, body, marker, author, parentId, version, ...one }) => ({
      id: ids.of(id),
      recordingId,
      atMs,
      endMs,
      participantId: person(participantId),
      body,
      marker,
      author,
      // Whoever wrote it is not known here by any key: it is the host's to change.
      standing: "host",
      createdAt: Date.parse(one.createdAt),
      // A reply whose thread did not come along stands for itself.
      parentId: parentId !== null && firsts.has(parentId) ? ids.find(parentId) : null,
      reviewerId: reviewer(one.reviewerId),
      resolvedAt: time(one.resolvedAt),
      editedAt: time(one.editedAt),
      deletedAt: time(one.deletedAt),
      version,
      private: 0,
    })),
    scores: distinct(contents.scores, ({ reviewerId, aboutId, item }) => `${reviewerId} ${aboutId} ${item}`).flatMap(
      ({ reviewerId, aboutId, item, value, words, evidence, changedAt }) => {
        const [who, about] = [reviewer(reviewerId), person(aboutId)];
        if (!who || !about) return [];
        const row = { recordingId, reviewerId: who, aboutId: about, item, value, words };
        return [{ ...row, evidence: JSON.stringify(evidence), changedAt: Date.parse(changedAt) }];
      },
    ),
  };
}

/** What was heard of one another is known from it; the rest is found anew from the bytes. */
function renamed({ contents, timeline, recordingId, names }: Planning, ids: Renaming, roomId: string): Timeline {
  const runs = new Map(contents.tracks.flatMap(({ segments }) => segments.map(({ id, run }) => [id as string, run.mimeType])));
  const filmed = new Set<string>(contents.tracks.map(({ id }) => id));
  const tracks = timeline!.tracks.flatMap((track): TimelineTrack[] => {
    const [id, participant] = [ids.find(track.id), ids.find(track.participant.id)];
    if (!id || !participant || !filmed.has(track.id)) return [];
    const segments = track.segments.flatMap((segment) => {
      const ours = ids.find(segment.id);
      const mimeType = runs.get(segment.id);
      return ours && mimeType !== undefined ? [{ ...segment, id: ours, file: names.segment(id, ours, mimeType) }] : [];
    });
    const plate = track.plate === undefined ? {} : { plate: names.plate(id) };
    return [{ ...track, ...plate, id, participant: { ...track.participant, id: participant }, segments }];
  });
  const { roomName, startedAt, durationMs } = contents;
  return { version: 1, recordingId, roomId, roomName, startedAt, durationMs, tracks };
}

function listed(files: ReadonlyMap<string, BundleFile>, path: string | null, whose = "a track"): BundleFile {
  const file = path === null ? undefined : files.get(path);
  if (!file) throw new UserError("bad-request", `This zip contradicts itself: ${whose} in it has no file.`);
  return file;
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function time(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
