// The URLs of feedback, a part of the one table in `http.ts`. Contains no logic.
import * as z from "zod/mini";
import * as api from "../protocol/feedback.ts";
import { WhisperList } from "../protocol/whispers.ts";
import type { Route } from "./door.ts";
import type { Attachments } from "./review/attachments.ts";
import type { Comments } from "./review/comments.ts";
import type { Exports } from "./review/exports.ts";
import type { Guide } from "./review/guide.ts";
import type { Measuring } from "./review/measures.ts";
import type { Round } from "./review/round.ts";
import type { Scores } from "./review/scores.ts";
import type { Shares } from "./review/shares.ts";
import type { Whispers } from "./review/whispers.ts";

export interface FeedbackDoors {
  attachments: Attachments;
  comments: Comments;
  round: Round;
  guide: Guide;
  scores: Scores;
  shares: Shares;
  measuring: Measuring;
  exports: Exports;
  whispers: Whispers;
}

export function feedbackRoutes({
  attachments,
  comments,
  round,
  guide,
  scores,
  shares,
  measuring,
  exports,
  whispers,
}: FeedbackDoors): Route[] {
  const cursor = z.object({ cursor: z.optional(z.string().check(z.maxLength(100))) });
  const asked = z.pick(api.Feedback, { markers: true, ownMarkers: true, rubric: true, independent: true });
  return [
    {
      method: "GET",
      url: "/recordings/:id/comments",
      summary: "Comments by time",
      query: cursor,
      answer: api.CommentList,
      handle: ({ who, id, query }) => comments.list(who, id, query["cursor"]),
    },
    {
      method: "POST",
      url: "/recordings/:id/comments",
      summary: "Post a comment, or a reply",
      body: api.NewComment,
      status: 201,
      answer: api.Comment,
      handle: ({ who, id, body }) => comments.post(who, id, body as api.NewComment),
    },
    {
      method: "PATCH",
      url: "/comments/:id",
      summary:
        "Change a comment, or resolve it; 409 with the newest when another version was edited. What is attached is exchanged, or taken away, only by its writer",
      body: api.EditComment,
      answer: api.Comment,
      handle: ({ who, id, body }) => comments.edit(who, id, body as api.EditComment),
    },
    { method: "DELETE", url: "/comments/:id", summary: "Delete a comment", status: 204, handle: ({ who, id }) => comments.remove(who, id) },
    {
      method: "POST",
      url: "/recordings/:id/attachments",
      summary:
        "Send a voice (at most 2 minutes) or a short video (1 minute) for a comment: the body is WebM of VP8, VP9 or AV1 and Opus, as audio/webm or video/webm; it is kept for an hour, or with the comment that names it in `attachmentId`",
      status: 201,
      answer: api.NewAttachment,
      handle: ({ who, id, body }) => attachments.take(who, id, body),
    },
    {
      method: "GET",
      url: "/attachments/:id/media",
      summary: "What is attached to a comment, for whoever may see the comment",
      handle: ({ who, id }) => attachments.media(who, id),
    },
    {
      method: "POST",
      url: "/recordings/:id/publish",
      summary: "Make comments of all one's notes",
      answer: api.Published,
      handle: ({ who, id }) => comments.publish(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/feedback",
      summary: "Who gives feedback, what the room asks for, and what of it is hidden",
      answer: api.Feedback,
      handle: ({ who, id }) => round.look(who, id),
    },
    {
      method: "POST",
      url: "/recordings/:id/reviewers",
      summary: "Become a reviewer by a name; the answer holds the identity to show from then on",
      body: api.NewReviewer,
      status: 201,
      answer: api.CreatedReviewer,
      handle: ({ who, id, body }) => round.join(who, id, body as api.NewReviewer),
    },
    {
      method: "PATCH",
      url: "/reviewers/:id",
      summary: "Change one's own name as a reviewer",
      body: z.partial(api.NewReviewer),
      answer: api.Reviewer,
      handle: ({ who, id, body }) => round.rename(who, id, body as Partial<api.NewReviewer>),
    },
    {
      method: "POST",
      url: "/reviewers/:id/claim",
      summary:
        "Whether somebody who came by a link is who of the film they say they are (host); their hand-in counts as that person's then",
      body: api.ClaimAnswer,
      answer: api.Reviewer,
      handle: ({ who, id, body }) => round.answer(who, id, body as api.ClaimAnswer),
    },
    {
      method: "POST",
      url: "/recordings/:id/handin",
      summary: "Hand in one's feedback; when everybody's is in, all of it appears",
      answer: api.Feedback,
      handle: ({ who, id }) => round.handIn(who, id),
    },
    {
      method: "POST",
      url: "/recordings/:id/reveal",
      summary: "Show everybody's feedback now (host)",
      answer: api.Feedback,
      handle: ({ who, id }) => round.reveal(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/scores",
      summary: "Scores by the room's rubric",
      answer: api.ScoreList,
      handle: ({ who, id }) => scores.list(who, id),
    },
    {
      method: "PUT",
      url: "/recordings/:id/scores",
      summary: "Score one item about one person",
      body: api.NewScore,
      answer: api.Score,
      handle: ({ who, id, body }) => scores.score(who, id, body as api.NewScore),
    },
    {
      method: "GET",
      url: "/recordings/:id/measures",
      summary: "Who spoke when: talk time, turns, replies, overlaps, silences",
      answer: api.Measures,
      handle: ({ who, id }) => measuring.look(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/whispers",
      summary:
        "What was whispered, where the room keeps it: to whoever whispered, the one it was for (`Doubletake-Participant`) and the host",
      answer: WhisperList,
      handle: ({ who, id }) => whispers.list(who, id),
    },
    {
      method: "GET",
      url: "/whispers/:id/audio.flac",
      summary: "The sound of one, as long as the film",
      handle: ({ who, id }) => whispers.sound(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/comments.csv",
      summary: "Comments as CSV",
      handle: ({ who, id }) => exports.commentsCsv(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/comments.vtt",
      summary: "Comments as WebVTT",
      handle: ({ who, id }) => exports.commentsVtt(who, id),
    },
    { method: "GET", url: "/recordings/:id/scores.csv", summary: "Scores as CSV", handle: ({ who, id }) => exports.scoresCsv(who, id) },
    {
      method: "GET",
      url: "/rooms/:id/guide",
      summary: "What the room asks of its reviewers",
      answer: asked,
      handle: ({ who, id }) => guide.look(who, id),
    },
    {
      method: "PATCH",
      url: "/rooms/:id/guide",
      summary: "Change what the room asks of its reviewers (host)",
      body: api.EditGuide,
      answer: asked,
      handle: ({ who, id, body }) => guide.edit(who, id, body as api.EditGuide),
    },
    { method: "GET", url: "/rooms/:id/rubric.yaml", summary: "The room's rubric as a file", handle: ({ who, id }) => guide.yaml(who, id) },
    {
      method: "GET",
      url: "/rooms/:id/rubrics",
      summary: "Rubrics that come with the program",
      answer: z.object({ items: z.array(api.Rubric) }),
      handle: ({ who, id }) => guide.shipped(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/shares",
      summary: "Links to this recording (host)",
      answer: api.ShareList,
      handle: ({ who, id, base }) => shares.list(who, id, base),
    },
    {
      method: "POST",
      url: "/recordings/:id/shares",
      summary: "Make a link to this recording (host)",
      body: api.NewShare,
      status: 201,
      answer: api.Share,
      handle: ({ who, id, body, base }) => shares.create(who, id, body as api.NewShare, base),
    },
    { method: "DELETE", url: "/shares/:id", summary: "Revoke a link (host)", status: 204, handle: ({ who, id }) => shares.revoke(who, id) },
    {
      method: "POST",
      url: "/shares/open",
      summary: "The key behind a link's passphrase; the bearer is the link's own key",
      body: api.OpenShare,
      answer: api.OpenedShare,
      handle: ({ who, body }) => shares.open(who, (body as { passphrase: string }).passphrase),
    },
  ];
}
