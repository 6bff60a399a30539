// Feedback to take along: comments and scores as CSV for tables, comments as WebVTT for players.
// Promise: whoever may not see a comment does not find it here either; no cell is a formula.
import type { Comment, Feedback, Score } from "../../protocol/feedback.ts";
import type { Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import { attachedWords } from "./attachments.ts";
import type { Comments } from "./comments.ts";
import type { Round } from "./round.ts";
import type { Scores } from "./scores.ts";

/** A small file, made when asked for. */
export interface Paper {
  text: string;
  type: string;
  name: string;
}

/** How long a comment about one moment stands on the film, ms. */
const standsMs = 4000;

export class Exports {
  readonly #catalog: Catalog;
  readonly #round: Round;
  readonly #comments: Comments;
  readonly #scores: Scores;

  constructor(options: { catalog: Catalog; round: Round; comments: Comments; scores: Scores }) {
    this.#catalog = options.catalog;
    this.#round = options.round;
    this.#comments = options.comments;
    this.#scores = options.scores;
  }

  async commentsCsv(credentials: Credentials, recordingId: string): Promise<Paper> {
    const comments = await this.#placed(credentials, recordingId);
    const { names, markers } = await this.#words(credentials, recordingId);
    const rows = comments.map((one) => [
      secondsOf(one.atMs),
      one.endMs === null ? "" : secondsOf(one.endMs),
      one.author ?? "",
      names.get(one.participantId ?? "") ?? "",
      markers.get(one.marker ?? "") ?? one.marker ?? "",
      one.body,
      one.parentId ?? "",
      one.resolvedAt ?? "",
      one.createdAt,
      one.id,
      one.attachment ? attachedWords(one.attachment) : "",
    ]);
    const head = [
      "from_s",
      "to_s",
      "author",
      "addressed_to",
      "marker",
      "comment",
      "reply_to",
      "resolved_at",
      "created_at",
      "id",
      "attachment",
    ];
    return { text: csv([head, ...rows]), type: "text/csv", name: "comments.csv" };
  }

  async commentsVtt(credentials: Credentials, recordingId: string): Promise<Paper> {
    return { text: vttOf(await this.#placed(credentials, recordingId)), type: "text/vtt", name: "comments.vtt" };
  }

  async scoresCsv(credentials: Credentials, recordingId: string): Promise<Paper> {
    const scores = await this.#scores.all(credentials, recordingId);
    const { names, feedback } = await this.#words(credentials, recordingId);
    const reviewers = new Map(feedback.reviewers.map((one) => [one.id as string, one]));
    const rows = scores.map((score) => {
      const reviewer = reviewers.get(score.reviewerId);
      const item = feedback.rubric?.items.find(({ id }) => id === score.item);
      return [
        names.get(score.aboutId) ?? "",
        reviewer?.name ?? "",
        reviewer ? relationOf(reviewer.participantId, score) : "",
        item?.title ?? score.item,
        score.value === null ? "" : String(score.value),
        item?.scale.find(({ value }) => value === score.value)?.anchor ?? "",
        score.words,
        score.evidence.map(({ atMs, endMs }) => (endMs === null ? secondsOf(atMs) : `${secondsOf(atMs)}-${secondsOf(endMs)}`)).join(" "),
        score.changedAt,
      ];
    });
    const head = ["about", "reviewer", "relation", "item", "score", "anchor", "words", "evidence_s", "changed_at"];
    return { text: csv([head, ...rows]), type: "text/csv", name: "scores.csv" };
  }

  /** By time, what is left of a deleted one not among them. A reply is about the moment that its thread is about now, wherever it was when it was written. */
  async #placed(credentials: Credentials, recordingId: string): Promise<Comment[]> {
    const { comments } = await this.#comments.all(credentials, recordingId);
    const times = new Map(comments.map(({ id, atMs }) => [id as string, atMs]));
    return comments
      .filter(({ deletedAt }) => deletedAt === null)
      .map((one) => ({ ...one, atMs: times.get(one.parentId ?? "") ?? one.atMs }))
      .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  }

  async #words(
    credentials: Credentials,
    recordingId: string,
  ): Promise<{ names: Map<string, string>; markers: Map<string, string>; feedback: Feedback }> {
    const feedback = await this.#round.look(credentials, recordingId);
    const people = await this.#catalog.participantsOf(recordingId);
    return {
      feedback,
      names: new Map(people.map(({ id, name }) => [id, name])),
      markers: new Map(feedback.markers.map(({ id, name }) => [id, name])),
    };
  }
}

/** Whose eyes a score is by. */
export function relationOf(participantId: string | null, score: Pick<Score, "aboutId">): "self" | "peer" | "supervisor" {
  if (participantId === null) return "supervisor";
  return participantId === score.aboutId ? "self" : "peer";
}

/** RFC 4180, with a mark by which table programs know UTF-8. A cell that would begin a formula is told to be text. */
export function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) =>
    `"${(/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function vttOf(comments: readonly Comment[]): string {
  const cues = comments.map(({ atMs, endMs, author, body, attachment }) => {
    const to = Math.max(endMs ?? 0, atMs + standsMs);
    const voice = author === null ? "" : `<v ${escaped(author).replaceAll("\n", " ")}>`;
    const said = [body, attachment && `[${attachedWords(attachment)}]`].filter(Boolean).join("\n");
    return `${vttTime(atMs)} --> ${vttTime(to)}\n${voice}${escaped(said)}`;
  });
  return `${["WEBVTT", ...cues].join("\n\n")}\n`;
}

/** A cue ends at an empty line, and an arrow would begin another. */
function escaped(text: string): string {
  const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return plain.replace(/\r\n?/g, "\n").replace(/\n{2,}/g, "\n");
}

function vttTime(ms: number): string {
  const part = (value: number, digits: number) => String(value).padStart(digits, "0");
  return `${part(Math.floor(ms / 3_600_000), 2)}:${part(Math.floor(ms / 60_000) % 60, 2)}:${part(Math.floor(ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}

function secondsOf(ms: number): string {
  return (ms / 1000).toFixed(3);
}
