// What a person gets at the end: how much was recorded, how much of it is safe, and what is missing, in one line.
// Promise: "no gaps" is only said of a track that is safe as a whole.
import type { Safety } from "../../../protocol/call.ts";
import type { Gap } from "../../../protocol/recording.ts";
import { clockText, spokenTime } from "../time.ts";
import { locale, t } from "../words.ts";

export type Receipt = Pick<Safety, "participant" | "source" | "state" | "recordedMs" | "safeMs" | "gaps">;

/** More than this many are counted, not listed. */
const listed = 3;
/** Whoever vanished could not say how much more there is: less than this apart, the two lengths tell nothing. */
const tellableMs = 1000;

export function receiptWords({ state, recordedMs, safeMs, gaps }: Receipt): string {
  if (state === "partial" && safeMs === 0) return t("receipt:nothing");
  if (state !== "safe" && recordedMs === 0 && safeMs === 0) return t("receipt:notYet");
  // What is lost at the end is the rest that did not arrive.
  const between = gaps.filter((gap) => gap.reason !== "lost");
  const lengths = { recorded: clockText(recordedMs), safe: clockText(safeMs) };
  const end = state === "partial" && recordedMs - safeMs < tellableMs;
  const kind = end ? "end" : state === "partial" ? "rest" : state === "safe" ? "whole" : "soFar";
  if (between.length === 0) return t(`receipt:${kind}`, lengths);
  const words = { ...lengths, gaps: gapWords(between) };
  return kind === "whole" ? t("receipt:gaps", words) : t(`receipt:${kind}Gaps`, words);
}

function gapWords(gaps: readonly Gap[]): string {
  if (gaps.length > listed) {
    const together = gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
    return t("receipt:manyGaps", { number: gaps.length, length: lengthWords(together) });
  }
  const each = gaps.map(({ fromMs, toMs, reason }) =>
    t("receipt:gap", { length: lengthWords(toMs - fromMs), clock: clockText(fromMs), reason: t(`receipt:reason.${reason}`) }),
  );
  const [only = ""] = each;
  return each.length === 1 ? t("receipt:oneGap", { gap: only }) : t("receipt:someGaps", { number: each.length, gaps: each.join(", ") });
}

/** Below two seconds, tenths count, and below a tenth hundredths: a gap of nothing is none. */
function lengthWords(ms: number): string {
  if (ms >= 1950 || Math.round(ms / 100) === 10) return spokenTime(Math.round(ms / 1000) * 1000);
  const digits = ms < 95 ? 2 : 1;
  return t("receipt:tenths", { tenths: Math.max(0.01, ms / 1000).toLocaleString(locale(), { maximumFractionDigits: digits }) });
}
