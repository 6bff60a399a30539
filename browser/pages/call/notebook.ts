// What an observer or host notes down for themselves while the call goes on. Promise: a note stands at the second at which its first letter was typed;
// what was written is on this device until the server has it: through a reload, while the connection is gone, and the next time one is in this room.
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

/** `set` null: nothing is there any more. */
interface Shelf {
  get: () => string | null;
  set: (text: string | null) => void;
}

/** How long after a failure it is tried again, ms. */
const againMs = 4000;
/** Of one room, so many are remembered when the page is closed: a device is not filled with what no server ever takes. */
const mostRemembered = 200;

export interface NotebookOptions {
  /** The recording that is on, and how much of it there is; null: none is. */
  now: () => { recording: string; atMs: number } | null;
  /** As the reviewer that this browser is, who it becomes by the first note. */
  post: (recording: string, note: NewComment) => Promise<Comment>;
  /** My notes on this recording, as the server has them. */
  read: (recording: string) => Promise<Comment[]>;
  /** Where the note being written is remembered over a reload of the page. */
  shelf: Shelf;
  /** Where what the server has not confirmed is remembered, also when the page is closed. */
  device: Shelf;
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
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Recordings the first unsent note of which may have arrived although its answer did not. */
  readonly #inDoubt: Set<string>;

  constructor(readonly options: NotebookOptions) {
    const draft = rememberedDraft(options.shelf.get());
    this.body.value = draft.body;
    this.#moment.value = draft.moment;
    this.unsent.value = rememberedUnsent(options.device.get());
    this.#inDoubt = new Set(this.unsent.value.map(({ recording }) => recording));
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

  /** Everything that is unsent, in its order; what fails is tried again by itself. Called again while it sends, it is the same sending. */
  send(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    // What one recording's server says, as that it was deleted, holds nothing up of another.
    const failed = new Set<string>();
    for (let next = this.#next(failed); next; next = this.#next(failed)) {
      try {
        await this.#sendOne(next);
        if (failed.size === 0) this.failure.value = null;
      } catch (error) {
        failed.add(next.recording);
        if (!(error instanceof UserError) || error.code === "unreachable") this.#inDoubt.add(next.recording);
        this.failure.value = this.options.sentence(error);
      }
    }
    if (failed.size > 0) this.#timer = setTimeout(() => void this.send(), againMs);
  }

  #next(failed: ReadonlySet<string>): Unsent | undefined {
    return this.unsent.value.find(({ recording }) => !failed.has(recording));
  }

  async #sendOne(unsent: Unsent): Promise<void> {
    const { recording, atMs, body } = unsent;
    const arrived = this.#inDoubt.has(recording)
      ? (await this.options.read(recording)).find((one) => one.atMs === atMs && one.body === body)
      : undefined;
    const note = arrived ?? (await this.options.post(recording, { atMs, body, private: true }));
    this.#inDoubt.delete(recording);
    this.kept.value = byTime([...this.kept.value.filter(({ id, recordingId }) => id !== note.id && recordingId === recording), note]);
    this.unsent.value = this.unsent.value.filter((one) => one !== unsent);
    this.#remember();
  }

  #remember(): void {
    const draft: Draft = { body: this.body.value, moment: this.#moment.value };
    this.options.shelf.set(draft.body === "" ? null : JSON.stringify(draft));
    const { value: unsent } = this.unsent;
    this.options.device.set(unsent.length === 0 ? null : JSON.stringify(unsent.slice(-mostRemembered)));
  }
}

function byTime(notes: readonly Comment[]): Comment[] {
  return notes.toSorted((a, b) => a.atMs - b.atMs);
}

/** Written by this page, perhaps by an older one: what is not understood is nothing. */
function rememberedDraft(text: string | null): Draft {
  const { body, moment } = (parsed(text) ?? {}) as Partial<Draft>;
  return {
    body: typeof body === "string" ? body : "",
    moment: moment && typeof moment.atMs === "number" && typeof moment.recording === "string" ? moment : null,
  };
}

function rememberedUnsent(text: string | null): Unsent[] {
  const found = parsed(text);
  if (!Array.isArray(found)) return [];
  return (found as (Partial<Unsent> | null)[]).filter(
    (one): one is Unsent => typeof one?.body === "string" && typeof one.atMs === "number" && typeof one.recording === "string",
  );
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch (error) {
    console.warn("notes: what was remembered is unreadable", error);
    return null;
  }
}
