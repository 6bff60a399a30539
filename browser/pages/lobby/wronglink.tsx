// A link that opens no room: torn, or to a room that is not there. What happened and whom to ask.
import { Failure } from "../failure.tsx";
import { linkKey } from "../key.ts";
import { t } from "../words.ts";

export function WrongLink() {
  return (
    <Failure
      title={t("refused:link.title")}
      actions={
        <a class="button" href="/">
          {t("refused:link.home")}
        </a>
      }
    >
      <p>{t(linkKey() ? "refused:link.unknown" : "refused:link.incomplete")}</p>
      <p class="soft">{t("refused:link.askAgain")}</p>
    </Failure>
  );
}
