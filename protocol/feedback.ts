// Feedback on a recording: comments in threads, who gives them, what a room asks for, scores, and links for others.
// No transforms: what is described is what is sent. Times are integer ms on the recording's clock.
import * as z from "zod/mini";
import { id, ms, Name, ParticipantId, RecordingId } from "./recording.ts";

const CommentId = id("cmt");
export const ReviewerId = id("rev");
const ShareId = id("shr");

const text = (most: number) => z.string().check(z.trim(), z.maxLength(most));
const moment = ms.check(z.gte(0));
/** RFC 3339. */
const when = z.string();

/** Which of the room's markers a comment carries. */
export const MarkerId = z.string().check(z.maxLength(40));
export const colours = ["blue", "green", "amber", "red", "violet", "teal"] as const;
export const Colour = z.enum(colours);
export type Colour = z.infer<typeof Colour>;
export const Marker = z.object({ id: MarkerId, name: text(40).check(z.minLength(1)), colour: Colour });
export type Marker = z.infer<typeof Marker>;

/** What a room has as long as it has none of its own. */
export const usualMarkers: readonly Marker[] = [
  { id: "strength", name: "Strength", colour: "green" },
  { id: "try-next", name: "To try next time", colour: "amber" },
  { id: "open-question", name: "Open question", colour: "blue" },
  { id: "reflection", name: "Reflection", colour: "violet" },
  { id: "interruption", name: "Interruption", colour: "red" },
];

export const AttachmentId = id("att");
export const AttachmentKind = z.enum(["voice", "video"]);
export type AttachmentKind = z.infer<typeof AttachmentKind>;
/** How long what is attached to a comment may last, ms. */
export const attachmentMostMs: Record<AttachmentKind, number> = { voice: 120_000, video: 60_000 };
/** And how large it may be. What the page records is a third of it. */
export const attachmentMostBytes: Record<AttachmentKind, number> = { voice: 6_000_000, video: 24_000_000 };
/** A voice, or a short video, spoken about a moment in place of words or beside them. */
export const Attachment = z.object({
  id: AttachmentId,
  kind: AttachmentKind,
  mimeType: z.string(),
  durationMs: ms,
  bytes: z.int().check(z.gte(0)),
  /** On this server, works as it is for twelve hours: for whoever it was told to, and as long as they may see its comment. */
  mediaUrl: z.string(),
});
export type Attachment = z.infer<typeof Attachment>;
/** What was just taken, and can be posted with a comment within the hour. */
export const NewAttachment = z.omit(Attachment, { mediaUrl: true });
export type NewAttachment = z.infer<typeof NewAttachment>;

export const NewComment = z.object({
  atMs: moment,
  endMs: z.optional(z.nullable(moment)),
  participantId: z.optional(z.nullable(ParticipantId)),
  /** Empty only where something is attached. */
  body: text(10_000),
  marker: z.optional(z.nullable(MarkerId)),
  author: z.optional(Name),
  /** The comment it answers: the first of its thread. */
  parentId: z.optional(CommentId),
  /** A note: nobody but whoever wrote it learns of it, until they publish it. Only for reviewers, and never a reply. In an edit: false publishes. */
  private: z.optional(z.boolean()),
  /** What whoever posts has just sent by `POST /recordings/{id}/attachments`. In an edit, which only the comment's writer may make: it takes the place
   * of what was attached before, and null takes that away. */
  attachmentId: z.optional(z.nullable(AttachmentId)),
});
export type NewComment = z.infer<typeof NewComment>;

export const EditComment = z.extend(z.partial(z.omit(NewComment, { parentId: true })), {
  resolved: z.optional(z.boolean()),
  /** The version that was edited: refused with 409 and the newest one when somebody else was faster. Absent: whatever it is now. */
  version: z.optional(z.int()),
});
export type EditComment = z.infer<typeof EditComment>;

