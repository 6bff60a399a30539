// What is missing of a recording or went wrong with it, in words. Promise: as many sentences as the server has, in the person's language.
import type { Recording, Trouble } from "../../../protocol/api.ts";
import { sizeText } from "../size.ts";
import { clockText } from "../time.ts";
import { language, t } from "../words.ts";

/** English sentences stay as the server wrote them, as refusals do: they know more than the facts. */
export function problemsOf({ problems, troubles }: Pick<Recording, "problems" | "troubles">): string[] {
  return language() === "en" ? problems : troubles.map(sentenceOf);
}

function sentenceOf(trouble: Trouble): string {
  switch (trouble.kind) {
    case "disk-full":
    case "not-composed":
    case "nothing":
      return t(`refusals:problem.${trouble.kind}`);
    case "absent":
      return t("refusals:problem.absent", { name: trouble.name, ...span(trouble) });
    default:
      return t("refusals:problem.of", { whose: t(`refusals:problem.${trouble.source}`, trouble), what: whatOf(trouble) });
  }
}

/** What happened to one track. */
function whatOf(trouble: Extract<Trouble, { source: unknown }>): string {
  const wayBack = t("refusals:problem.wayBack", { name: trouble.name });
  if (trouble.kind === "quiet") return `${t("refusals:problem.quiet", span(trouble))} ${wayBack}`;
  if (trouble.kind !== "lost") return t(`refusals:problem.${trouble.kind}`);
  const here = trouble.bytes > 0 ? t("refusals:problem.some", { size: sizeText(trouble.bytes) }) : t("refusals:problem.none");
  return `${here} ${wayBack}`;
}

const span = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({ from: clockText(fromMs), to: clockText(toMs) });
