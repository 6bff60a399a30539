import { expect, test } from "vitest";
import type { Gap } from "../../../protocol/recording.ts";
import { receiptOf } from "./asked.ts";
import { type Receipt, receiptWords } from "./receipt.ts";

const participant = { id: `par_${"0".repeat(26)}`, name: "Asha" };
const receipt = (more: Partial<Receipt>): Receipt => ({
  participant,
  source: "camera",
  state: "safe",
  recordedMs: 738_400,
  safeMs: 738_400,
  gaps: [],
  ...more,
});
const gap = (fromMs: number, toMs: number, reason: Gap["reason"] = "rejoined"): Gap => ({ fromMs, toMs, reason });

test("a whole track says so in one line", () => {
  expect(receiptWords(receipt({}))).toBe("12:18 recorded, 12:18 safe, no gaps");
});

test("a gap is told with its length, its time and its reason", () => {
  expect(receiptWords(receipt({ gaps: [gap(250_000, 253_000)] }))).toBe(
    "12:18 recorded, 12:18 safe, one gap of 3 seconds at 4:10 (the page was reloaded or left)",
  );
  expect(receiptWords(receipt({ gaps: [gap(1000, 1300), gap(5000, 6000, "device")] }))).toContain(
    "2 gaps: 0.3 seconds at 0:01 (the page was reloaded or left), 1 second at 0:05 (the camera or microphone changed)",
  );
});

test("a gap shorter than a tenth of a second is no gap of nothing", () => {
  expect(receiptWords(receipt({ gaps: [gap(9399, 9435, "slip")] }))).toContain("one gap of 0.04 seconds at 0:09");
  expect(receiptWords(receipt({ gaps: [gap(9399, 9400, "slip")] }))).toContain("one gap of 0.01 seconds at 0:09");
});

test("many gaps are counted", () => {
  expect(receiptWords(receipt({ gaps: [0, 1, 2, 3].map((n) => gap(n * 10_000, n * 10_000 + 2000)) }))).toContain(
    "4 gaps of 8 seconds together",
  );
});

test("under way, what is safe is only so far, and no gaps are promised", () => {
  expect(receiptWords(receipt({ state: "uploading", safeMs: 662_000 }))).toBe("12:18 recorded, 11:02 safe so far");
  expect(receiptWords(receipt({ state: "recording", recordedMs: 0, safeMs: 0 }))).toBe("nothing has arrived yet");
});

test("what was given up on is named as missing, not as a gap", () => {
  const gaps = [gap(662_000, 738_400, "lost")];
  expect(receiptWords(receipt({ state: "partial", safeMs: 662_000, gaps }))).toBe("12:18 recorded, 11:02 safe; the rest has not arrived");
  expect(receiptWords(receipt({ state: "partial", safeMs: 738_000, gaps }))).toBe("12:18 safe; the end has not arrived");
  expect(receiptWords(receipt({ state: "partial", safeMs: 0, recordedMs: 0 }))).toBe("nothing arrived");
});

test("after Leave, what was recorded is what the call last said, until all of it is safe", () => {
  const track = { participant, source: "camera" as const, durationMs: 662_000, gaps: [] } as unknown as Parameters<typeof receiptOf>[0];
  const known = [receipt({ source: "screen", recordedMs: 900_000 }), receipt({ state: "recording" })];
  expect(receiptWords(receiptOf({ ...track, state: "uploading" }, known))).toBe("12:18 recorded, 11:02 safe so far");
  expect(receiptWords(receiptOf({ ...track, state: "partial" }, known))).toBe("12:18 recorded, 11:02 safe; the rest has not arrived");
  expect(receiptOf({ ...track, state: "uploading", durationMs: 800_000 }, known).recordedMs).toBe(800_000);
  expect(receiptWords(receiptOf({ ...track, state: "safe" }, known))).toBe("11:02 recorded, 11:02 safe, no gaps");
  expect(receiptOf({ ...track, state: "uploading" }, []).recordedMs).toBe(662_000);
});
