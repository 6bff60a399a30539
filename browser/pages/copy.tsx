// A link that is there to be sent to somebody, and the button that copies it.
import { useSignal } from "@preact/signals";
import { Check, Copy } from "lucide-preact";
import { useRef } from "preact/hooks";
import { announce } from "./announce.tsx";
import { t } from "./words.ts";

/** How long "Copied" stands on the button. */
const shownMs = 2500;

/** `id`: names the field, so one per page. */
export function CopyLink(props: { id?: string; label: string; hint: string; url: string }) {
  const copied = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const id = `link-${props.id ?? "only"}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.url);
    } catch (error) {
      // No clipboard on an insecure page: the selected text can still be copied by hand.
      console.warn("no clipboard", error);
      field.current?.select();
      announce(t("copy:selected"));
      return;
    }
    copied.value = true;
    announce(t("copy:copied", { label: props.label }));
    window.setTimeout(() => (copied.value = false), shownMs);
  };
  return (
    <div class="field copy">
      <label for={id}>{props.label}</label>
      <div class="copy-line">
        <input id={id} ref={field} type="text" readOnly value={props.url} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button" onClick={copy} aria-label={t("copy:name", { label: props.label })}>
          {copied.value ? <Check size={20} aria-hidden="true" /> : <Copy size={20} aria-hidden="true" />}
          {copied.value ? t("copy:done") : t("copy:button")}
        </button>
      </div>
      <p class="small soft">{props.hint}</p>
    </div>
  );
}
