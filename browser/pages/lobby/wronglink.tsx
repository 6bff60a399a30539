// A link that opens no room: torn, or to a room that is not there. What happened and whom to ask.
import { Failure } from "../failure.tsx";
import { t } from "../words.ts";

/** `whole`: the link has all its parts. */
export function WrongLink({ whole }: { whole: boolean }) {
  return (
    <Failure
      title={t("refused:link.title")}
      actions={
        <a class="button" href="/">
          {t("refused:link.home")}
        </a>
      }
    >
      <p>{t(whole ? "refused:link.unknown" : "refused:link.incomplete")}</p>
      <p class="soft">{t("refused:link.askAgain")}</p>
    </Failure>
  );
}
