// What I noted down in the call for myself, at debrief: how much of it there is, and the button that makes comments of all of it.
import { useSignal } from "@preact/signals";
import { LockKeyhole } from "lucide-preact";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Question } from "../question.tsx";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";

export function Notes({ debrief }: { debrief: Debrief }) {
  const asking = useSignal(false);
  const failure = useSignal<string | null>(null);
  const count = debrief.notes.length;
  if (count === 0) return null;
  const publish = async () => {
    failure.value = null;
    try {
      await debrief.publish();
      announce(t("feedback:note.published"));
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  return (
    <div class="hand-in">
      <LockKeyhole size={20} aria-hidden="true" />
      <p class="small">{t("feedback:note.mine", { count })}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => (asking.value = true)}>
          {t("feedback:note.publishAll")}
        </button>
      </div>
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
      {asking.value && (
        <Question
          title={t("feedback:note.publishTitle")}
          yes={t("feedback:note.publishAll")}
          onYes={() => void publish()}
          onClose={() => (asking.value = false)}
        >
          {t("feedback:note.publishWords")}
        </Question>
      )}
    </div>
  );
}
