// Receipts after the call was left, asked of the API. Apart from the call, which is told: loaded only then.
import type { Track } from "../../../protocol/api.ts";
import { isUnfinished } from "../state.tsx";
import { RecordingApi } from "./described.ts";
import type { Receipt } from "./receipt.ts";

/** `known`: what the call last said of it. */
export async function askReceipts(
  id: string,
  key: string,
  known: readonly Receipt[],
): Promise<{ receipts: Receipt[]; unfinished: boolean }> {
  const recording = await new RecordingApi(key).recording(id);
  return { receipts: recording.tracks.map((track) => receiptOf(track, known)), unfinished: isUnfinished(recording) };
}

/** The API knows no other length than the one that is safe; how much more there is was said in the call. */
export function receiptOf({ participant, source, state, durationMs, gaps }: Track, known: readonly Receipt[]): Receipt {
  const missingMs = gaps.filter((gap) => gap.reason !== "lost").reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
  const safeMs = Math.max(0, durationMs - missingMs);
  const last = state === "safe" ? undefined : known.find((one) => one.participant.id === participant.id && one.source === source);
  return { participant, source, state, recordedMs: Math.max(safeMs, last?.recordedMs ?? 0), safeMs, gaps };
}
