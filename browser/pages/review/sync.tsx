// The sync certificate of the film on the screen: one line that opens into its explanation, by mouse, finger or keyboard.
import { AudioLines } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import { certificateOf } from "./certificate.ts";

export function SyncCertificate({ recording }: { recording: Recording }) {
  const certificate = certificateOf(recording);
  if (!certificate) return null;
  return (
    <details class={`sync ${certificate.grade}`}>
      <summary>
        <AudioLines size={20} aria-hidden="true" />
        {certificate.headline}
      </summary>
      <div class="sync-words soft small">
        {certificate.explained.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </details>
  );
}
