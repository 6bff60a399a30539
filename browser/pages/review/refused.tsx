// That a comment was not taken, and why. Promise: what was spoken is sent again by one press, and is still here until then.
import { RotateCw } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words.ts";

/** `onAgain` null: the words stand in their field, above the button that posts them. */
export function Refused({ words, onAgain }: { words: string; onAgain: (() => void) | null }) {
  const notice = useRef<HTMLDivElement>(null);
  // The box may be higher than what is seen of it.
  useEffect(() => notice.current?.scrollIntoView({ block: "nearest" }), [words]);
  return (
    <div class="notice warn small refused" role="alert" ref={notice}>
      <p>{words}</p>
      {onAgain && (
        <button type="button" class="button" onClick={onAgain}>
          <RotateCw size={16} aria-hidden="true" />
          {t("feedback:attach.retry")}
        </button>
      )}
    </div>
  );
}
