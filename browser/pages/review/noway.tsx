// In the place of the page where a link opens nothing, or nothing now: what happened, and the next step.
import { Failure } from "../failure.tsx";
import { Frame } from "../frame.tsx";
import { t } from "../words.ts";

/** `ended`: the link was good once. */
export function NoWay({ ended = false }: { ended?: boolean }) {
  return (
    <Frame>
      <Failure
        title={t(ended ? "review:door.ended" : "review:door.title")}
        actions={
          <a class="button" href="/">
            {t("review:door.home")}
          </a>
        }
      >
        <p>{t(ended ? "review:door.endedWords" : "review:door.words")}</p>
        <p class="soft">{t(ended ? "review:door.askNew" : "review:door.ask")}</p>
      </Failure>
    </Frame>
  );
}

/** It may pass. `words`: why, for the person. */
export function NotNow({ words }: { words: string }) {
  return (
    <Failure title={t("review:door.trouble")}>
      <p role="alert">{words}</p>
      <p class="soft">{t("review:door.again")}</p>
    </Failure>
  );
}
