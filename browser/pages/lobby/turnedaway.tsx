// Why the server has ended a stay, and what to do next.
import { wordsOf } from "../api.ts";
import type { Visit } from "../call/visit.ts";
import { Failure } from "../failure.tsx";
import { SafeStatus } from "../safe/status.tsx";
import { t } from "../words.ts";

/** What the server's refusals look like, by code: "full" has a title, words of its own, and whether coming back may help at once. */
const faces = {
  "wrong-version": { face: "version", words: false, act: "reload" },
  "room-full": { face: "full", words: true, act: "again" },
  "room-locked": { face: "locked", words: true, act: "again" },
  removed: { face: "removed", words: true, act: null },
  replaced: { face: "replaced", words: true, act: "back" },
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
          <button type="button" class="button primary" onClick={act === "reload" ? () => window.location.reload() : props.onRejoin}>
            {t(`refused:${act}`)}
          </button>
        )
      }
    >
      <p>{known?.words ? t(`refused:${known.face}.words`) : refusal ? wordsOf(refusal) : t("refused:closed")}</p>
      {visit.mine.value.size > 0 && <SafeStatus uploads={visit.uploads.value} />}
    </Failure>
  );
}
