// Whether the tab may be closed, in one sentence, from what the outbox reports. Promise: "safe" is only ever said when every byte is on the server.
import type { UploadStatus } from "../../upload/uploads.ts";
import { sizeText } from "../size.ts";
import { aboutTime } from "../time.ts";
import { language, t } from "../words.ts";
import type { Receipt } from "./receipt.ts";

export interface Safety {
  kind: "none" | "sent" | "sending" | "trouble" | "safe";
  sentence: string;
  /** 0 … 1 of the bytes that are on the server. */
  share: number;
}

/** `rate`: bytes per second that became safe lately; null when it is not known. `own`: what the server says of my tracks, which an earlier page or another
 * device may have sent. */
export function safetyOf(uploads: readonly UploadStatus[], rate: number | null, own: readonly Receipt[] = []): Safety {
  if (uploads.length === 0) {
    const kind = own.length === 0 ? "none" : own.every(({ state }) => state === "safe") ? "safe" : "sent";
    return { kind, sentence: t(`safe:sentence.${kind}`), share: 1 };
  }
  const kept = sum(uploads, (one) => one.bytesKept);
  const safe = sum(uploads, (one) => one.bytesSafe);
  const share = kept === 0 ? 0 : Math.min(1, safe / kept);
  if (uploads.every((one) => one.state === "safe")) {
    const lost = uploads.find((one) => one.code !== null);
    return { kind: "safe", sentence: lost ? t("safe:sentence.rest", { lost: troubleOf(lost) }) : t("safe:sentence.safe"), share: 1 };
  }
  const open = uploads.filter((one) => one.state !== "safe");
  const refused = open.find((one) => one.state === "refused");
  const stuck = refused ?? open.find(({ state, code }) => state === "disk-full" || (state === "offline" && code?.startsWith("kept-")));
  if (stuck) return { kind: "trouble", sentence: troubleOf(stuck), share };
  const left = Math.max(0, kept - safe);
  if (open.some((one) => one.state === "offline")) return { kind: "trouble", sentence: offline(open, safe, left), share };
  return { kind: "sending", sentence: t("safe:sentence.sending", { toGo: toGo(left, rate) }), share };
}

/** Why something of it is not sent, or not kept well, and where it lies meanwhile. */
export function troubleOf({ state, storage, code, message }: UploadStatus): string {
  if (message && language() === "en") return message;
  const why = code ?? (state === "refused" ? "not-taken" : "disk-full");
  const words = t(`errors:${why}` as "errors:gone");
  return why.startsWith("kept-") ? words : `${t(storage === "device" ? "safe:kept.device" : "safe:kept.tab")} ${words}`;
}

/** The sentence, short enough for a tab. */
export function titleOf({ kind, share }: Safety): string {
  return t(`safe:title.${kind}`, { share: Math.floor(share * 100) });
}

function offline(open: readonly UploadStatus[], safeBytes: number, leftBytes: number): string {
  const here = open.every((one) => one.storage === "device");
  const [safe, left] = [sizeText(safeBytes), sizeText(leftBytes)];
  if (safeBytes > 0 && leftBytes > 0) return t(here ? "safe:sentence.offlineBoth" : "safe:sentence.offlineBothTab", { safe, left });
  if (leftBytes > 0) return t(here ? "safe:sentence.offlineDevice" : "safe:sentence.offlineTab", { left });
  return safeBytes > 0 ? t("safe:sentence.offlineServer", { safe }) : t("safe:sentence.offline");
}

function toGo(left: number, rate: number | null): string {
  if (left === 0) return t("safe:sentence.checking");
  const size = sizeText(left);
  return rate && rate > 0
    ? t("safe:sentence.toGoTime", { size, time: aboutTime((left / rate) * 1000) })
    : t("safe:sentence.toGo", { size });
}

function sum(uploads: readonly UploadStatus[], of: (one: UploadStatus) => number): number {
  return uploads.reduce((total, one) => total + of(one), 0);
}
