// Everything that was said and scored, in order, as it stands on paper.
import type { Recording } from "../../../protocol/api.ts";
import type { Comment, Feedback, Rubric, Score } from "../../../protocol/feedback.ts";
import { clockText, dateText } from "../time.ts";
import { t } from "../words.ts";
import { markerCalled } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import { evidenceText } from "./rubric.tsx";

/** Paper does not play it. */
function Spoken({ comment: { attachment } }: { comment: Comment }) {
  return attachment && <em>({t(`feedback:attached.${attachment.kind}`, { time: clockText(attachment.durationMs) })})</em>;
}

/** Everything that was said, in order; only on paper. */
export function Sheet({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const feedback = debrief.feedback.value;
  const people = new Map(recording.tracks.map(({ participant }) => [participant.id as string, participant.name]));
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
        return (
          <div key={first.id} class="sheet-thread">
            <p>
              <strong>
                {clockText(first.atMs)}
                {first.endMs === null ? "" : `–${clockText(first.endMs)}`} {first.author ?? t("feedback:thread.somebody")}
              </strong>{" "}
              {first.marker && `(${markerCalled(first.marker, feedback)}) `}
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
      {feedback?.rubric && <Scores rubric={feedback.rubric} reviewers={feedback.reviewers} scores={debrief.scores.value} people={people} />}
    </div>
  );
}

interface ScoresProps {
  rubric: Rubric;
  reviewers: Feedback["reviewers"];
  scores: readonly Score[];
  people: ReadonlyMap<string, string>;
}

/** Person by person, in the rubric's order, so that what different eyes saw of one thing stands together. */
function Scores({ rubric, reviewers, scores, people }: ScoresProps) {
  if (scores.length === 0) return null;
  return (
    <>
      <h2>{rubric.title}</h2>
      {[...people].map(([id, name]) => {
        const about = scores.filter(({ aboutId }) => aboutId === id);
        if (about.length === 0) return null;
        return (
          <section key={id}>
            <h3>{t("feedback:rubric.aboutOne", { name })}</h3>
            {rubric.items.map((item) => {
              const given = reviewers.flatMap(({ id: by, name: reviewer }) => {
                const score = about.find((one) => one.item === item.id && one.reviewerId === by);
                return score ? [{ score, reviewer }] : [];
              });
              if (given.length === 0) return null;
              return (
                <div key={item.id} class="sheet-thread">
                  <h4>{item.title}</h4>
                  {given.map(({ score, reviewer }) => (
                    <p key={score.reviewerId} class="sheet-reply comment-body">
                      {reviewer}: <strong>{score.value ?? "–"}</strong> {item.scale.find(({ value }) => value === score.value)?.anchor}
                      {score.evidence.length > 0 && ` (${score.evidence.map(evidenceText).join(", ")})`}
                      {score.words && <br />}
                      {score.words}
                    </p>
                  ))}
                </div>
              );
            })}
          </section>
        );
      })}
    </>
  );
}
