// Why the server has ended a stay, and what to do next.
import { wordsOf } from "../api.ts";
import type { Visit } from "../call/visit.ts";
import { Failure } from "../failure.tsx";
import { SafeStatus } from "../safe/status.tsx";
import { t } from "../words.ts";

/** What the server's refusals look like, by code: each has a title and words of its own, and whether coming back may help at once. */
const faces = {
  "room-full": { face: "full", act: "again" },
  "room-locked": { face: "locked", act: "again" },
  removed: { face: "removed", act: null },
  replaced: { face: "replaced", act: "back" },
} as const;

export function TurnedAway(props: { visit: Visit; onRejoin: () => void }) {
  const { visit } = props;
  const { refusal } = visit.view.value;
  const known = refusal && refusal.code in faces ? faces[refusal.code as keyof typeof faces] : null;
  const act = known ? known.act : "back";
  return (
    <Failure
      title={t(`refused:${known?.face ?? "over"}.title`)}
      actions={
        act && (
          <button type="button" class="button primary" onClick={props.onRejoin}>
            {t(`refused:${act}`)}
          </button>
        )
      }
    >
      <p>{known ? t(`refused:${known.face}.words`) : refusal ? wordsOf(refusal) : t("refused:closed")}</p>
      {known?.face === "removed" && visit.uploads.value.length > 0 && <p>{t("refused:removed.kept")}</p>}
      {visit.uploads.value.length > 0 && <SafeStatus uploads={visit.uploads.value} />}
    </Failure>
  );
}
