// An address that leads nowhere.
import { Failure } from "./failure.tsx";
import { Frame } from "./frame.tsx";
import { t } from "./words.ts";

export function Missing() {
  return (
    <Frame>
      <Failure
        title={t("missing.title")}
        actions={
          <a class="button primary" href="/">
            {t("missing.home")}
          </a>
        }
      >
        {t("missing.words")}
      </Failure>
    </Frame>
  );
}
