// The feedback on the recording on this page, as it is now: read once, then told by the server as others write. One object for the whole page.
// Promise: after a break everything is read anew; what somebody types is never taken away by what others do.
import { computed, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, EditComment, Feedback, LookDown, NewComment, NewScore, Reviewer, Score } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import type { Spoken } from "../attach/spoken.ts";
import { t } from "../words.ts";
import { CaptionBook } from "./captionbook.ts";
import type { ReviewApi } from "./door.ts";
import { forgetIdentity, keepIdentity, rememberedIdentity } from "./identity.ts";
import { Live } from "./live.ts";
import { threadsOf, withComment } from "./threads.ts";
import { Who } from "./who.ts";

/** What a reviewer says of one item. */
type Given = Pick<NewScore, "value" | "words" | "evidence">;

export class Debrief {
  readonly feedback = signal<Feedback | null>(null);
  readonly comments = signal<Comment[]>([]);
  readonly scores = signal<Score[]>([]);
  readonly threads = computed(() => threadsOf(this.comments.value));
  /** The thread that N and E are about. */
  readonly selected = signal<string | null>(null);
  /** How often it was heard that the role play is told otherwise now. */
  readonly scenes = signal(0);
  /** Why what is shown may be old; null: it is not. */
  readonly failure = signal<string | null>(null);
  readonly loading = signal(true);
  /** What was said, in writing. */
  readonly captions: CaptionBook;
  /** Who this person says they are, wherever on the page they are asked. */
  readonly who = new Who();
  /** Who was recorded and is nobody's here yet: a round waits for them, whoever else has handed in. */
  readonly awaited = computed(() => {
    const here = new Set<string | null>(this.feedback.value?.reviewers.map(({ participantId }) => participantId));
    return this.who.people.value.filter(({ id }) => !here.has(id)).map(({ name }) => name);
  });
  /** For the host to answer: who says that they are whom on the film. */
  readonly claims = computed(() =>
    this.may("host")
      ? (this.feedback.value?.reviewers ?? []).flatMap((who) => {
          const person = this.who.people.value.find(({ id }) => id === who.claimedId)?.name;
          return person === undefined ? [] : [{ who, person }];
        })
      : [],
  );
  #live: Live | null = null;
  #reading: Promise<void> | null = null;
  #unread = false;
  #scoring: Promise<void> = Promise.resolve();
  /** What happened to comments since they were last asked for: the answer may be older. */
  #since: ((comments: Comment[]) => Comment[])[] = [];

  constructor(
    readonly recordingId: string,
    readonly api: ReviewApi,
  ) {
    api.identity = rememberedIdentity(recordingId);
    this.captions = new CaptionBook(recordingId, api);
  }

  may(right: Feedback["may"][number]): boolean {
    return this.feedback.value?.may.includes(right) ?? false;
  }

  /** Mine that nobody else sees. */
  get notes(): Comment[] {
    return this.comments.value.filter((one) => one.private);
  }

  get me(): Feedback["reviewers"][number] | null {
    const { value } = this.feedback;
    return value?.reviewers.find(({ id }) => id === value.me) ?? null;
  }

  /** This browser is no reviewer, as far as the server has said by now. */
  get unknown(): boolean {
    return this.feedback.value !== null && this.me === null;
  }

