// The REST interface as the review page sees it: feedback, beside the recording itself.
import * as z from "zod/mini";
import { AddedCaptions, Caption, CaptionList, type EditCaption, type NewCaptions } from "../../../protocol/captions.ts";
import { BookmarkList, Film, Peaks } from "../../../protocol/described.ts";
import {
  type ClaimAnswer,
  Comment,
  CommentList,
  CreatedReviewer,
  type EditComment,
  type EditGuide,
  Feedback,
  Measures,
  NewAttachment,
  type NewComment,
  type NewReviewer,
  type NewScore,
  type NewShare,
  OpenedShare,
  Published,
  Reviewer,
  Rubric,
  Score,
  ScoreList,
  Share,
  ShareList,
} from "../../../protocol/feedback.ts";
import { Scene } from "../../../protocol/scenario.ts";
import { WhisperList, type WhisperTrack } from "../../../protocol/whispers.ts";
import { reach, refusal } from "../api.ts";
import type { Way } from "../attach/spoken.ts";
import { RecordingApi } from "../safe/described.ts";
import { sendBytes } from "../sending.ts";
import { rememberedPart } from "./identity.ts";
import type { Guide } from "./keeps.ts";

/** What somebody spoke is given up on when nothing of it moved for so long: the last of it may lie in the machine's own buffers for a minute. */
const silenceMs = 120_000;

const RubricList = z.object({ items: z.array(Rubric) });
const GuideAnswer = z.pick(Feedback, { markers: true, ownMarkers: true, rubric: true, independent: true });

export class ReviewApi extends RecordingApi {
  /** Who of the recording's reviewers this browser is; null: nobody yet. */
  identity: string | null = null;
  /** Who it was in the call, where something was whispered; null: nobody. */
  part: string | null = null;

  comments(recordingId: string): Promise<Comment[]> {
    return this.#all((page) => this.ask(CommentList, "GET", `/recordings/${encodeURIComponent(recordingId)}/comments${page}`));
  }

  /** Moments that people marked in the call. */
  bookmarks(recordingId: string): Promise<z.infer<typeof BookmarkList>["items"]> {
    return this.#all((page) => this.ask(BookmarkList, "GET", `/recordings/${encodeURIComponent(recordingId)}/bookmarks${page}`));
  }

