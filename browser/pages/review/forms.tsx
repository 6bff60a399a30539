// Changing a comment, and answering one. Promise: when somebody else was faster, both texts are there and nobody's is overwritten unseen.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { UserError } from "../../../protocol/errors.ts";
import { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Attach } from "../attach/attach.tsx";
import type { Spoken } from "../attach/spoken.ts";
import { name, rememberName } from "../name.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import type { Playback } from "./playback.ts";

export function EditForm({ comment, debrief, onDone }: { comment: Comment; debrief: Debrief; onDone: () => void }) {
  const body = useSignal(comment.body);
  /** What it is an edit of: another version than this one is somebody else's. */
  const version = useSignal(comment.version);
  const theirs = useSignal<Comment | null>(null);
  const save = async (text: string) => {
    await debrief.edit(comment.id, { body: text, version: version.value });
    announce(t("feedback:thread.changed"));
    onDone();
  };
  const conflict = (error: unknown): boolean => {
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
        spoken={comment.attachment !== null}
        send={save}
        caught={conflict}
        onDone={onDone}
      />
    </>
  );
}

export function ReplyForm(props: { first: Comment; debrief: Debrief; playback: Playback; onDone: () => void }) {
  const { first, debrief, playback, onDone } = props;
  const body = useSignal("");
  const held = useSignal<Spoken | null>(null);
  const speaking = useSignal(false);
  useEffect(() => () => held.peek()?.close(), []);
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
        spoken={held.value !== null}
        waits={speaking.value}
        onDone={onDone}
      >
        <Attach held={held} speaking={speaking} onBegin={() => playback.pause()} onDropped={() => undefined} />
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
  /** There is something beside the words, so there need be none; and Escape, pressed too soon, does not lose it. */
  spoken?: boolean;
  /** Not yet: something is being recorded. */
  waits?: boolean;
  children?: ComponentChildren;
  onDone: () => void;
}

/** Words that stay until they were taken. Enter sends, Escape gives up. */
function TextForm({ label, button, body, send, caught, spoken = false, waits = false, children, onDone }: TextFormProps) {
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = body.value.trim();
    if ((!text && !spoken) || waits || busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await send(text);
    } catch (error) {
      if (!caught?.(error))
        failure.value = t(children && spoken ? "feedback:box.keptSpoken" : "feedback:box.kept", { why: sentence(error) });
    } finally {
      busy.value = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !(children && (spoken || waits))) onDone();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void submit(event);
  };
  return (
    <form class="comment-box" onSubmit={submit}>
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
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
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
