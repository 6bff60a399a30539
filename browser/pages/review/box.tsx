// The comment box: Enter posts at the moment the writing began, Shift and Enter starts a new line, Escape gives up.
import { useMemo, useRef } from "preact/hooks";
import type { Comment, Recording } from "../../../protocol/api.ts";
import type { Api } from "../api.ts";
import { name } from "../name.ts";
import { clockText } from "../time.ts";
import { Draft } from "./draft.ts";
import type { Playback } from "./playback.ts";

export function CommentBox(props: { recording: Recording; api: Api; playback: Playback; onPosted: (comment: Comment) => void }) {
  const { recording, api, playback } = props;
  const draft = useMemo(() => new Draft(recording.id, api, playback), [recording.id, api, playback]);
  /** Asked once, and not taken away under the hand that types it. */
  const asksName = useRef(name.value === "");
  const post = async () => {
    const comment = await draft.post();
    if (comment) props.onPosted(comment);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") draft.giveUp();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void post();
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void post();
  };
  return (
    <form class="comment-box" onSubmit={onSubmit}>
      {asksName.current && (
        <input
          type="text"
          aria-label="Your name"
          placeholder="Your name"
          maxLength={80}
          value={draft.author.value}
          onInput={(event) => (draft.author.value = event.currentTarget.value)}
        />
      )}
      <textarea
        aria-label="Comment"
        aria-describedby="comment-keys"
        placeholder="Write about this moment"
        rows={2}
        maxLength={10_000}
        value={draft.body.value}
        onInput={(event) => draft.write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {draft.failure.value && (
        <p class="notice warn small" role="alert">
          {draft.failure.value}
        </p>
      )}
      <div class="comment-foot">
        <span id="comment-keys" class="soft small">
          At <span class="clock">{clockText(draft.moment.value?.atMs ?? playback.atMs.value)}</span>. Enter posts, Shift and Enter starts a
          new line.
        </span>
        <button type="submit" class="button primary" disabled={draft.busy.value || !draft.body.value.trim()}>
          Post
        </button>
      </div>
    </form>
  );
}
