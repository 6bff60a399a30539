// The small ring on a tile: how much of what is recorded of that person is already on the server.
import type { Safety } from "../../../protocol/call.ts";
import type { UploadStatus } from "../../upload/uploads.ts";
import { sizeText } from "../size.ts";
import { t } from "../words.ts";

/** Of the viewBox below. */
const radius = 11;
const around = 2 * Math.PI * radius;

export function SafeRing({ uploads }: { uploads: UploadStatus[] }) {
  const kept = uploads.reduce((sum, one) => sum + one.bytesKept, 0);
  const safe = uploads.reduce((sum, one) => sum + one.bytesSafe, 0);
  const share = kept === 0 ? 0 : Math.min(1, safe / kept);
  const trouble = uploads.some((one) => one.state === "offline" || one.state === "disk-full" || one.state === "refused");
  const words = t(trouble ? "call:ring.mineTrouble" : "call:ring.mine", { share: Math.floor(share * 100), size: sizeText(kept) });
  return <Ring share={share} label={t("call:ring.safe", { size: sizeText(safe) })} words={words} trouble={trouble} />;
}

/** Somebody else's, as the server and their own browser tell it. */
export function OthersRing({ name, items }: { name: string; items: Safety[] }) {
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const safeBytes = items.reduce((sum, item) => sum + item.safeBytes, 0);
  const share = bytes === 0 ? 0 : Math.min(1, safeBytes / bytes);
  const trouble = items.some((item) => item.state === "partial");
  const words = t(trouble ? "call:ring.theirsTrouble" : "call:ring.theirs", {
    name,
    share: Math.floor(share * 100),
    size: sizeText(bytes),
  });
  return <Ring share={share} label={t("call:ring.safe", { size: sizeText(safeBytes) })} words={words} trouble={trouble} />;
}

function Ring({ share, label, words, trouble }: { share: number; label: string; words: string; trouble: boolean }) {
  return (
    <div class={trouble ? "ring trouble" : "ring"} role="img" aria-label={words} title={words}>
      <span class="ring-words" aria-hidden="true">
        {label}
      </span>
      <svg viewBox="0 0 28 28" aria-hidden="true">
        <circle class="ring-track" cx="14" cy="14" r={radius} />
        <circle class="ring-fill" cx="14" cy="14" r={radius} stroke-dasharray={`${around}`} stroke-dashoffset={`${around * (1 - share)}`} />
      </svg>
    </div>
  );
}