  /** All of them; the rest as the last page says. */
  async captions(recordingId: string): Promise<CaptionList> {
    const path = `/recordings/${encodeURIComponent(recordingId)}/captions`;
    let last: CaptionList | null = null;
    const items = await this.#all(async (page) => {
      last = await this.ask(CaptionList, "GET", path + page);
      return last;
    });
    return { ...(last as unknown as CaptionList), items };
  }

  addCaptions(recordingId: string, captions: NewCaptions): Promise<AddedCaptions> {
    return this.ask(AddedCaptions, "POST", `/recordings/${encodeURIComponent(recordingId)}/captions`, captions);
  }

  clearCaptions(recordingId: string): Promise<void> {
    return this.ask(null, "DELETE", `/recordings/${encodeURIComponent(recordingId)}/captions`);
  }

  async hear(recordingId: string): Promise<void> {
    await this.ask(CaptionList, "POST", `/recordings/${encodeURIComponent(recordingId)}/hearings`, { trackId: null });
  }

  editCaption(id: string, edit: EditCaption): Promise<Caption> {
    return this.ask(Caption, "PATCH", `/captions/${encodeURIComponent(id)}`, edit);
  }

  deleteCaption(id: string): Promise<void> {
    return this.ask(null, "DELETE", `/captions/${encodeURIComponent(id)}`);
  }

  /** All of them, page after page. */
  async #all<T>(read: (page: string) => Promise<{ items: T[]; cursor: string | null }>): Promise<T[]> {
    const all: T[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: T[]; cursor: string | null } = await read(cursor && `?cursor=${encodeURIComponent(cursor)}`);
      all.push(...page.items);
      cursor = page.cursor;
    }
    return all;
  }

  post(recordingId: string, comment: NewComment): Promise<Comment> {
    return this.ask(Comment, "POST", `/recordings/${encodeURIComponent(recordingId)}/comments`, comment);
  }

  /** What was recorded for a comment. `onSent`: how much of it has left, 0 to 1. `signal` stops it. */
  async attach(recordingId: string, body: Blob, { onSent, signal }: Way): Promise<NewAttachment> {
    const path = `/recordings/${encodeURIComponent(recordingId)}/attachments`;
    const answer = await sendBytes({ path, headers: this.headers(), type: body.type, body, onSent, signal, silenceMs });
    if (!answer.ok) throw await refusal(answer);
    return NewAttachment.parse(await answer.json());
  }

  editComment(id: string, edit: EditComment): Promise<Comment> {
    return this.ask(Comment, "PATCH", `/comments/${encodeURIComponent(id)}`, edit);
  }

  deleteComment(id: string): Promise<void> {
    return this.ask(null, "DELETE", `/comments/${encodeURIComponent(id)}`);
  }

  async publish(recordingId: string): Promise<number> {
    return (await this.ask(Published, "POST", `/recordings/${encodeURIComponent(recordingId)}/publish`, {})).published;
  }

  feedback(recordingId: string): Promise<Feedback> {
    return this.ask(Feedback, "GET", `/recordings/${encodeURIComponent(recordingId)}/feedback`);
  }

  join(recordingId: string, reviewer: NewReviewer): Promise<CreatedReviewer> {
    return this.ask(CreatedReviewer, "POST", `/recordings/${encodeURIComponent(recordingId)}/reviewers`, reviewer);
  }

  rename(reviewerId: string, edit: Partial<NewReviewer>): Promise<Reviewer> {
    return this.ask(Reviewer, "PATCH", `/reviewers/${encodeURIComponent(reviewerId)}`, edit);
  }

  /** Whether they are who they say they are. */
  answerClaim(reviewerId: string, answer: ClaimAnswer): Promise<Reviewer> {
    return this.ask(Reviewer, "POST", `/reviewers/${encodeURIComponent(reviewerId)}/claim`, answer);
  }

  handIn(recordingId: string): Promise<Feedback> {
    return this.ask(Feedback, "POST", `/recordings/${encodeURIComponent(recordingId)}/handin`, {});
  }

  reveal(recordingId: string): Promise<Feedback> {
    return this.ask(Feedback, "POST", `/recordings/${encodeURIComponent(recordingId)}/reveal`, {});
  }

  async scores(recordingId: string): Promise<Score[]> {
    return (await this.ask(ScoreList, "GET", `/recordings/${encodeURIComponent(recordingId)}/scores`)).items;
  }

  score(recordingId: string, score: NewScore): Promise<Score> {
    return this.ask(Score, "PUT", `/recordings/${encodeURIComponent(recordingId)}/scores`, score);
  }

  measures(recordingId: string): Promise<Measures> {
    return this.ask(Measures, "GET", `/recordings/${encodeURIComponent(recordingId)}/measures`);
  }

  /** How loud a track is along the film. */
  peaks(trackId: string): Promise<Peaks> {
    return this.ask(Peaks, "GET", `/tracks/${encodeURIComponent(trackId)}/peaks`);
  }

  /** Has it composed, the first time; says how it stands. */
  speakerFilm(recordingId: string): Promise<Film> {
    return this.ask(Film, "POST", `/recordings/${encodeURIComponent(recordingId)}/films`, { layout: "speaker" });
  }

  /** What the room asks; a recording that was given feedback may keep something else. */
  guide(roomId: string): Promise<Guide> {
    return this.ask(GuideAnswer, "GET", `/rooms/${encodeURIComponent(roomId)}/guide`);
  }

  editGuide(roomId: string, edit: EditGuide): Promise<Guide> {
    return this.ask(GuideAnswer, "PATCH", `/rooms/${encodeURIComponent(roomId)}/guide`, edit);
  }

  async rubrics(roomId: string): Promise<Rubric[]> {
    return (await this.ask(RubricList, "GET", `/rooms/${encodeURIComponent(roomId)}/rubrics`)).items;
  }

  async shares(recordingId: string): Promise<Share[]> {
    return (await this.ask(ShareList, "GET", `/recordings/${encodeURIComponent(recordingId)}/shares`)).items;
  }

  share(recordingId: string, share: NewShare): Promise<Share> {
    return this.ask(Share, "POST", `/recordings/${encodeURIComponent(recordingId)}/shares`, share);
  }

  revoke(shareId: string): Promise<void> {
    return this.ask(null, "DELETE", `/shares/${encodeURIComponent(shareId)}`);
  }

  /** What was whispered, as far as it is for whoever this browser was in the call; for the host all of it. */
  async whispers(recordingId: string): Promise<WhisperTrack[]> {
    this.part = rememberedPart(recordingId);
    return (await this.ask(WhisperList, "GET", `/recordings/${encodeURIComponent(recordingId)}/whispers`)).items;
  }

  /** What it was a role play of; the cards only for those who may. */
  scene(recordingId: string): Promise<Scene> {
    return this.ask(Scene, "GET", `/recordings/${encodeURIComponent(recordingId)}/scenario`);
  }

  /** From now on everybody reads the cards. */
  showCards(recordingId: string): Promise<Scene> {
    return this.ask(Scene, "POST", `/recordings/${encodeURIComponent(recordingId)}/scenario/show`, {});
  }

  /** The key behind the passphrase of the link that this is the key of. */
  async unlock(passphrase: string): Promise<string> {
    return (await this.ask(OpenedShare, "POST", "/shares/open", { passphrase })).key;
  }

  /** A small file, as it is. */
  async file(path: string): Promise<Blob> {
    const response = await reach(`/api/v1${path}`, { headers: this.headers() });
    if (!response.ok) throw await refusal(response);
    return response.blob();
  }

  protected override headers(): Headers {
    const headers = super.headers();
    if (this.identity !== null) headers.set("doubletake-reviewer", this.identity);
    if (this.part !== null) headers.set("doubletake-participant", this.part);
    return headers;
  }
}
