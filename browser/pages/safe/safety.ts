// Whether the tab may be closed, in one sentence, from what the outbox reports. Promise: "safe" is only ever said when every byte is on the server.
import type { UploadStatus } from "../../upload/uploads.ts";
import { sizeText } from "../size.ts";
import { aboutTime } from "../time.ts";

export interface Safety {
  kind: "none" | "sending" | "trouble" | "safe";
  sentence: string;
  /** 0 … 1 of the bytes that are on the server. */
  share: number;
}

export const safeSentence = "Everything is safe. You can close this tab.";

/** `rate`: bytes per second that became safe lately; null when it is not known. */
export function safetyOf(uploads: readonly UploadStatus[], rate: number | null): Safety {
  if (uploads.length === 0) return { kind: "none", sentence: "You were not recorded. You can close this tab.", share: 1 };
  const kept = sum(uploads, (one) => one.bytesKept);
  const safe = sum(uploads, (one) => one.bytesSafe);
  const share = kept === 0 ? 0 : Math.min(1, safe / kept);
  if (uploads.every((one) => one.state === "safe")) return { kind: "safe", sentence: safeSentence, share: 1 };
  const open = uploads.filter((one) => one.state !== "safe");
  const refused = open.find((one) => one.state === "refused");
  if (refused)
    return {
      kind: "trouble",
      sentence: refused.message ?? "The server refused a part of your recording. It is kept on this device.",
      share,
    };
  const full = open.find((one) => one.state === "disk-full");
  if (full) {
    return { kind: "trouble", sentence: full.message ?? "Kept safe on this device. The server's disk is full; we keep trying.", share };
  }
  const left = Math.max(0, kept - safe);
  if (open.some((one) => one.state === "offline")) return { kind: "trouble", sentence: offline(open, safe, left), share };
  return { kind: "sending", sentence: `Keep this tab open: ${toGo(left, rate)}.`, share };
}

/** The sentence, short enough for a tab. */
export function titleOf({ kind, share }: Safety): string {
  if (kind === "none") return "Not recorded";
  if (kind === "safe") return "Everything is safe";
  return kind === "trouble" ? "Not sent yet" : `Sending, ${Math.floor(share * 100)} %`;
}

function offline(open: readonly UploadStatus[], safe: number, left: number): string {
  const onServer = safe > 0 ? `${sizeText(safe)} are safe on the server, ` : "";
  const here = open.every((one) => one.storage === "device");
  const kept = left > 0 ? `${sizeText(left)} ${here ? "are safe on this device" : "only in this tab"}. ` : "";
  return `${onServer}${kept}The connection is gone; we keep trying. Keep this tab open.`;
}

function toGo(left: number, rate: number | null): string {
  if (left === 0) return "the server is checking that all of it arrived";
  const time = rate && rate > 0 ? `, ${aboutTime((left / rate) * 1000)}` : "";
  return `${sizeText(left)} to go${time}`;
}

function sum(uploads: readonly UploadStatus[], of: (one: UploadStatus) => number): number {
  return uploads.reduce((total, one) => total + of(one), 0);
}
