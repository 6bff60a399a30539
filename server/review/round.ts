// Who gives feedback on a recording, what its room asks for, and what is still hidden: independent first, then revealed to all at once.
// Promise: what is hidden from somebody reaches them by no way, and the first time that anybody was shown anybody's feedback is kept.

import * as z from "zod/mini";
import { UserError } from "../../protocol/errors.ts";
import type { Right } from "../../protocol/feedback.ts";
import {
  type ClaimAnswer,
  type CreatedReviewer,
  type Feedback,
  Marker,
  type NewReviewer,
  type Reviewer,
  Rubric,
  usualMarkers,
} from "../../protocol/feedback.ts";
import type { Access, Credentials, GrantedRecording } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { GuideRow, ReviewerRow } from "../store/feedback.ts";
import type { Keys } from "../store/keys.ts";
import type { Audience } from "./audience.ts";

export interface RoundOptions {
  catalog: Catalog;
  access: Access;
  keys: Keys;
  audience: Audience;
}

/** Somebody who asks about a recording's feedback. `hidden`: they see only their own. */
export interface Asking extends GrantedRecording {
  reviewer: ReviewerRow | null;
  hidden: boolean;
}

/** Of one recording: more than any class; a link that is handed round may not fill the disk with names. */
const mostReviewers = 1000;
/** A round of one is none: feedback appears when everybody who was recorded, everybody who joined, and two people at least have handed in. */
const leastPeople = 2;

export class Round {
  readonly #options: RoundOptions;

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  /** Throws unless they may. */
  async asking(credentials: Credentials, recordingId: string, need: Right): Promise<Asking> {
    const granted = await this.#options.access.recording(credentials, recordingId, need);
    const reviewer = await this.#options.access.reviewer(credentials, recordingId);
    return { ...granted, reviewer, hidden: await this.hidden(recordingId, granted.room.id) };
  }

  /** Does everybody see only their own? */
  async hidden(recordingId: string, roomId: string): Promise<boolean> {
    const { feedback } = this.#options.catalog;
    const guide = await feedback.guide(roomId);
    return guide?.independent === 1 && (await feedback.revealedAt(recordingId)) === null;
  }

  async look(credentials: Credentials, recordingId: string): Promise<Feedback> {
    const asking = await this.asking(credentials, recordingId, "look");
    const { feedback } = this.#options.catalog;
    const [guide, reviewers, counts, revealedAt, sights] = await Promise.all([
      feedback.guideOf(recordingId, asking.room.id),
      feedback.reviewers(recordingId),
      feedback.counts(recordingId),
      feedback.revealedAt(recordingId),
      feedback.sights(recordingId),
    ]);
    return {
      may: [...asking.may],
      ...asked(guide),
      revealedAt: time(revealedAt),
      hidden: asking.hidden,
      me: asking.reviewer?.id ?? null,
      reviewers: reviewers.map((row) => ({ ...shown(row), comments: counts.get(row.id) ?? 0 })),
      sights: sights.map(({ seenAt, ...rest }) => ({ ...rest, seenAt: new Date(seenAt).toISOString() })),
    };
  }

  async join(credentials: Credentials, recordingId: string, { name, participantId }: NewReviewer): Promise<CreatedReviewer> {
    const granted = await this.#options.access.recording(credentials, recordingId, "comment");
    const onFilm = await this.#onFilm(credentials, granted, participantId ?? null, null);
    const { feedback } = this.#options.catalog;
    if ((await feedback.reviewers(recordingId)).length >= mostReviewers)
      throw new UserError("too-often", "A thousand people give feedback on this recording already. Use the name you began with.");
    const row = await feedback.addReviewer({
      recordingId,
      name,
      ...onFilm,
      shareId: granted.share?.id ?? null,
    });
    this.#options.audience.changed(recordingId, "feedback");
    return { ...shown(row), identity: `${row.id}.${this.#options.keys.reviewer(row.id)}` };
  }

  async rename(credentials: Credentials, reviewerId: string, edit: { name?: string; participantId?: string | null }): Promise<Reviewer> {
    const row = await this.#options.catalog.feedback.reviewer(reviewerId);
    const asking = row && (await this.asking(credentials, row.recordingId, "comment"));
    if (!asking || asking.reviewer?.id !== reviewerId)
      throw new UserError("not-allowed", "Only they themselves can change a reviewer's name.");
    const { participantId, ...rest } = edit;
    const onFilm = participantId === undefined ? {} : await this.#onFilm(credentials, asking, participantId, row.participantId);
    const change = { ...rest, ...onFilm };
    await this.#options.catalog.feedback.editReviewer(reviewerId, change);
    this.#options.audience.changed(row.recordingId, "feedback");
    return shown({ ...row, ...change });
  }

