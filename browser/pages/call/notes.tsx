// Private notes of an observer or host while the call goes on: a line to write, and what was noted so far. Only their writer ever sees them, until
// they are published on the review page.
import { computed } from "@preact/signals";
import { LockKeyhole } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, NewComment } from "../../../protocol/feedback.ts";
import { nowMs } from "../../record/clock.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { remember, remembered, tab } from "../remembered.ts";
import { ReviewApi } from "../review/door.ts";
import { forgetIdentity, keepIdentity, rememberedIdentity } from "../review/identity.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { DrawerFrame } from "./drawer.tsx";
import { Notebook } from "./notebook.ts";
import type { CallScreen } from "./screen.ts";
import type { Visit } from "./visit.ts";
import { WhisperBox } from "./whispering.tsx";

const books = new WeakMap<Visit, Notebook>();

/** One for the whole stay, also while the drawer is closed: it goes on sending, and the tab asks before it closes while something is unsent. */
export function notebookOf(visit: Visit): Notebook {
  const known = books.get(visit);
  if (known) return known;
  const api = new ReviewApi(visit.options.key);
  const slot = `doubletake.notes.${visit.options.room}`;
  const book = new Notebook({
    now: () => {
      const { recording } = visit.view.peek();
      return recording && { recording: recording.id, atMs: recording.pausedMs ?? nowMs() - recording.startedMs };
    },
    post: (recording, note) => asReviewer(api, visit, recording, () => api.post(recording, note as NewComment)),
    read: async (recording) => {
      api.identity = rememberedIdentity(recording);
      return api.identity ? (await api.comments(recording)).filter((one) => one.private) : [];
    },
    shelf: { get: () => remembered(slot, tab), set: (text) => remember(slot, text, tab) },
    device: { get: () => remembered(`${slot}.unsent`), set: (text) => remember(`${slot}.unsent`, text) },
    sentence,
  });
  books.set(visit, book);
  const joined = computed(() => visit.view.value.state === "joined");
  joined.subscribe((now) => {
    if (now) void book.send();
  });
  const waits = computed(() => book.unsent.value.length > 0);
  waits.subscribe((now) => {
    if (now) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  });
  return book;
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** With the first thing they write, somebody becomes a reviewer of the recording, and is the same one on its review page. */
export async function asReviewer<T>(api: ReviewApi, visit: Visit, recording: string, act: () => Promise<T>): Promise<T> {
  api.identity = rememberedIdentity(recording);
  if (api.identity !== null) {
    try {
      return await act();
    } catch (error) {
      // The server does not know this browser any more: it becomes somebody new.
      if (!(error instanceof UserError) || error.code !== "not-allowed") throw error;
      forgetIdentity(recording, api);
    }
  }
  const { me } = visit.view.peek();
  const join = (participantId: string | null) => api.join(recording, { name: visit.options.name, participantId });
  const { identity } = await join(me?.recorded ? me.id : null).catch((error: unknown) => {
    // Nothing of them has been recorded so far.
    if (error instanceof UserError && error.code === "bad-request") return join(null);
    throw error;
  });
  keepIdentity(recording, identity);
  api.identity = identity;
  return act();
}

export function NotesDrawer({ screen }: { screen: CallScreen }) {
  const { visit } = screen;
  const book = notebookOf(visit);
  const { recording } = visit.view.value;
  const latest = visit.latest.value;
  useEffect(() => {
    if (latest) void book.look(latest);
  }, [book, latest]);
  const waiting = book.unsent.value.length > 0 && book.failure.value !== null;
  const keep = (event: Event) => {
    event.preventDefault();
    if (book.keep()) announce(t("supervisor:notes.kept"));
    else if (book.body.value.trim()) announce(t("supervisor:notes.waits"));
  };
  const moment = book.moment.value;
  const begun = book.body.value.trim() !== "";
  return (
    <DrawerFrame kind="notes" title={t("supervisor:notes.title")} onClose={() => screen.toggle("notes")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
      <ol class="chat-lines" aria-label={t("supervisor:notes.list")} tabIndex={0}>
        {book.kept.value.length + book.unsent.value.length === 0 && <li class="soft">{t("supervisor:notes.empty")}</li>}
        {book.kept.value.map((note) => (
          <Line key={note.id} atMs={note.atMs} body={note.body} />
        ))}
        {book.unsent.value.map((note) => (
          <Line key={`${note.recording}-${note.atMs}-${note.body}`} atMs={note.atMs} body={note.body} unsent />
        ))}
      </ol>
      <WhisperBox screen={screen} />
      <form class="chat-write" onSubmit={keep}>
        <textarea
          data-first
          aria-label={t("supervisor:notes.label")}
          aria-describedby="note-moment"
          placeholder={t("supervisor:notes.label")}
          rows={3}
          maxLength={10_000}
          value={book.body.value}
          onInput={(event) => book.write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) keep(event);
          }}
        />
        <button type="submit" class="button primary" disabled={!begun || (!moment && !recording)}>
          {t("supervisor:notes.keep")}
        </button>
      </form>
      <div class="small soft">
        {book.failure.value && (
          <p class="notice warn" role="alert">
            {waiting ? t("supervisor:notes.unsentWhy", { why: book.failure.value }) : book.failure.value}
          </p>
        )}
        <p id="note-moment">
          {begun && moment
            ? t("supervisor:notes.at", { time: clockText(moment.atMs) })
            : t(recording ? (begun ? "supervisor:notes.atStart" : "supervisor:notes.now") : "supervisor:notes.waits")}
        </p>
        <p>
          <LockKeyhole size={16} aria-hidden="true" /> {t("supervisor:notes.private")}
        </p>
      </div>
    </DrawerFrame>
  );
}

function Line(props: Pick<Comment, "atMs" | "body"> & { unsent?: boolean }) {
  return (
    <li>
      <p class="small">
        <time class="clock">{clockText(props.atMs)}</time> {props.unsent && <span class="soft">{t("supervisor:notes.unsent")}</span>}
      </p>
      <p class="chat-words">{props.body}</p>
    </li>
  );
}