export const Comment = z.object({
  id: CommentId,
  recordingId: RecordingId,
  atMs: ms,
  endMs: z.nullable(ms),
  participantId: z.nullable(ParticipantId),
  /** Empty once it was deleted and only its replies are left. */
  body: z.string(),
  marker: z.nullable(z.string()),
  author: z.nullable(z.string()),
  createdAt: when,
  parentId: z.nullable(CommentId),
  /** Null: posted with nothing but a key. */
  reviewerId: z.nullable(ReviewerId),
  resolvedAt: z.nullable(when),
  editedAt: z.nullable(when),
  deletedAt: z.nullable(when),
  version: z.int(),
  /** Told to nobody but whoever wrote it. */
  private: z.boolean(),
  attachment: z.nullable(Attachment),
});
export type Comment = z.infer<typeof Comment>;
/** How many notes others can read from now on. */
export const Published = z.object({ published: z.int() });
export const CommentList = z.object({ items: z.array(Comment), cursor: z.nullable(z.string()) });

/** `participantId`: who of the film they say they are. Where they show who they were in the call (`Doubletake-Participant`), that counts instead; by a link
 * to the recording only that counts, and what they say once the host has confirmed it. */
export const NewReviewer = z.object({ name: Name, participantId: z.optional(z.nullable(ParticipantId)) });
export type NewReviewer = z.infer<typeof NewReviewer>;
export const Reviewer = z.object({
  id: ReviewerId,
  name: z.string(),
  participantId: z.nullable(ParticipantId),
  /** Who of the film they say they are, which does not count unless the host confirms it; null: nobody else than they count as. */
  claimedId: z.nullable(ParticipantId),
  handedInAt: z.nullable(when),
});
export type Reviewer = z.infer<typeof Reviewer>;
/** The host's answer to a claim, which is repeated: meanwhile it may be another. */
export const ClaimAnswer = z.object({ claimedId: ParticipantId, confirmed: z.boolean() });
export type ClaimAnswer = z.infer<typeof ClaimAnswer>;
/** `identity`: shown as `Doubletake-Reviewer` with every request; told only here. */
export const CreatedReviewer = z.extend(Reviewer, { identity: z.string() });
export type CreatedReviewer = z.infer<typeof CreatedReviewer>;

/** One thing that is looked at; `scale` from the lowest to the highest, each value with what it means in words. */
export const RubricItem = z.object({
  id: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
  title: text(120).check(z.minLength(1)),
  words: z.optional(text(2000)),
  scale: z.array(z.object({ value: z.int().check(z.gte(-100), z.lte(100)), anchor: text(400) })).check(z.minLength(2), z.maxLength(11)),
});
export type RubricItem = z.infer<typeof RubricItem>;
export const Rubric = z.object({
  title: text(120).check(z.minLength(1)),
  items: z.array(RubricItem).check(z.minLength(1), z.maxLength(40)),
});
export type Rubric = z.infer<typeof Rubric>;

export const Evidence = z.object({ atMs: moment, endMs: z.nullable(moment) });
export type Evidence = z.infer<typeof Evidence>;
export const NewScore = z.object({
  aboutId: ParticipantId,
  item: z.string().check(z.maxLength(40)),
  value: z.nullable(z.int()),
  words: text(2000),
  evidence: z.array(Evidence).check(z.maxLength(50)),
});
export type NewScore = z.infer<typeof NewScore>;
export const Score = z.extend(NewScore, { reviewerId: ReviewerId, changedAt: when });
export type Score = z.infer<typeof Score>;
export const ScoreList = z.object({ items: z.array(Score) });

/** What a room asks of its reviewers; what is left out stays as it is. `markers` null: the usual ones. `rubric` may be YAML text. */
export const EditGuide = z.object({
  markers: z.optional(z.nullable(z.array(Marker).check(z.maxLength(12)))),
  rubric: z.optional(z.nullable(z.union([Rubric, z.string().check(z.maxLength(100_000))]))),
  independent: z.optional(z.boolean()),
});
export type EditGuide = z.infer<typeof EditGuide>;

