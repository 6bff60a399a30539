// For the host: whoever came by a link and says that they are somebody on the film. It counts once the host has said that it is true.
import { UserRoundCheck } from "lucide-preact";
import type { Reviewer } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";

export function Claims({ debrief }: { debrief: Debrief }) {
  const { attempt, failure } = useAttempts();
  const claims = debrief.claims.value;
  const answer = (who: Reviewer, confirmed: boolean) =>
    void attempt(() => debrief.answerClaim(who, confirmed), t(confirmed ? "feedback:claim.confirmed" : "feedback:claim.denied"));
  return (
    <>
      {claims.map(({ who, person }) => (
        <div key={who.id} class="hand-in">
          <UserRoundCheck size={20} aria-hidden="true" />
          <p id={`claim-${who.id}`} class="small">
            {t("feedback:claim.says", { name: who.name, person })} {t("feedback:claim.words")}
          </p>
          <div class="row">
            <button type="button" class="button" aria-describedby={`claim-${who.id}`} onClick={() => answer(who, true)}>
              {t("feedback:claim.yes")}
            </button>
            <button type="button" class="button quiet" aria-describedby={`claim-${who.id}`} onClick={() => answer(who, false)}>
              {t("feedback:claim.no")}
            </button>
          </div>
        </div>
      ))}
      <WhyNot failure={failure} />
    </>
  );
}
