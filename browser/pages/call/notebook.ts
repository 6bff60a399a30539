// What an observer or host notes down for themselves while the call goes on. Promise: a note stands at the second at which its first letter was typed;
// what was written is on this device until the server has it, through a reload and while the connection is gone.
import { computed, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, NewComment } from "../../../protocol/feedback.ts";

/** A note that the server has not confirmed. */
export interface Unsent {
  recording: string;
  atMs: number;
  body: string;
}

/** `moment` null: begun before anything was recorded; it will stand at the beginning of what is recorded next. */
interface Draft {
  body: string;
  moment: { recording: string; atMs: number } | null;
}

export interface NotebookOptions {
  /** The recording that is on, and how much of it there is; null: none is. */
  now: () => { recording: string; atMs: number } | null;
  /** As the reviewer that this browser is, who it becomes by the first note. */
  post: (recording: string, note: NewComment) => Promise<Comment>;
  /** My notes on this recording, as the server has them. */
  read: (recording: string) => Promise<Comment[]>;
  /** What is remembered over a reload of the page. */
  shelf: { get: () => string | null; set: (text: string) => void };
  sentence: (error: unknown) => string;
}

export class Notebook {
  readonly body = signal("");
  /** Kept by the server, of the recording looked at, by time. */
  readonly kept = signal<readonly Comment[]>([]);
  readonly unsent = signal<readonly Unsent[]>([]);
  /** Why the unsent ones are unsent; null: nothing went wrong. */
  readonly failure = signal<string | null>(null);
  readonly #moment = signal<Draft["moment"]>(null);
  /** Where the note being written will stand; null: nothing was recorded when it was begun. */
  readonly moment = computed(() => this.#moment.value);
  #sending: Promise<void> | null = null;
  /** The last one may have arrived although its answer did not. */
  #inDoubt = false;

  constructor(readonly options: NotebookOptions) {
    const { draft, unsent } = remembered(options.shelf.get());
    this.body.value = draft.body;
    this.#moment.value = draft.moment;
    this.unsent.value = unsent;
  }

  write(text: string): void {
    if (text.trim() && !this.body.value.trim()) this.#moment.value = this.options.now();
    if (!text.trim()) this.#moment.value = null;
    this.body.value = text;
    this.#remember();
  }

  /** The note is complete. False: there is nothing to stand it on yet, and it stays. */
  keep(): boolean {
    const body = this.body.value.trim();
    const running = this.options.now();
    const moment = this.#moment.value ?? (running && { recording: running.recording, atMs: 0 });
    if (!body || !moment) return false;
    this.unsent.value = [...this.unsent.value, { ...moment, atMs: Math.max(0, Math.round(moment.atMs)), body }];
    this.body.value = "";
    this.#moment.value = null;
    this.#remember();
    void this.send();
    return true;
  }

  /** What the server has; what is on its way stays beside it. */
  async look(recording: string): Promise<void> {
    try {
      this.kept.value = byTime(await this.options.read(recording));
    } catch (error) {
      this.failure.value = this.options.sentence(error);
    }
  }

  /** Everything that is unsent, in its order. Called again while it sends, it is the same sending. */
  send(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    for (let first = this.unsent.value[0]; first; first = this.unsent.value[0]) {
      const { recording, atMs, body } = first;
      try {
        const arrived = this.#inDoubt
          ? (await this.options.read(recording)).find((one) => one.atMs === atMs && one.body === body)
          : undefined;
        const note = arrived ?? (await this.options.post(recording, { atMs, body, private: true }));
        this.#inDoubt = false;
        this.kept.value = byTime([...this.kept.value.filter(({ id, recordingId }) => id !== note.id && recordingId === recording), note]);
        this.unsent.value = this.unsent.value.slice(1);
        this.failure.value = null;
        this.#remember();
      } catch (error) {
        this.#inDoubt ||= !(error instanceof UserError) || error.code === "not-ready";
        this.failure.value = this.options.sentence(error);
        return;
      }
    }
  }

  #remember(): void {
    const draft: Draft = { body: this.body.value, moment: this.#moment.value };
    this.options.shelf.set(JSON.stringify({ draft, unsent: this.unsent.value }));
  }
}

function byTime(notes: readonly Comment[]): Comment[] {
  return notes.toSorted((a, b) => a.atMs - b.atMs);
}

/** Written by this page, perhaps by an older one: what is not understood is nothing. */
function remembered(text: string | null): { draft: Draft; unsent: Unsent[] } {
  const nothing = { draft: { body: "", moment: null }, unsent: [] };
  try {
    const found = JSON.parse(text ?? "null") as { draft?: Partial<Draft>; unsent?: Unsent[] } | null;
    const { body, moment } = found?.draft ?? {};
    return {
      draft: { body: typeof body === "string" ? body : "", moment: moment && typeof moment.atMs === "number" ? moment : null },
      unsent: (found?.unsent ?? []).filter((one) => typeof one.body === "string" && typeof one.atMs === "number"),
    };
  } catch (error) {
    console.warn("notes: what was remembered is unreadable", error);
    return nothing;
  }
}