  /** Until the answer is called. */
  open(): () => void {
    this.#live = new Live({
      recordingId: this.recordingId,
      key: this.api.key,
      identity: () => this.api.identity,
      onTold: (message) => this.#told(message),
      onLine: (listening) => {
        // Read when the line is up, so that nothing falls between the two.
        if (listening) void this.read();
      },
      onRefused: (refusal) => {
        this.failure.value = sentence(refusal);
        if (refusal.code === "not-allowed") forgetIdentity(this.recordingId, this.api);
      },
    });
    void this.read();
    return () => {
      this.#live?.close();
      this.captions.close();
    };
  }

  /** Everything. Called while it is being read, it is read once more. */
  read(): Promise<void> {
    this.#unread = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    while (this.#unread) {
      this.#unread = false;
      try {
        this.feedback.value = await this.api.feedback(this.recordingId);
        this.#since = [];
        const comments = await this.api.comments(this.recordingId);
        this.comments.value = this.#since.reduce((all, change) => change(all), comments);
        await this.captions.read();
        this.scores.value = this.feedback.value.rubric ? await this.api.scores(this.recordingId) : [];
        this.failure.value = null;
      } catch (error) {
        if (this.api.identity !== null && error instanceof UserError && error.code === "not-allowed") {
          forgetIdentity(this.recordingId, this.api);
          this.#unread = true;
        } else this.failure.value = sentence(error);
      }
    }
    this.loading.value = false;
  }

  #told(message: LookDown): void {
    if (message.type === "comment") this.#take(message.comment);
    else if (message.type === "deleted") this.#change((comments) => comments.filter(({ id }) => id !== message.id));
    else if (message.type === "changed" && message.what === "captions") void this.captions.read();
    else if (message.type === "changed" && message.what === "scene") this.scenes.value += 1;
    else if (message.type === "changed") void this.read();
  }

  #take(comment: Comment): void {
    this.#change((comments) => withComment(comments, comment));
  }

  #change(change: (comments: Comment[]) => Comment[]): void {
    if (this.#reading) this.#since.push(change);
    this.comments.value = change(this.comments.value);
  }

  /** This browser becomes a reviewer, unless it is one. */
  async join(name: string, participantId: string | null): Promise<void> {
    // Perhaps it is one, and that was not read yet.
    if (this.api.identity !== null && !this.feedback.value) await this.read();
    if (this.me || this.api.identity !== null) return;
    const { identity } = await this.api.join(this.recordingId, { name, participantId });
    keepIdentity(this.recordingId, identity);
    this.api.identity = identity;
    this.feedback.value = await this.api.feedback(this.recordingId);
    this.#live?.again();
  }

  /** As who they say they are. */
  introduce(): Promise<void> {
    return this.who.say((name, participantId) => this.join(name, participantId));
  }

  /** What I said of who I am, corrected. */
  async rename(who: Who): Promise<void> {
    const { me } = this;
    if (!me) return;
    await who.say((name, participantId) => this.api.rename(me.id, { name, participantId }));
    await this.read();
  }

  /** By the host: whether somebody is who of the film they say they are. Also a refusal means that it stands otherwise by now. */
  async answerClaim({ id, claimedId }: Pick<Reviewer, "id" | "claimedId">, confirmed: boolean): Promise<void> {
    if (claimedId === null) return;
    try {
      await this.api.answerClaim(id, { claimedId, confirmed });
    } finally {
      await this.read();
    }
  }

  async post(comment: NewComment): Promise<Comment> {
    const posted = await this.api.post(this.recordingId, comment);
    this.#take(posted);
    return posted;
  }

  /** The id of what was spoken, once the server has it. */
  send(spoken: Spoken): Promise<string> {
    announce(t("feedback:attach.sending"));
    return spoken.send((blob, way) => this.api.attach(this.recordingId, blob, way));
  }

  async edit(id: string, edit: EditComment): Promise<Comment> {
    const edited = await this.api.editComment(id, edit);
    this.#take(edited);
    return edited;
  }

  /** All my notes become comments. */
  async publish(): Promise<void> {
    await this.api.publish(this.recordingId);
    await this.read();
  }

  /** What its deletion leaves is told by the server. */
  async remove(id: string): Promise<void> {
    await this.api.deleteComment(id);
    const replied = this.comments.value.some(({ parentId }) => parentId === id);
    if (!replied) this.#change((comments) => comments.filter((one) => one.id !== id));
  }

  /** Mine; null: not given yet. */
  scoreOf(aboutId: string, item: string): Score | null {
    const me = this.feedback.value?.me;
    return this.scores.value.find((one) => one.reviewerId === me && one.aboutId === aboutId && one.item === item) ?? null;
  }

  /** One after the other: each change begins where the one before it ended, however quickly they are made. */
  score(aboutId: string, item: string, change: (now: Given) => Partial<Given>): Promise<void> {
    const turn = this.#scoring.then(async () => {
      const { value, words, evidence } = this.scoreOf(aboutId, item) ?? { value: null, words: "", evidence: [] };
      const now = { value, words, evidence };
      const given = await this.api.score(this.recordingId, { aboutId, item, ...now, ...change(now) });
      const same = (one: Score) => one.reviewerId === given.reviewerId && one.aboutId === given.aboutId && one.item === given.item;
      this.scores.value = [...this.scores.value.filter((one) => !same(one)), given];
    });
    this.#scoring = turn.catch(() => undefined);
    return turn;
  }

  async handIn(): Promise<void> {
    this.feedback.value = await this.api.handIn(this.recordingId);
    await this.read();
  }

  async reveal(): Promise<void> {
    this.feedback.value = await this.api.reveal(this.recordingId);
    await this.read();
  }

  /** Of whoever holds this, by their own comments or the host's right. */
  mayChange(comment: Comment): boolean {
    if (comment.deletedAt !== null) return false;
    if (this.may("host")) return true;
    return comment.reviewerId === null ? this.may("comment") : comment.reviewerId === this.feedback.value?.me;
  }

  /** Its writer, who alone may exchange what was spoken; of a comment without a name, as far as this page can know. */
  wrote({ reviewerId }: Comment): boolean {
    return this.may("comment") && reviewerId === (this.feedback.value?.me ?? null);
  }
}
