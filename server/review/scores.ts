// Scores by the rubric of the recording: each reviewer's, about each person, with the moments that show why.
// Promise: one score per reviewer, person and item; what is hidden from somebody is not among what they are told.
import { UserError } from "../../protocol/errors.ts";
import type { NewScore, Score } from "../../protocol/feedback.ts";
import type { Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { ScoreRow } from "../store/feedback.ts";
import type { Audience } from "./audience.ts";
import { type Asking, asked, type Round } from "./round.ts";

export class Scores {
  readonly #catalog: Catalog;
  readonly #round: Round;
  readonly #audience: Audience;

  constructor(catalog: Catalog, round: Round, audience: Audience) {
    this.#catalog = catalog;
    this.#round = round;
    this.#audience = audience;
  }

  async list(credentials: Credentials, recordingId: string): Promise<{ items: Score[] }> {
    return { items: await this.#seen(await this.#round.asking(credentials, recordingId, "look")) };
  }

  /** Every score that whoever asks may see and take along. */
  async all(credentials: Credentials, recordingId: string): Promise<Score[]> {
    return this.#seen(await this.#round.asking(credentials, recordingId, "download"));
  }

  async score(credentials: Credentials, recordingId: string, score: NewScore): Promise<Score> {
    const { reviewer, room } = await this.#round.asking(credentials, recordingId, "comment");
    if (!reviewer) throw new UserError("bad-request", "Say who you are first.");
    const { rubric } = asked(await this.#catalog.feedback.guideOf(recordingId, room.id));
    const item = rubric?.items.find(({ id }) => id === score.item);
    if (!item) throw new UserError("bad-request", "The rubric has no such item.");
    if (score.value !== null && !item.scale.some(({ value }) => value === score.value))
      throw new UserError("bad-request", "That is not on this item's scale.");
    const people = await this.#catalog.participantsOf(recordingId);
    if (!people.some(({ id }) => id === score.aboutId)) throw new UserError("bad-request", "Nobody of this recording has that id.");
    const row: ScoreRow = {
      ...score,
      recordingId,
      reviewerId: reviewer.id,
      evidence: JSON.stringify(score.evidence),
      changedAt: Date.now(),
    };
    await this.#catalog.feedback.saveScore(row);
    this.#audience.changed(recordingId, "scores");
    return shown(row);
  }

  async #seen(asking: Asking): Promise<Score[]> {
    const only = asking.hidden ? (asking.reviewer?.id ?? null) : undefined;
    const rows = await this.#catalog.feedback.scores(asking.recording.id, only);
    await this.#round.saw(
      asking,
      rows.map(({ reviewerId }) => reviewerId),
    );
    return rows.map(shown);
  }
}

function shown({ recordingId: _, evidence, changedAt, ...rest }: ScoreRow): Score {
  return { ...rest, evidence: JSON.parse(evidence), changedAt: new Date(changedAt).toISOString() };
}
