// The small ring on the own tile: how much of what is recorded here is already on the server.
import type { UploadStatus } from "../../upload/uploads.ts";
import { sizeText } from "../size.ts";

/** Of the viewBox below. */
const radius = 11;
const around = 2 * Math.PI * radius;

export function SafeRing({ uploads }: { uploads: UploadStatus[] }) {
  const kept = uploads.reduce((sum, one) => sum + one.bytesKept, 0);
  const safe = uploads.reduce((sum, one) => sum + one.bytesSafe, 0);
  const share = kept === 0 ? 0 : Math.min(1, safe / kept);
  const trouble = uploads.some((one) => one.state === "offline" || one.state === "disk-full" || one.state === "refused");
  const words = `${Math.floor(share * 100)} % of your recording is safe on the server, ${sizeText(kept)} so far${trouble ? "; the rest is kept on this device" : ""}`;
  return (
    <div class={trouble ? "ring trouble" : "ring"} role="img" aria-label={words} title={words}>
      <span class="ring-words" aria-hidden="true">
        {sizeText(safe)} safe
      </span>
      <svg viewBox="0 0 28 28" aria-hidden="true">
        <circle class="ring-track" cx="14" cy="14" r={radius} />
        <circle class="ring-fill" cx="14" cy="14" r={radius} stroke-dasharray={`${around}`} stroke-dashoffset={`${around * (1 - share)}`} />
      </svg>
    </div>
  );
}
