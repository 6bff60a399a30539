// Changing a comment, and answering one. What is written in them is not theirs; see `writing.ts`.
import type { Signal } from "@preact/signals";
import { Trash2, Undo2 } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Comment } from "../../../protocol/feedback.ts";
import { Attach } from "../attach/attach.tsx";
import { t } from "../words.ts";
import { Choices, NoRange, Seconds } from "./about.tsx";
import type { Debrief } from "./debrief.ts";
import { WhoFields } from "./me.tsx";
import type { Playback } from "./playback.ts";
import { Refused } from "./refused.tsx";
import type { Edit, Reply, Writing } from "./writing.ts";

interface FormProps<Kind extends Writing> {
  writing: Kind;
  debrief: Debrief;
  playback: Playback;
  /** Taken, or given up. */
  onDone: () => void;
}

export function EditForm({ writing, debrief, playback, onDone }: FormProps<Edit>) {
  const { comment, without, fragile } = writing;
  const theirs = writing.theirs.value;
  return (
    <>
      {theirs && (
        <div class="notice warn conflict" role="alert">
          <p class="small">{t("feedback:conflict.words")}</p>
          <blockquote>{theirs.body}</blockquote>
          <div class="row">
            <button type="button" class="button" onClick={() => writing.both()}>
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
        button={theirs ? t("feedback:conflict.mine") : t("feedback:thread.save")}
        writing={writing}
        onDone={onDone}
      >
        {comment.parentId === null && <AboutFields writing={writing} debrief={debrief} />}
        {debrief.wrote(comment) && (
          <>
            {comment.attachment && !fragile.value && <Leaving without={without} />}
            {comment.attachment && !without.value && fragile.value && <p class="soft small">{t("feedback:attach.instead")}</p>}
            <Beside writing={writing} playback={playback} />
          </>
        )}
      </TextForm>
    </>
  );
}

/** A reply has its thread's. */
function AboutFields({ writing, debrief }: { writing: Edit; debrief: Debrief }) {
  const { atMs, endMs, marker, participantId } = writing.about.value;
  return (
    <div class="comment-about">
      <fieldset class="range" aria-label={t("feedback:range.label")}>
        <Seconds label={t("feedback:range.from")} ms={atMs} onMs={(ms) => writing.begin(ms)} />
        <Seconds label={t("feedback:range.to")} ms={endMs} onMs={(ms) => writing.end(ms)} />
        {endMs !== null && <NoRange onPress={() => writing.change({ endMs: null })} />}
      </fieldset>
      <Choices
        feedback={debrief.feedback.value}
        people={debrief.who.people.value}
        marker={marker}
        onMarker={(id) => writing.change({ marker: id })}
        to={participantId}
        onTo={(id) => writing.change({ participantId: id as Comment["participantId"] })}
      />
    </div>
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

/** What is spoken beside the words. */
function Beside({ writing, playback }: { writing: Writing; playback: Playback }) {
  const { held, speaking, busy } = writing;
  return <Attach held={held} speaking={speaking} busy={busy} onBegin={() => playback.pause()} onDropped={() => undefined} />;
}

export function ReplyForm({ writing, debrief, playback, onDone }: FormProps<Reply>) {
  return (
    <>
      {debrief.unknown && <WhoFields who={debrief.who} />}
      <TextForm label={t("feedback:thread.replyLabel")} button={t("feedback:thread.replySend")} writing={writing} onDone={onDone}>
        <Beside writing={writing} playback={playback} />
      </TextForm>
    </>
  );
}

interface TextFormProps {
  label: string;
  button: string;
  writing: Writing;
  children?: ComponentChildren;
  onDone: () => void;
}

/** Words that stay until they were taken. Enter sends, Escape gives up. */
function TextForm({ label, button, writing, children, onDone }: TextFormProps) {
  const { body, failure, fragile } = writing;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async () => {
    if (await writing.send()) onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !fragile.value) onDone();
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
      {failure.value && <Refused words={failure.value} onAgain={fragile.value ? () => void submit() : null} />}
      <div class="row">
        <button type="submit" class="button primary" disabled={writing.busy.value || !writing.ready.value}>
          {button}
        </button>
        <button type="button" class="button quiet" onClick={onDone}>
          {t("feedback:thread.cancel")}
        </button>
      </div>
    </form>
  );
}
