// In secret first: what is hidden and why, the button that hands in, and for the host the one that shows everything now.
import { useSignal } from "@preact/signals";
import { EyeOff } from "lucide-preact";
import { announce } from "../announce.tsx";
import { Question } from "../question.tsx";
import { dateText } from "../time.ts";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";
import { WhoForm } from "./me.tsx";

export function HandIn({ debrief }: { debrief: Debrief }) {
  const feedback = debrief.feedback.value;
  const { attempt, failure } = useAttempts();
  const asking = useSignal(false);
  /** Handing in needs a name first. */
  const naming = useSignal(false);
  if (!feedback?.independent) return null;
  if (!feedback.hidden) return <Revealed debrief={debrief} />;
  const handIn = () => debrief.handIn();
  const press = () => {
    if (debrief.me) void attempt(handIn, t("feedback:round.handedIn"));
    else naming.value = true;
  };
  const awaited = debrief.awaited.value;
  const done = feedback.reviewers.filter(({ handedInAt }) => handedInAt !== null).length;
  return (
    <div class="hand-in">
      <EyeOff size={20} aria-hidden="true" />
      <p class="small">
        {t("feedback:round.hidden")} {t("feedback:round.progress", { done, all: feedback.reviewers.length })}
        {awaited.length > 0 && ` ${t("feedback:round.awaited", { names: awaited.join(", ") })}`}
      </p>
      <div class="row">
        {debrief.may("comment") && !naming.value && !debrief.me?.handedInAt && (
          <button type="button" class="button" onClick={press}>
            {t("feedback:round.handIn")}
          </button>
        )}
        {debrief.me?.handedInAt && <span class="chip safe">{t("feedback:round.handedIn")}</span>}
        {debrief.may("host") && (
          <button type="button" class="button quiet" onClick={() => (asking.value = true)}>
            {t("feedback:round.reveal")}
          </button>
        )}
      </div>
      {naming.value && (
        <WhoForm
          who={debrief.who}
          button={t("feedback:round.handIn")}
          onSay={async () => {
            await debrief.introduce();
            await handIn();
            naming.value = false;
            announce(t("feedback:round.handedIn"));
          }}
          onCancel={() => (naming.value = false)}
        />
      )}
      <WhyNot failure={failure} />
      {asking.value && (
        <Question
          title={t("feedback:round.revealTitle")}
          yes={t("feedback:round.revealYes")}
          onYes={() => void attempt(() => debrief.reveal(), t("feedback:round.revealed"))}
          onClose={() => (asking.value = false)}
        >
          {t("feedback:round.revealWords")}
        </Question>
      )}
    </div>
  );
}

/** Who had handed in before they saw anything, and who saw whose feedback first. */
function Revealed({ debrief }: { debrief: Debrief }) {
  const feedback = debrief.feedback.value;
  if (!feedback?.revealedAt) return null;
  const nameOf = (id: string) => feedback.reviewers.find((one) => one.id === id)?.name ?? t("feedback:thread.somebody");
  return (
    <details class="small revealed">
      <summary>{t("feedback:round.revealedAt", { time: dateText(feedback.revealedAt) })}</summary>
      <ul>
        {feedback.reviewers.map((one) => (
          <li key={one.id}>
            {one.handedInAt
              ? t("feedback:round.before", { name: one.name, time: dateText(one.handedInAt) })
              : t("feedback:round.without", { name: one.name })}
          </li>
        ))}
        {feedback.sights.map(({ reviewerId, ofId, seenAt }) => (
          <li key={`${reviewerId}-${ofId}`}>
            {t("feedback:round.saw", { name: nameOf(reviewerId), of: nameOf(ofId), time: dateText(seenAt) })}
          </li>
        ))}
      </ul>
    </details>
  );
}