export const Right = z.enum(["look", "comment", "download", "host"]);
export type Right = z.infer<typeof Right>;

/** Everything about feedback on one recording but the feedback itself. */
export const Feedback = z.object({
  /** What the key that asks may do. */
  may: z.array(Right),
  markers: z.array(Marker),
  /** True: the room has markers of its own. */
  ownMarkers: z.boolean(),
  rubric: z.nullable(Rubric),
  independent: z.boolean(),
  /** When everybody's feedback appeared, or the room began to ask for secrecy while it could be read; null: not yet, or it was never hidden. */
  revealedAt: z.nullable(when),
  /** True: what others wrote is hidden from whoever asks. */
  hidden: z.boolean(),
  me: z.nullable(ReviewerId),
  /** `comments`: how many they wrote, also where they cannot be read yet. */
  reviewers: z.array(z.extend(Reviewer, { comments: z.int() })),
  /** Who was shown whose feedback first, and when. */
  sights: z.array(z.object({ reviewerId: ReviewerId, ofId: ReviewerId, seenAt: when })),
});
export type Feedback = z.infer<typeof Feedback>;

export const NewShare = z.object({
  label: text(80),
  mayComment: z.boolean(),
  mayDownload: z.boolean(),
  /** Null: until it is revoked. */
  expiresAt: z.nullable(z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/))),
  passphrase: z.optional(z.nullable(z.string().check(z.minLength(4), z.maxLength(200)))),
});
export type NewShare = z.infer<typeof NewShare>;
export const Share = z.object({
  id: ShareId,
  label: z.string(),
  mayComment: z.boolean(),
  mayDownload: z.boolean(),
  expiresAt: z.nullable(when),
  revokedAt: z.nullable(when),
  hasPassphrase: z.boolean(),
  createdAt: when,
  url: z.string(),
});
export type Share = z.infer<typeof Share>;
export const ShareList = z.object({ items: z.array(Share) });
export const OpenShare = z.object({ passphrase: z.string().check(z.maxLength(200)) });
export const OpenedShare = z.object({ key: z.string() });

const Span = z.object({ fromMs: ms, toMs: ms });
export type Span = z.infer<typeof Span>;
export const Measures = z.object({
  /** How much of the recording was listened to; 0: nothing was measured. */
  measuredMs: ms,
  people: z.array(
    z.object({
      id: ParticipantId,
      name: z.string(),
      /** When they spoke. */
      speech: z.array(Span),
      talkMs: ms,
      /** Of everybody's talk time, 0 to 1. */
      share: z.number(),
      turns: z.int(),
      /** How long their turns last, the one in the middle; null: they had none. */
      turnMs: z.nullable(ms),
      /** How long they take to answer, the one in the middle; negative: they begin before the other has ended. */
      replyMs: z.nullable(ms),
    }),
  ),
  /** Two or more spoke at once. */
  overlaps: z.array(Span),
  overlapMs: ms,
  /** Nobody spoke, for three seconds or more, while somebody was recorded: a pause of the recording is none. */
  silences: z.array(Span),
});
export type Measures = z.infer<typeof Measures>;

/** What somebody who looks on is told over `/ws/review`. First up: `look`, within 10 s. */
export const LookUp = z.object({
  type: z.literal("look"),
  version: z.int(),
  recording: RecordingId,
  key: z.string().check(z.maxLength(300)),
  reviewer: z.nullable(z.string().check(z.maxLength(200))),
});
export type LookUp = z.infer<typeof LookUp>;
export const lookVersion = 1;
export const lookMaxBytes = 4096;
export const LookDown = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome") }),
  z.object({ type: z.literal("comment"), comment: Comment }),
  z.object({ type: z.literal("deleted"), id: CommentId }),
  /** Something else changed: ask again. "comments": so much that it is best read anew. */
  z.object({ type: z.literal("changed"), what: z.enum(["feedback", "scores", "comments", "captions", "scene"]) }),
  z.object({ type: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type LookDown = z.infer<typeof LookDown>;