  /** By a link everybody may say that they are on the film: whoever sent the link knows whom to. A claim that counts from now on may have been all that a
   * round waited for. */
  async answer(credentials: Credentials, reviewerId: string, { claimedId, confirmed }: ClaimAnswer): Promise<Reviewer> {
    const { catalog, audience } = this.#options;
    const before = await catalog.feedback.reviewer(reviewerId);
    // An unknown reviewer is answered like one of somebody else's recording.
    const { hidden, recording } = await this.asking(credentials, before?.recordingId ?? "", "host");
    const settled = await catalog.feedback.settleClaim(reviewerId, claimedId, confirmed);
    const row = await catalog.feedback.reviewer(reviewerId);
    if (!settled || !row) throw new UserError("changed", "They say something else of who they are by now, or it was answered already.");
    if (hidden && (await this.#complete(recording.id))) await this.#show(recording.id);
    audience.changed(recording.id, "feedback");
    return shown(row);
  }

  /** Mine is complete. When everybody's is, all of it appears. */
  async handIn(credentials: Credentials, recordingId: string): Promise<Feedback> {
    const { reviewer, hidden } = await this.asking(credentials, recordingId, "comment");
    if (!reviewer) throw new UserError("bad-request", "Say who you are first.");
    if (!hidden) throw new UserError("not-hidden", "There is nothing to hand in: everybody sees all feedback.");
    const { feedback } = this.#options.catalog;
    await feedback.editReviewer(reviewer.id, { handedInAt: reviewer.handedInAt ?? Date.now() });
    if (await this.#complete(recordingId)) await this.#show(recordingId);
    this.#options.audience.changed(recordingId, "feedback");
    return this.look(credentials, recordingId);
  }

  /** Whoever was recorded may open the page last: that all who did open it have handed in says nothing about them. */
  async #complete(recordingId: string): Promise<boolean> {
    const reviewers = await this.#options.catalog.feedback.reviewers(recordingId);
    const people = await this.#options.catalog.participantsOf(recordingId);
    const all = reviewers.length >= leastPeople && reviewers.every(({ handedInAt }) => handedInAt !== null);
    return all && people.every(({ id }) => reviewers.some(({ participantId }) => participantId === id));
  }

  /** The host need not wait for somebody who never hands in. */
  async reveal(credentials: Credentials, recordingId: string): Promise<Feedback> {
    await this.asking(credentials, recordingId, "host");
    await this.#show(recordingId);
    this.#options.audience.changed(recordingId, "feedback");
    return this.look(credentials, recordingId);
  }

  /** `asking` was just handed what these reviewers wrote. */
  async saw({ reviewer }: Asking, writers: Iterable<string | null>): Promise<void> {
    if (reviewer) await this.#saw([...new Set(writers)].map((ofId) => ({ reviewerId: reviewer.id, ofId })));
  }

  /** These reviewers were just told, over the live line, what this one wrote. */
  async told(reviewerIds: Iterable<string>, ofId: string | null): Promise<void> {
    await this.#saw([...new Set(reviewerIds)].map((reviewerId) => ({ reviewerId, ofId })));
  }

  /** One's own is no sight, and what is nobody's neither. */
  async #saw(pairs: readonly { reviewerId: string; ofId: string | null }[]): Promise<void> {
    const sights = pairs.flatMap(({ reviewerId, ofId }) => (ofId === null || ofId === reviewerId ? [] : [{ reviewerId, ofId }]));
    await this.#options.catalog.feedback.saw(sights);
  }

  async #show(recordingId: string): Promise<void> {
    await this.#options.catalog.feedback.reveal(recordingId);
    this.#options.audience.changed(recordingId, "comments");
    this.#options.audience.changed(recordingId, "scores");
  }

  /** Who of the film they are: whoever they show that they were in the call, else whoever they say they are. By a link to this recording alone, which is
   * handed on, saying so is not enough: it is a claim, unless it is what counted before. */
  async #onFilm(
    credentials: Credentials,
    { recording, room, share }: GrantedRecording,
    claimed: string | null,
    before: string | null,
  ): Promise<Pick<ReviewerRow, "participantId" | "claimedId">> {
    const people = await this.#options.catalog.participantsOf(recording.id);
    const has = (wanted: string | null) => people.some(({ id }) => id === wanted);
    const proven = await this.#options.access.participant(credentials, room.id);
    if (has(proven)) return { participantId: proven, claimedId: null };
    if (claimed !== null && !has(claimed)) throw new UserError("bad-request", "Nobody of this recording has that id.");
    const counts = !share || claimed === before;
    return counts ? { participantId: claimed, claimedId: null } : { participantId: null, claimedId: claimed };
  }
}

/** What a room asks of its reviewers, with what is usual filled in. */
export function asked(guide: GuideRow | undefined): Pick<Feedback, "markers" | "ownMarkers" | "rubric" | "independent"> {
  return {
    markers: guide?.markers ? z.array(Marker).parse(JSON.parse(guide.markers)) : [...usualMarkers],
    ownMarkers: Boolean(guide?.markers),
    rubric: guide?.rubric ? Rubric.parse(JSON.parse(guide.rubric)) : null,
    independent: guide?.independent === 1,
  };
}

function shown({ id, name, participantId, claimedId, handedInAt }: ReviewerRow): Reviewer {
  return { id, name, participantId, claimedId, handedInAt: time(handedInAt) };
}

export function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
