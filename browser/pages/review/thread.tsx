// One thread: a comment, what is done with it, its replies.
import { Check, CheckCheck, LockKeyhole, Pencil, Reply, Trash2 } from "lucide-preact";
import type { Comment } from "../../../protocol/feedback.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { Attached } from "./attached.tsx";
import { useAttempts, WhyNot } from "./attempt.tsx";
import { Badge, MarkerChip } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import { EditForm, ReplyForm } from "./forms.tsx";
import type { Playback } from "./playback.ts";
import { faceOf, type Thread } from "./threads.ts";
import type { Writings } from "./writing.ts";

export interface ThreadProps {
  thread: Thread;
  debrief: Debrief;
  writings: Writings;
  /** Names of the people on the film by id. */
  people: ReadonlyMap<string, string>;
  playback: Playback;
  onSeek: (comment: Comment) => void;
}

export function ThreadView({ thread, debrief, writings, people, playback, onSeek }: ThreadProps) {
  const { first, replies } = thread;
  const reply = writings.replyTo(first);
  const selected = debrief.selected.value === first.id;
  return (
    <div class={`thread${first.private ? " private" : ""}${selected ? " selected" : ""}${first.resolvedAt ? " resolved" : ""}`}>
      <One
        comment={first}
        debrief={debrief}
        writings={writings}
        people={people}
        playback={playback}
        onSeek={onSeek}
        onReply={first.private || reply ? undefined : () => writings.reply(first)}
      />
      {replies.length > 0 && (
        <ul class="replies" aria-label={t("feedback:thread.replies")}>
          {replies.map((one) => (
            <li key={one.id}>
              <One comment={one} debrief={debrief} writings={writings} people={people} playback={playback} onSeek={onSeek} />
            </li>
          ))}
        </ul>
      )}
      {reply && <ReplyForm writing={reply} debrief={debrief} playback={playback} onDone={() => writings.end(reply)} />}
    </div>
  );
}

interface OneProps {
  comment: Comment;
  debrief: Debrief;
  writings: Writings;
  people: ReadonlyMap<string, string>;
  playback: Playback;
  onSeek: (comment: Comment) => void;
  onReply?: (() => void) | undefined;
}

function One({ comment, debrief, writings, people, playback, onSeek, onReply }: OneProps) {
  const edit = writings.editOf(comment);
  const { attempt, failure } = useAttempts();
  const time = comment.endMs === null ? clockText(comment.atMs) : `${clockText(comment.atMs)}–${clockText(comment.endMs)}`;
  const names = { time, name: comment.author ?? t("feedback:thread.somebody") };
  if (comment.deletedAt) return <p class="comment-gone soft small">{t("feedback:thread.deleted")}</p>;
  return (
    <>
      {edit ? (
        <EditForm writing={edit} debrief={debrief} playback={playback} onDone={() => writings.end(edit)} />
      ) : (
        <button type="button" class="comment" onClick={() => onSeek(comment)}>
          <Head
            comment={comment}
            debrief={debrief}
            time={comment.parentId === null ? time : null}
            to={people.get(comment.participantId ?? "")}
          />
          {comment.body && <span class="comment-body">{comment.body}</span>}
        </button>
      )}
      {comment.attachment && !edit?.without.value && (
        <Attached key={comment.attachment.id} attachment={comment.attachment} names={names} playback={playback} />
      )}
      <WhyNot failure={failure} />
      <div class="comment-acts">
        {comment.private && (
          <button
            type="button"
            class="button small"
            aria-label={t("feedback:note.publish", names)}
            onClick={() => void attempt(() => debrief.edit(comment.id, { private: false }), t("feedback:note.published"))}
          >
            {t("feedback:note.publishOne")}
          </button>
        )}
        {onReply && debrief.may("comment") && <Act name={t("feedback:thread.replyTo", names)} icon={Reply} onClick={onReply} />}
        {comment.parentId === null && !comment.private && debrief.may("comment") && (
          <Act
            name={comment.resolvedAt ? t("feedback:thread.reopen", names) : t("feedback:thread.resolve", names)}
            icon={comment.resolvedAt ? CheckCheck : Check}
            pressed={comment.resolvedAt !== null}
            onClick={() =>
              void attempt(
                () => debrief.edit(comment.id, { resolved: comment.resolvedAt === null }),
                comment.resolvedAt ? t("feedback:thread.reopened") : t("feedback:thread.resolved"),
              )
            }
          />
        )}
        {debrief.mayChange(comment) && !edit && (
          <>
            <Act name={t("feedback:thread.edit", names)} icon={Pencil} onClick={() => writings.edit(comment)} />
            <Act
              name={t("feedback:thread.delete", names)}
              icon={Trash2}
              onClick={() => void attempt(() => debrief.remove(comment.id), t("feedback:thread.deletedNow"))}
            />
          </>
        )}
      </div>
    </>
  );
}

function Act(props: { name: string; icon: typeof Reply; pressed?: boolean; onClick: () => void }) {
  const Icon = props.icon;
  return (
    <button
      type="button"
      class="button quiet square act"
      aria-label={props.name}
      title={props.name}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}

/** `time` null: a reply, whose moment is its thread's. */
function Head(props: { comment: Comment; debrief: Debrief; time: string | null; to: string | undefined }) {
  const { comment, debrief, time, to } = props;
  const feedback = debrief.feedback.value;
  return (
    <span class="comment-head">
      <Badge face={faceOf(comment.author, comment.reviewerId, feedback?.reviewers ?? [])} />
      <span class="comment-author">{comment.author ?? t("feedback:thread.somebody")}</span>
      {time && <span class="chip busy clock">{time}</span>}
      {to && <span class="soft small">{t("feedback:thread.to", { name: to })}</span>}
      {comment.private && (
        <span class="chip">
          <LockKeyhole size={14} aria-hidden="true" /> {t("feedback:note.chip")}
        </span>
      )}
      {comment.marker && <MarkerChip id={comment.marker} feedback={feedback} />}
      {comment.resolvedAt && <span class="chip safe">{t("feedback:thread.resolvedChip")}</span>}
      {comment.editedAt && <span class="soft small">{t("feedback:thread.edited")}</span>}
    </span>
  );
}
