// Changing a comment, and answering one. Promise: when somebody else was faster, both texts are there and nobody's is overwritten unseen.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { UserError } from "../../../protocol/errors.ts";
import { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { name, rememberName } from "../name.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";

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
        send={save}
        caught={conflict}
        onDone={onDone}
      />
    </>
  );
}

export function ReplyForm({ first, debrief, onDone }: { first: Comment; debrief: Debrief; onDone: () => void }) {
  const body = useSignal("");
  const author = useSignal(name.value);
  const asks = useRef(debrief.me === null);
  const send = async (text: string) => {
    const called = author.value.trim();
    if (called) {
      rememberName(called);
      await debrief.join(called, null);
    }
    await debrief.post({ atMs: first.atMs, body: text, parentId: first.id });
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
      <TextForm label={t("feedback:thread.replyLabel")} button={t("feedback:thread.replySend")} body={body} send={send} onDone={onDone} />
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
  onDone: () => void;
}

/** Words that stay until they were taken. Enter sends, Escape gives up. */
function TextForm({ label, button, body, send, caught, onDone }: TextFormProps) {
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = body.value.trim();
    if (!text || busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await send(text);
    } catch (error) {
      if (!caught?.(error)) failure.value = t("feedback:box.kept", { why: sentence(error) });
    } finally {
      busy.value = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
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
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary" disabled={busy.value || !body.value.trim()}>
          {button}
        </button>
        <button type="button" class="button quiet" onClick={onDone}>
          {t("feedback:thread.cancel")}
        </button>
      </div>
    </form>
  );
}
