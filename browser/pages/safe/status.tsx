// What is still only on this device, as a sentence and a bar; at the end "Everything is safe". The page stands by until then.
import { useSignal } from "@preact/signals";
import { CircleCheck, CloudUpload, TriangleAlert } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { nowMs } from "../../record/clock.ts";
import type { UploadStatus } from "../../upload/uploads.ts";
import { announce } from "../announce.tsx";
import { Rate } from "./rate.ts";
import type { Receipt } from "./receipt.ts";
import { type Safety, safetyOf, titleOf } from "./safety.ts";
import { SaveFile } from "./save.tsx";

const icons = { none: CircleCheck, sent: CircleCheck, safe: CircleCheck, sending: CloudUpload, trouble: TriangleAlert };
const looks = { none: "", sent: "", safe: "safe", sending: "", trouble: "warn" };

/** `uploads`: the tracks of mine that count here; `own`: what the server says of them. `room`: where given, the page's title says the state, too. */
export function SafeStatus(props: {
  uploads: UploadStatus[];
  own?: readonly Receipt[];
  room?: string | undefined;
  receipt?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const safety = useSafety(props.uploads, props.own);
  const Icon = icons[safety.kind];
  const refused = props.uploads.filter((one) => one.state === "refused");
  // Once per kind: the megabytes to go would never stop talking.
  useEffect(() => announce(safety.sentence), [safety.kind]);
  const title = props.room === undefined ? null : `${titleOf(safety)} · ${props.room}`;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  return (
    <div class={`notice safe-status ${looks[safety.kind]}`}>
      <Icon size={20} aria-hidden="true" />
      <div class="safe-words">
        {/* The live region speaks; this one is for whoever looks for the state. */}
        <p role="status" aria-live="off" aria-label={safety.sentence}>
          {safety.sentence}
        </p>
        {props.receipt}
        {(safety.kind === "sending" || safety.kind === "trouble") && (
          <div class="bar-track" aria-hidden="true">
            <span style={{ transform: `scaleX(${safety.share.toFixed(3)})` }} />
          </div>
        )}
      </div>
      <div class="row">
        {refused.map((one) => (
          <SaveFile key={one.track} track={one.track} />
        ))}
        {props.children}
      </div>
    </div>
  );
}

function useSafety(uploads: UploadStatus[], own: readonly Receipt[] | undefined): Safety {
  const rate = useMemo(() => new Rate(), []);
  const bytesPerSecond = useSignal<number | null>(null);
  const bytesSafe = uploads.reduce((sum, one) => sum + one.bytesSafe, 0);
  useEffect(() => {
    bytesPerSecond.value = rate.add(bytesSafe, nowMs());
  }, [bytesSafe, rate, bytesPerSecond]);
  return safetyOf(uploads, bytesPerSecond.value, own);
}
