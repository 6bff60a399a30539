// A camera or microphone that cannot be had: what happened, and every way to go on.
import { VideoOff } from "lucide-preact";
import { t } from "../words.ts";
import type { Setup } from "./setup.ts";

export function Trouble({ setup, leaveOut }: { setup: Setup; leaveOut: boolean }) {
  const problem = setup.problem.value;
  if (!problem) return null;
  const { camera, microphone } = setup.choice.value;
  return (
    <div class="notice warn trouble" role="alert">
      <VideoOff size={20} aria-hidden="true" />
      <p>{problem.message}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => void setup.open()}>
          {t("asides:trouble.again")}
        </button>
        {camera && microphone && !problem.code.startsWith("microphone") && (
          <button type="button" class="button" onClick={() => void setup.without({ camera: false })}>
            {t("asides:trouble.audioOnly")}
          </button>
        )}
        {camera && microphone && problem.code.startsWith("microphone") && (
          <button type="button" class="button" onClick={() => void setup.without({ microphone: false })}>
            {t("asides:trouble.cameraOnly")}
          </button>
        )}
        {leaveOut && (
          <button type="button" class="button" onClick={() => void setup.without({ camera: false, microphone: false })}>
            {t("asides:trouble.watch")}
          </button>
        )}
      </div>
    </div>
  );
}
