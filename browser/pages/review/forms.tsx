// Changing a comment, and answering one. Promise: when somebody else was faster, both texts are there and nobody's is overwritten unseen.
import { type Signal, useSignal } from "@preact/signals";
import { Trash2, Undo2 } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { UserError } from "../../../protocol/errors.ts";
import { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Attach } from "../attach/attach.tsx";
import { type Spoken, Stopped } from "../attach/spoken.ts";
import { name, rememberName } from "../name.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import type { Playback } from "./playback.ts";
import { Refused } from "./refused.tsx";

export interface EditProps {
  comment: Comment;
  debrief: Debrief;
  playback: Playback;
  /** What was spoken is to go when it is saved. */
  without: Signal<boolean>;
  onDone: () => void;
}

export function EditForm({ comment, debrief, playback, without, onDone }: EditProps) {
  const body = useSignal(comment.body);
  /** What it is an edit of: another version than this one is somebody else's. */
  const version = useSignal(comment.version);
  const theirs = useSignal<Comment | null>(null);
  const { held, speaking, busy } = useSpoken();
  const save = async (text: string) => {
    const spoken = held.value;
    const attached = spoken ? { attachmentId: await debrief.send(spoken) } : without.value ? { attachmentId: null } : {};
    await debrief.edit(comment.id, { body: text, version: version.value, ...attached });
    announce(t("feedback:thread.changed"));
    onDone();
  };
  const conflict = (error: unknown): boolean => {
    if (error instanceof UserError && error.code === "not-found") held.value?.again();
    const now = error instanceof UserError && error.code === "changed" ? Comment.safeParse(error.current) : null;
    if (!now?.success) return false;
    theirs.value = now.data;
    version.value = now.data.version;
    return true;
  };
  return (
    <>
      {theirs.value && (
        <div class="notice warn conflict" role="alert">
          <p class="small">{t("feedback:conflict.words")}</p>
          <blockquote>{theirs.value.body}</blockquote>
          <div class="row">
            <button type="button" class="button" onClick={() => (body.value = `${theirs.value?.body ?? ""}\n\n${body.value}`)}>
              {t("feedback:conflict.both")}
            </button>
            <button type="button" class="button" onClick={onDone}>
              {t("feedback:conflict.theirs")}
            </button>
          </div>
        </div>
      )}
      <TextForm
        label={t("feedback:thread.editLabel")}
        button={theirs.value ? t("feedback:conflict.mine") : t("feedback:thread.save")}
        body={body}
        busy={busy}
        spoken={held.value !== null || (comment.attachment !== null && !without.value)}
        fragile={held.value !== null || speaking.value}
        waits={speaking.value}
        send={save}
        caught={conflict}
        onDone={onDone}
      >
        {debrief.wrote(comment) && (
          <>
            {comment.attachment && !held.value && !speaking.value && <Leaving without={without} />}
            {comment.attachment && !without.value && (held.value || speaking.value) && (
              <p class="soft small">{t("feedback:attach.instead")}</p>
            )}
            <Attach held={held} speaking={speaking} busy={busy} onBegin={() => playback.pause()} onDropped={() => undefined} />
          </>
        )}
      </TextForm>
    </>
  );
}

/** Takes the recording out of the comment, or leaves it there, until it is saved. */
function Leaving({ without }: { without: Signal<boolean> }) {
  const goes = without.value;
  return (
    <div class="row">
      {goes && (
        <span class="soft small" role="status">
          {t("feedback:attach.goes")}
        </span>
      )}
      <button type="button" class="button small quiet" onClick={() => (without.value = !goes)}>
        {goes ? <Undo2 size={16} aria-hidden="true" /> : <Trash2 size={16} aria-hidden="true" />}
        {t(goes ? "feedback:attach.keep" : "feedback:attach.away")}
      </button>
    </div>
  );
}

/** What is spoken beside the words of one form; gone with it. */
function useSpoken() {
  const held = useSignal<Spoken | null>(null);
  const speaking = useSignal(false);
  const busy = useSignal(false);
  useEffect(() => () => held.peek()?.close(), []);
  return { held, speaking, busy };
}

export function ReplyForm(props: { first: Comment; debrief: Debrief; playback: Playback; onDone: () => void }) {
  const { first, debrief, playback, onDone } = props;
  const body = useSignal("");
  const { held, speaking, busy } = useSpoken();
  const author = useSignal(name.value);
  const asks = useRef(debrief.me === null);
  const send = async (text: string) => {
    const called = author.value.trim();
    if (called) {
      rememberName(called);
      await debrief.join(called, null);
    }
    const spoken = held.value;
    const attached = spoken ? { attachmentId: await debrief.send(spoken) } : {};
    await debrief.post({ atMs: first.atMs, body: text, parentId: first.id, ...attached });
    announce(t("feedback:thread.replied"));
    onDone();
  };
  return (
    <>
      {asks.current && (
        <input
          type="text"
          aria-label={t("feedback:box.name")}
          placeholder={t("feedback:box.name")}
          maxLength={80}
          value={author.value}
          onInput={(event) => (author.value = event.currentTarget.value)}
        />
      )}
      <TextForm
        label={t("feedback:thread.replyLabel")}
        button={t("feedback:thread.replySend")}
        body={body}
        send={send}
        caught={(error) => {
          if (error instanceof UserError && error.code === "not-found") held.value?.again();
          return false;
        }}
        busy={busy}
        spoken={held.value !== null}
        fragile={held.value !== null || speaking.value}
        waits={speaking.value}
        onDone={onDone}
      >
        <Attach held={held} speaking={speaking} busy={busy} onBegin={() => playback.pause()} onDropped={() => undefined} />
      </TextForm>
    </>
  );
}

interface TextFormProps {
  label: string;
  button: string;
  body: { value: string };
  send: (text: string) => Promise<void>;
  /** True: whoever asked deals with it. */
  caught?: (error: unknown) => boolean;
  /** It is being sent. */
  busy: Signal<boolean>;
  /** There is something beside the words, so there need be none. */
  spoken: boolean;
  /** Something is here that is nowhere else: Escape, pressed too soon, does not lose it. */
  fragile: boolean;
  /** Not yet: something is being recorded. */
  waits: boolean;
  children?: ComponentChildren;
  onDone: () => void;
}

/** Words that stay until they were taken. Enter sends, Escape gives up. */
function TextForm({ label, button, body, send, caught, busy, spoken, fragile, waits, children, onDone }: TextFormProps) {
  const failure = useSignal<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async () => {
    const text = body.value.trim();
    if ((!text && !spoken) || waits || busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await send(text);
    } catch (error) {
      if (error instanceof Stopped) announce(t("feedback:attach.stopped"));
      else if (!caught?.(error)) failure.value = t(fragile ? "feedback:box.keptSpoken" : "feedback:box.kept", { why: sentence(error) });
    } finally {
      busy.value = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !fragile) onDone();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void submit();
  };
  return (
    <form class="comment-box" onSubmit={onSubmit}>
      <textarea
        ref={field}
        aria-label={label}
        rows={2}
        maxLength={10_000}
        value={body.value}
        onInput={(event) => (body.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {children}
      {failure.value && <Refused words={failure.value} onAgain={fragile ? () => void submit() : null} />}
      <div class="row">
        <button type="submit" class="button primary" disabled={busy.value || waits || (!spoken && !body.value.trim())}>
          {button}
        </button>
        <button type="button" class="button quiet" onClick={onDone}>
          {t("feedback:thread.cancel")}
        </button>
      </div>
    </form>
  );
}
