// What people said about moments of the film: the threads, and the box that writes the next one.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Comment } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { clockText, spokenTime } from "../time.ts";
import { t } from "../words.ts";
import { saidIn } from "./attached.tsx";
import { WhyNot } from "./attempt.tsx";
import { boxId, CommentBox } from "./box.tsx";
import { Claims } from "./claims.tsx";
import type { Debrief } from "./debrief.ts";
import { Draft } from "./draft.ts";
import { HandIn } from "./handin.tsx";
import { LongList } from "./list.tsx";
import { YouAre } from "./me.tsx";
import { Notes } from "./notes.tsx";
import type { Playback } from "./playback.ts";
import { Keys, listenToKeys } from "./shortcuts.tsx";
import { ThreadView } from "./thread.tsx";
import { neighbour } from "./threads.ts";
import { Writings } from "./writing.ts";

export interface CommentsProps {
  recording: Recording;
  playback: Playback;
  debrief: Debrief;
}

export function Comments({ recording, playback, debrief }: CommentsProps) {
  const draft = useMemo(() => new Draft(debrief, playback), [debrief, playback]);
  const writings = useMemo(() => new Writings(debrief), [debrief]);
  useEffect(() => () => writings.close(), [writings]);
  const sought = useSignal("");
  const shown = useComputed(() => {
    const word = sought.value.trim().toLocaleLowerCase();
    if (!word) return debrief.threads.value;
    const has = ({ body, author }: Comment) => `${author ?? ""} ${body}`.toLocaleLowerCase().includes(word);
    const { value: written } = writings.threads;
    return debrief.threads.value.filter(({ first, replies }) => written.has(first.id) || has(first) || replies.some(has));
  });
  const people = useMemo(
    () => new Map(recording.tracks.map(({ participant }) => [participant.id as string, participant.name])),
    [recording],
  );
  const seek = (comment: Comment) => {
    debrief.selected.value = comment.parentId ?? comment.id;
    playback.seek(comment.atMs);
  };
  const go = (by: 1 | -1) => {
    const next = neighbour(shown.value, debrief.selected.value, playback.exactMs(), by)?.first;
    if (!next) return announce(by === 1 ? t("feedback:keys.noNext") : t("feedback:keys.noPrevious"));
    seek(next);
    announce(
      t("feedback:keys.at", {
        time: clockText(next.atMs),
        name: next.author ?? t("feedback:thread.somebody"),
        words: saidIn(next).slice(0, 200),
      }),
    );
  };
  const resolve = async () => {
    const thread = debrief.threads.value.find(({ first }) => first.id === debrief.selected.value);
    if (!thread || !debrief.may("comment")) return;
    try {
      const { resolvedAt } = await debrief.edit(thread.first.id, { resolved: thread.first.resolvedAt === null });
      announce(resolvedAt ? t("feedback:thread.resolved") : t("feedback:thread.reopened"));
    } catch (error) {
      announce(sentence(error));
    }
  };
  useEffect(
    () =>
      listenToKeys({
        c: () => document.getElementById(boxId)?.focus(),
        n: () => go(1),
        N: () => go(-1),
        e: () => void resolve(),
        i: () => draft.begin(),
        o: () => draft.end(),
      }),
    [draft],
  );
  const all = debrief.threads.value.length;
  return (
    <section class="card comments" aria-labelledby="comments">
      <div class="comments-title">
        <h2 id="comments">{t("feedback:title")}</h2>
        {all > 0 && <span class="soft small">{t("feedback:count", { count: all })}</span>}
      </div>
      <WhyNot failure={debrief.failure} />
      <Claims debrief={debrief} />
      <HandIn debrief={debrief} />
      <Notes debrief={debrief} />
      {(all > searchFrom || sought.value !== "") && (
        <input
          type="search"
          aria-label={t("feedback:search")}
          placeholder={t("feedback:search")}
          value={sought.value}
          onInput={(event) => (sought.value = event.currentTarget.value)}
        />
      )}
      {all === 0 && <p class="soft small">{debrief.loading.value ? t("feedback:loading") : t("feedback:empty")}</p>}
      {all > 0 && shown.value.length === 0 && <p class="soft small">{t("feedback:notFound")}</p>}
      <LongList
        class="comment-list"
        label={t("feedback:list")}
        ids={shown.value.map(({ first }) => first.id)}
        current={debrief.selected.value}
        kept={writings.threads.value}
        guessPx={guessPx}
        draw={(index) => (
          <ThreadView
            thread={shown.value[index]!}
            debrief={debrief}
            writings={writings}
            people={people}
            playback={playback}
            onSeek={seek}
          />
        )}
      />
      {debrief.feedback.value && !debrief.may("comment") ? (
        <p class="soft small">{t("feedback:lookOnly")}</p>
      ) : (
        <>
          <YouAre debrief={debrief} />
          <CommentBox
            recording={recording}
            debrief={debrief}
            draft={draft}
            playback={playback}
            onPosted={(atMs) => announce(t("feedback:posted", { time: spokenTime(atMs) }))}
          />
        </>
      )}
      <Keys />
    </section>
  );
}

/** How high a thread is until it was seen. */
const guessPx = 110;
/** Fewer are seen at a glance. */
const searchFrom = 6;
