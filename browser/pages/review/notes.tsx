// What I noted down in the call for myself, at debrief: how much of it there is, and the button that makes comments of all of it.
import { useSignal } from "@preact/signals";
import { LockKeyhole } from "lucide-preact";
import { Question } from "../question.tsx";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";

export function Notes({ debrief }: { debrief: Debrief }) {
  const asking = useSignal(false);
  const { attempt, failure } = useAttempts();
  const count = debrief.notes.length;
  if (count === 0) return null;
  return (
    <div class="hand-in">
      <LockKeyhole size={20} aria-hidden="true" />
      <p class="small">{t("feedback:note.mine", { count })}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => (asking.value = true)}>
          {t("feedback:note.publishAll")}
        </button>
      </div>
      <WhyNot failure={failure} />
      {asking.value && (
        <Question
          title={t("feedback:note.publishTitle")}
          yes={t("feedback:note.publishAll")}
          onYes={() => void attempt(() => debrief.publish(), t("feedback:note.published"))}
          onClose={() => (asking.value = false)}
        >
          {t("feedback:note.publishWords")}
        </Question>
      )}
    </div>
  );
}
