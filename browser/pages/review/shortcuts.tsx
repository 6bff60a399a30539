// Single keys for the whole review page, and the list that tells of them. Promise: no key means anything while somebody types, and they can be
// switched off (WCAG 2.1.4), for those whose voice or hands press keys by accident.
import { signal } from "@preact/signals";
import { isOn, turn } from "../remembered.ts";
import { t } from "../words.ts";

const slot = "doubletake.single-keys";
const on = signal(isOn(slot));

/** `actions`: by the key as it is typed, so "N" is Shift and N. Until the answer is called. */
export function listenToKeys(actions: Record<string, () => void>): () => void {
  const hear = (event: KeyboardEvent) => {
    if (!on.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || types(event.target))
      return;
    const act = actions[event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}

/** Does what has the focus take letters? */
function types(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const letters = target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type);
  return (
    letters || target.isContentEditable || ["TEXTAREA", "SELECT", "DIALOG"].includes(target.tagName) || target.closest("dialog") !== null
  );
}

const keys = ["C", "N", "Shift N", "E", "I", "O", "B", "Shift B"] as const;
/** While something in the player has the focus; `keys.ts`. */
const playerKeys = [
  ["Space", "play"],
  ["← →", "skip"],
  [", .", "step"],
  ["[ ]", "speed"],
  ["M", "mute"],
  ["T", "captions"],
  ["F", "full"],
  ["0 – 9", "view"],
] as const;

export function Keys() {
  return (
    <details class="keys small">
      <summary>{t("feedback:keys.title")}</summary>
      <dl>
        {keys.map((key) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`feedback:keys.${key.replace(" ", "")}` as "feedback:keys.C")}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">{t("review:keys.player")}</p>
      <dl>
        {playerKeys.map(([key, name]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`review:keys.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <div class="check">
        <input
          id="single-keys"
          type="checkbox"
          checked={on.value}
          onChange={(event) => {
            on.value = event.currentTarget.checked;
            turn(slot, on.value);
          }}
        />
        <label for="single-keys">{t("feedback:keys.on")}</label>
      </div>
    </details>
  );
}
