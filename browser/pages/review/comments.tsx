// What people said about moments of the film: the list, newest moment last, and the box that writes the next one.
import { useSignal } from "@preact/signals";
import { Trash2 } from "lucide-preact";
import type { Comment, Recording } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { type Api, sentence } from "../api.ts";
import type { Loaded } from "../loaded.ts";
import { clockText, spokenTime } from "../time.ts";
import { CommentBox } from "./box.tsx";
import type { Playback } from "./playback.ts";

export interface CommentsProps {
  recording: Recording;
  api: Api;
  playback: Playback;
  items: Comment[];
  loaded: Loaded<Comment[]>;
}

export function Comments(props: CommentsProps) {
  const { api, playback, items, loaded, recording } = props;
  const failure = useSignal<string | null>(null);
  const remove = async (comment: Comment) => {
    failure.value = null;
    try {
      await api.deleteComment(comment.id);
      loaded.value.value = (loaded.value.value ?? []).filter((one) => one.id !== comment.id);
      announce("Comment deleted.");
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  const posted = (comment: Comment) => {
    loaded.value.value = [...(loaded.value.value ?? []), comment];
    announce(`Comment posted at ${spokenTime(comment.atMs)}.`);
  };
  return (
    <section class="card comments" aria-labelledby="comments">
      <h2 id="comments">Comments</h2>
      {(failure.value ?? loaded.failure.value) && (
        <p class="notice warn small" role="alert">
          {failure.value ?? loaded.failure.value?.message}
        </p>
      )}
      {items.length === 0 && (
        <p class="soft small">Nobody has said anything yet. Start typing while the film plays; it pauses and keeps the moment.</p>
      )}
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari drops the role of a list without bullets */}
      <ul class="comment-list" role="list" aria-label="Comments">
        {items.map((comment) => (
          <li key={comment.id}>
            <button type="button" class="comment" onClick={() => playback.seek(comment.atMs)}>
              <span class="comment-head">
                <span class="chip busy clock">{clockText(comment.atMs)}</span>
                <span class="comment-author">{comment.author ?? "Somebody"}</span>
              </span>
              <span class="comment-body">{comment.body}</span>
            </button>
            <button
              type="button"
              class="button quiet square"
              aria-label={`Delete comment at ${clockText(comment.atMs)}`}
              onClick={() => void remove(comment)}
            >
              <Trash2 size={16} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <CommentBox recording={recording} api={api} playback={playback} onPosted={posted} />
    </section>
  );
}
