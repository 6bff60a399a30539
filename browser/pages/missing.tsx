// An address that leads nowhere.
import { Failure } from "./failure.tsx";
import { Frame } from "./frame.tsx";
import { t } from "./words.ts";

export function Missing() {
  return (
    <Frame>
      <Failure
        title={t("instead:missing.title")}
        actions={
          <a class="button primary" href="/">
            {t("instead:missing.home")}
          </a>
        }
      >
        {t("instead:missing.words")}
      </Failure>
    </Frame>
  );
}
