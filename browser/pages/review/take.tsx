// Feedback to take along: tables, captions, and a page that prints.
import { useSignal } from "@preact/signals";
import { FileDown, Printer } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Comment } from "../../../protocol/feedback.ts";
import { sentence } from "../api.ts";
import { clockText, dateText } from "../time.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import { markerName } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import { save } from "./savefile.ts";

export function Take({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const failure = useSignal<string | null>(null);
  const printing = useSignal(false);
  const file = async (name: string) => {
    failure.value = null;
    try {
      save(await debrief.api.file(`/recordings/${recording.id}/${name}`), `${recording.roomName} ${name}`);
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  useEffect(() => {
    if (!printing.value) return;
    window.print();
    printing.value = false;
  }, [printing.value]);
  return (
    <div class="take">
      <button type="button" class="button" onClick={() => void file("comments.csv")}>
        <FileDown size={20} aria-hidden="true" />
        {t("feedback:take.csv")}
      </button>
      <button type="button" class="button" onClick={() => void file("comments.vtt")}>
        <FileDown size={20} aria-hidden="true" />
        {t("feedback:take.vtt")}
      </button>
      {debrief.feedback.value?.rubric && (
        <button type="button" class="button" onClick={() => void file("scores.csv")}>
          <FileDown size={20} aria-hidden="true" />
          {t("feedback:take.scores")}
        </button>
      )}
      <button type="button" class="button" onClick={() => (printing.value = true)}>
        <Printer size={20} aria-hidden="true" />
        {t("feedback:take.print")}
      </button>
      <WhyNot failure={failure} />
      {printing.value && <Sheet recording={recording} debrief={debrief} />}
    </div>
  );
}

/** Paper does not play it. */
function Spoken({ comment: { attachment } }: { comment: Comment }) {
  return attachment && <em>({t(`feedback:attached.${attachment.kind}`, { time: clockText(attachment.durationMs) })})</em>;
}

/** Everything that was said, in order; only on paper. */
function Sheet({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const feedback = debrief.feedback.value;
  const people = new Map(recording.tracks.map(({ participant }) => [participant.id as string, participant.name]));
  const nameOf = (id: string) => feedback?.reviewers.find((one) => one.id === id)?.name ?? t("feedback:thread.somebody");
  return (
    <div class="sheet">
      <h1>{recording.roomName}</h1>
      <p>
        {dateText(recording.startedAt)} · {clockText(recording.durationMs)} · {[...new Set(people.values())].join(", ")}
      </p>
      <h2>{t("feedback:title")}</h2>
      {debrief.threads.value.map(({ first, replies }) => {
        // Paper is handed on.
        if (first.private) return null;
        const marker = feedback?.markers.find(({ id }) => id === first.marker);
        return (
          <div key={first.id} class="sheet-thread">
            <p>
              <strong>
                {clockText(first.atMs)}
                {first.endMs === null ? "" : `–${clockText(first.endMs)}`} {first.author ?? t("feedback:thread.somebody")}
              </strong>{" "}
              {marker && `(${markerName(marker, feedback?.ownMarkers ?? false)}) `}
              {people.get(first.participantId ?? "") && t("feedback:thread.to", { name: people.get(first.participantId ?? "") ?? "" })}
            </p>
            <p class="comment-body">{first.deletedAt ? t("feedback:thread.deleted") : first.body}</p>
            <Spoken comment={first} />
            {replies.map((reply) => (
              <p key={reply.id} class="sheet-reply comment-body">
                <strong>{reply.author ?? t("feedback:thread.somebody")}</strong> {reply.body} <Spoken comment={reply} />
              </p>
            ))}
          </div>
        );
      })}
      {feedback?.rubric && debrief.scores.value.length > 0 && (
        <>
          <h2>{feedback.rubric.title}</h2>
          {debrief.scores.value.map((score) => {
            const item = feedback.rubric?.items.find(({ id }) => id === score.item);
            return (
              <p key={`${score.reviewerId}-${score.aboutId}-${score.item}`}>
                {people.get(score.aboutId)}, {item?.title ?? score.item}: <strong>{score.value ?? "–"}</strong>{" "}
                {item?.scale.find(({ value }) => value === score.value)?.anchor} ({nameOf(score.reviewerId)})
              </p>
            );
          })}
        </>
      )}
    </div>
  );
}
