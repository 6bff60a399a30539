// A recording as one zip: what is in it. It comes from elsewhere, so all of it is parsed before any of it is believed.
// Times are integer ms on the recording's clock unless a name says otherwise; ids are the ones it had where it was made, and mean nothing here.
import * as z from "zod/mini";
import { Bookmark, ChatMessage, Role } from "./call.ts";
import { SegmentFacts } from "./facts.ts";
import { AttachmentId, AttachmentKind, Comment, Marker, Reviewer, ReviewerId, Rubric, Score } from "./feedback.ts";
import { bytes, ms, ParticipantId, SegmentId, Sha256, Source, TrackId } from "./recording.ts";
import { PlayedScenario } from "./scenariofile.ts";
import { Pause } from "./timeline.ts";

export const bundleFormat = "doubletake-recording";
export const bundleVersion = 1;
export const manifestPath = "manifest.json";
export const contentsPath = "recording.json";
export const timelinePath = "timeline.json";
export const otioPath = "timeline.otio";
export const filmPath = "film.mp4";

/** More files than any recording has: of each of a track's 2000 segments two. */
export const bundleMostFiles = 20_000;
/** The longest recording that is taken in: a week. */
export const bundleMostMs = 7 * 24 * 3_600_000;

/** RFC 3339 in UTC, as we write it. */
const when = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/));
const text = (most: number) => z.string().check(z.maxLength(most));
/** Plain names between slashes; none begins with a dot, so there is no way upwards. */
const path = z.string().check(z.maxLength(200), z.regex(/^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/i));
const few = <T extends z.ZodMiniType>(item: T, most: number) => z.array(item).check(z.maxLength(most));

/** Read first: whether the rest of it is for us at all. */
export const ManifestHead = z.object({ format: z.string(), version: z.int() });

export const BundleFile = z.object({ path, bytes, sha256: Sha256 });
export type BundleFile = z.infer<typeof BundleFile>;

/** `manifest.json`, the last one in the zip: every other file in it. */
export const Manifest = z.object({
  format: z.literal(bundleFormat),
  version: z.literal(bundleVersion),
  madeAt: when,
  files: few(BundleFile, bundleMostFiles),
});
export type Manifest = z.infer<typeof Manifest>;

/** `file`: the very bytes the browser wrote; null: none of it is here, or they were turned away, and then `refusal` says why. `facts`: beside it, line by
 * line, what its clock said. */
const Segment = z.object({
  id: SegmentId,
  run: SegmentFacts,
  sealed: z.boolean(),
  refusal: z.nullable(text(1000)),
  file: z.nullable(path),
  facts: z.nullable(path),
});

/** `file`: the very bytes; null: they are lost. What is in them is looked at, not believed. */
const KeptAttachment = z.object({ id: AttachmentId, kind: AttachmentKind, durationMs: ms, file: z.nullable(path) });

/** As they are told, held to what may be written. A note is nobody's but its writer's, and never among them. */
const KeptComment = z.extend(z.omit(Comment, { private: true }), {
  body: text(10_000),
  author: z.nullable(text(80)),
  marker: z.nullable(text(40)),
  createdAt: when,
  resolvedAt: z.nullable(when),
  editedAt: z.nullable(when),
  deletedAt: z.nullable(when),
  /** Absent: none, or made before comments could have one. */
  attachment: z.optional(z.nullable(KeptAttachment)),
});
const KeptReviewer = z.extend(z.omit(Reviewer, { claimedId: true }), { name: text(80), handedInAt: z.nullable(when) });

/** `recording.json`: all that the catalog knows of it, and whoever made the bundle may see. */
export const Contents = z.object({
  roomName: text(200).check(z.minLength(1)),
  startedAt: when,
  /** Record on the clock of the server that recorded it, and which clock that was: what the browsers' clocks were compared with. */
  zeroMs: z.number(),
  epoch: text(40),
  durationMs: ms.check(z.gte(0), z.lte(bundleMostMs)),
  pauses: few(Pause, 10_000),
  people: few(z.object({ id: ParticipantId, name: text(80), role: Role, consentedAt: z.nullable(when) }), 1000),
  tracks: few(
    z.object({
      id: TrackId,
      participantId: ParticipantId,
      source: Source,
      /** No more of it will come: all of it is here; or it was given up on. */
      complete: z.boolean(),
      /** How its participant's name is drawn. */
      plate: z.nullable(path),
      segments: few(Segment, 2000),
    }),
    1000,
  ),
  /** What was whispered, where the room kept it: only in the host's own bundle. Absent: nothing. */
  whispers: z.optional(
    few(z.object({ id: TrackId, from: ParticipantId, to: ParticipantId, complete: z.boolean(), segments: few(Segment, 2000) }), 1000),
  ),
  /** What it was a role play of, and who played what, by role. Its cards are empty for whoever may not read them; `shown`: everybody may. */
  scene: z.optional(
    z.object({
      scenario: PlayedScenario,
      persona: z.nullable(z.int().check(z.gte(0))),
      players: z.record(z.string(), z.object({ id: ParticipantId, name: text(80) })),
      shown: z.boolean(),
    }),
  ),
  chat: few(ChatMessage, 100_000),
  bookmarks: few(Bookmark, 100_000),
  guide: z.object({ markers: z.nullable(few(Marker, 12)), rubric: z.nullable(Rubric), independent: z.boolean() }),
  revealedAt: z.nullable(when),
  reviewers: few(KeptReviewer, 10_000),
  sights: few(z.object({ reviewerId: ReviewerId, ofId: ReviewerId, seenAt: when }), 100_000),
  comments: few(KeptComment, 200_000),
  /** What was said, line by line; of whom null: nobody knows. `mended`: by people, so no machine writes it anew. Absent: there are none. */
  captions: z.optional(
    few(
      z.object({
        trackId: z.nullable(TrackId),
        fromMs: ms,
        toMs: ms,
        body: text(10_000),
        origin: z.enum(["file", "machine"]),
        mended: z.boolean(),
      }),
      200_000,
    ),
  ),
  scores: few(z.extend(Score, { changedAt: when }), 200_000),
});
export type Contents = z.infer<typeof Contents>;
