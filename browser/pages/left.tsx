// The banner that says something recorded earlier never left this device.
import { HardDriveUpload } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { sizeText } from "./size.ts";
import { findUnsent, unsent } from "./uploads.ts";

export function LeftBehind() {
  useEffect(() => void findUnsent(), []);
  const left = unsent.value;
  if (left.length === 0 || window.location.pathname.startsWith("/upload")) return null;
  const bytes = left.reduce((sum, one) => sum + one.bytesKept - one.bytesSafe, 0);
  return (
    <aside class="notice warn left-behind" aria-label="Unsent recordings">
      <HardDriveUpload size={20} aria-hidden="true" />
      <p>An earlier recording is kept safe on this device, but {sizeText(bytes)} of it never reached the server.</p>
      <div class="row">
        <a class="button" href="/upload">
          Finish sending
        </a>
      </div>
    </aside>
  );
}
