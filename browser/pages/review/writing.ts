// Replies and edits that are being written on this page, by the comment they are about. Promise: what was typed or spoken stays until it was taken or
// given up, whatever becomes of the row that shows it; when somebody else was faster, both texts are there and nobody's is overwritten unseen.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { type Spoken, Stopped } from "../attach/spoken.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import { beginAt, endAt } from "./range.ts";

/** Who takes what was written. */
type Desk = Pick<Debrief, "post" | "edit" | "send" | "introduce">;

/** What a comment says beside its words. */
type About = Pick<Comment, "atMs" | "endMs" | "marker" | "participantId">;

export abstract class Writing {
  abstract readonly kind: "reply" | "edit";
  readonly body: Signal<string>;
  readonly held = signal<Spoken | null>(null);
  readonly speaking = signal(false);
  readonly busy = signal(false);
  readonly failure = signal<string | null>(null);
  /** Something is here that is nowhere else: Escape, pressed too soon, does not lose it. */
  readonly fragile = computed(() => this.held.value !== null || this.speaking.value);
  /** Words, or something that needs none; nothing that is still being recorded. */
  abstract readonly ready: ReadonlySignal<boolean>;

  constructor(
    readonly comment: Comment,
    readonly desk: Desk,
    body: string,
  ) {
    this.body = signal(body);
  }

  /** True: it was taken. False: there is nothing to take, or it was refused; then all of it stays and `failure` says why. */
  async send(): Promise<boolean> {
    if (!this.ready.value || this.busy.value) return false;
    this.busy.value = true;
    this.failure.value = null;
    try {
      await this.handOver(this.body.value.trim());
      return true;
    } catch (error) {
      if (error instanceof UserError && error.code === "not-found") this.held.value?.again();
      if (error instanceof Stopped) announce(t("feedback:attach.stopped"));
      else if (!this.settles(error))
        this.failure.value = t(this.fragile.value ? "feedback:box.keptSpoken" : "feedback:box.kept", { why: sentence(error) });
      return false;
    } finally {
      this.busy.value = false;
    }
  }

  protected abstract handOver(text: string): Promise<void>;

  /** True: what was thrown is dealt with. */
  protected settles(_error: unknown): boolean {
    return false;
  }

  close(): void {
    this.held.value?.close();
  }
}

export class Reply extends Writing {
  readonly kind = "reply";
  readonly ready = computed(() => !this.speaking.value && (this.body.value.trim() !== "" || this.held.value !== null));

  constructor(first: Comment, desk: Desk) {
    super(first, desk, "");
  }

  protected async handOver(text: string): Promise<void> {
    await this.desk.introduce();
    const spoken = this.held.value;
    const attached = spoken ? { attachmentId: await this.desk.send(spoken) } : {};
    await this.desk.post({ atMs: this.comment.atMs, body: text, parentId: this.comment.id, ...attached });
    announce(t("feedback:thread.replied"));
  }
}

export class Edit extends Writing {
  readonly kind = "edit";
  /** What was spoken is to go when it is saved. */
  readonly without = signal(false);
  /** What somebody else made of it meanwhile; null: nobody was faster. */
  readonly theirs = signal<Comment | null>(null);
  /** What else of it is to be otherwise. */
  readonly changed = signal<Partial<About>>({});
  /** All of it as it will be; what I leave as it is is theirs. */
  readonly about = computed<About>(() => ({ ...(this.theirs.value ?? this.comment), ...this.changed.value }));
  readonly ready = computed(
    () =>
      !this.speaking.value &&
      (this.body.value.trim() !== "" || this.held.value !== null || (this.comment.attachment !== null && !this.without.value)),
  );

  constructor(comment: Comment, desk: Desk) {
    super(comment, desk, comment.body);
  }

  protected async handOver(text: string): Promise<void> {
    const spoken = this.held.value;
    const attached = spoken ? { attachmentId: await this.desk.send(spoken) } : this.without.value ? { attachmentId: null } : {};
    // Another version than the one seen last is somebody else's.
    const { version } = this.theirs.value ?? this.comment;
    await this.desk.edit(this.comment.id, { body: text, version, ...this.changed.value, ...attached });
    announce(t("feedback:thread.changed"));
  }

  protected override settles(error: unknown): boolean {
    const now = error instanceof UserError && error.code === "changed" ? Comment.safeParse(error.current) : null;
    if (now?.success) this.theirs.value = now.data;
    return now?.success ?? false;
  }

  change(part: Partial<About>): void {
    this.changed.value = { ...this.changed.value, ...part };
  }

  begin(atMs: number): void {
    this.change(beginAt(this.about.value, atMs));
  }

  end(atMs: number): void {
    this.change(endAt(this.about.value, atMs));
  }

  /** Their words, then mine. */
  both(): void {
    this.body.value = `${this.theirs.value?.body ?? ""}\n\n${this.body.value}`;
  }
}

export class Writings {
  readonly #open = signal<readonly Writing[]>([]);
  /** The threads that something is being written in, which therefore stay on the page. */
  readonly threads: ReadonlySignal<ReadonlySet<string>> = computed(
    () => new Set(this.#open.value.flatMap(({ comment: { id, parentId } }) => (parentId === null ? [id] : [id, parentId]))),
  );

  constructor(readonly desk: Desk) {}

  replyTo(first: Comment): Reply | null {
    return (this.#open.value.find((one) => one instanceof Reply && one.comment.id === first.id) as Reply | undefined) ?? null;
  }

  editOf(comment: Comment): Edit | null {
    return (this.#open.value.find((one) => one instanceof Edit && one.comment.id === comment.id) as Edit | undefined) ?? null;
  }

  reply(first: Comment): void {
    if (!this.replyTo(first)) this.#open.value = [...this.#open.value, new Reply(first, this.desk)];
  }

  edit(comment: Comment): void {
    if (!this.editOf(comment)) this.#open.value = [...this.#open.value, new Edit(comment, this.desk)];
  }

  /** Taken, or given up. */
  end(writing: Writing): void {
    writing.close();
    this.#open.value = this.#open.value.filter((one) => one !== writing);
  }

  /** The page is left. */
  close(): void {
    for (const writing of this.#open.value) this.end(writing);
  }
}
