// The banner that says something recorded earlier never left this device.
import { HardDriveUpload } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { sizeText } from "./size.ts";
import { findUnsent, unsent } from "./uploads.ts";
import { t } from "./words.ts";

export function LeftBehind() {
  useEffect(() => void findUnsent(), []);
  const left = unsent.value;
  if (left.length === 0 || window.location.pathname.startsWith("/upload")) return null;
  const bytes = left.reduce((sum, one) => sum + one.bytesKept - one.bytesSafe, 0);
  return (
    <aside class="notice warn left-behind" aria-label={t("left.label")}>
      <HardDriveUpload size={20} aria-hidden="true" />
      <p>{t("left.words", { size: sizeText(bytes) })}</p>
      <div class="row">
        <a class="button" href="/upload">
          {t("left.finish")}
        </a>
      </div>
    </aside>
  );
}
