// What a person gets at the end: how much was recorded, how much of it is safe, and what is missing, in one line.
// Promise: "no gaps" is only said of a track that is safe as a whole.
import type { Track } from "../../../protocol/api.ts";
import type { Safety } from "../../../protocol/call.ts";
import type { Gap } from "../../../protocol/recording.ts";
import { clockText, spokenTime } from "../time.ts";

export type Receipt = Pick<Safety, "participant" | "source" | "state" | "recordedMs" | "safeMs" | "gaps">;

const reasons: Record<Gap["reason"], string> = {
  rejoined: "the page was reloaded or left",
  device: "the camera or microphone changed",
  slip: "the browser lost time",
  lost: "it has not arrived",
  damaged: "it arrived damaged",
  paused: "paused",
};
/** More than this many are counted, not listed. */
const listed = 3;
/** Whoever vanished could not say how much more there is: less than this apart, the two lengths tell nothing. */
const tellableMs = 1000;

export function receiptWords({ state, recordedMs, safeMs, gaps }: Receipt): string {
  if (state === "partial" && safeMs === 0) return "nothing arrived";
  if (state !== "safe" && recordedMs === 0 && safeMs === 0) return "nothing has arrived yet";
  const lengths = `${clockText(recordedMs)} recorded, ${clockText(safeMs)} safe`;
  // What is lost at the end is the rest that did not arrive.
  const between = gaps.filter((gap) => gap.reason !== "lost");
  const holes = between.length > 0 ? `, ${gapWords(between)}` : "";
  if (state === "partial" && recordedMs - safeMs < tellableMs) return `${clockText(safeMs)} safe${holes}; the end has not arrived`;
  if (state === "partial") return `${lengths}${holes}; the rest has not arrived`;
  if (state === "safe") return `${lengths}${holes || ", no gaps"}`;
  return `${lengths} so far${holes}`;
}

/** The API's track as a receipt: there the length that is safe is all that is known. */
export function receiptOf({ participant, source, state, durationMs, gaps }: Track): Receipt {
  const missingMs = gaps.filter((gap) => gap.reason !== "lost").reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
  const safeMs = Math.max(0, durationMs - missingMs);
  return { participant, source, state, recordedMs: safeMs, safeMs, gaps };
}

function gapWords(gaps: readonly Gap[]): string {
  if (gaps.length > listed) {
    const together = gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
    return `${gaps.length} gaps of ${lengthWords(together)} together`;
  }
  const each = gaps.map((gap) => `${lengthWords(gap.toMs - gap.fromMs)} at ${clockText(gap.fromMs)} (${reasons[gap.reason]})`);
  return gaps.length === 1 ? `one gap of ${each[0]}` : `${gaps.length} gaps: ${each.join(", ")}`;
}

/** Below two seconds, tenths count. */
function lengthWords(ms: number): string {
  if (ms < 1950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} ${Math.round(ms / 100) === 10 ? "second" : "seconds"}`;
  return spokenTime(Math.round(ms / 1000) * 1000);
}
