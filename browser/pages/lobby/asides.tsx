// What stands above the lobby for those whom it concerns: another tab is in this call, and something recorded earlier is still here.
import { CircleCheck, CloudUpload, Copy } from "lucide-preact";
import type { UploadStatus } from "../../upload/uploads.ts";
import { troubleOf } from "../safe/safety.ts";
import { sizeText } from "../size.ts";
import { t } from "../words.ts";

/** `name`: under which one takes the call over. */
export function InAnotherTab(props: { names: string; name: string }) {
  return (
    <aside class="notice" aria-label={t("asides:elsewhere.label")}>
      <Copy size={20} aria-hidden="true" />
      <p role="status">{t("asides:elsewhere.words", props)}</p>
    </aside>
  );
}

export function LeftOver({ uploads }: { uploads: readonly UploadStatus[] }) {
  const left = uploads.reduce((sum, one) => sum + Math.max(0, one.bytesKept - one.bytesSafe), 0);
  const safe = uploads.every((one) => one.state === "safe");
  const refused = uploads.find((one) => one.state === "refused");
  return (
    <aside class={safe ? "notice safe" : "notice"} aria-label={t("asides:leftovers.label")}>
      {safe ? <CircleCheck size={20} aria-hidden="true" /> : <CloudUpload size={20} aria-hidden="true" />}
      <p role="status">
        {safe ? t("asides:leftovers.safe") : refused ? troubleOf(refused) : t("asides:leftovers.sending", { size: sizeText(left) })}
      </p>
    </aside>
  );
}
