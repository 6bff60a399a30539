// All keys of the call on one sheet, and the switch for those that are a single letter.
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words.ts";
import { Closing } from "./drawerclose.tsx";
import { singleKeys, switchKeys } from "./keys.ts";

const rows = [
  ["M · Ctrl+D", "microphone"],
  ["V · Ctrl+E", "camera"],
  ["Space", "talk"],
  ["R", "record"],
  ["B", "bookmark"],
  ["H", "hand"],
  ["C", "chat"],
  ["P", "people"],
  ["N", "notes"],
  ["S", "screen"],
  ["1 – 9", "pin"],
  ["L", "leave"],
  ["?", "keys"],
] as const;

export function KeySheet({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="key-sheet" aria-labelledby="key-sheet" onClose={onClose}>
      <form method="dialog">
        <h2 id="key-sheet">{t("drawer:keys.title")}</h2>
        <dl>
          {rows.map(([keys, deed]) => (
            <div key={deed}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{t(`drawer:keys.${deed}`)}</dd>
            </div>
          ))}
        </dl>
        <div class="check">
          <input
            id="single-keys"
            type="checkbox"
            checked={singleKeys.value}
            onChange={(event) => switchKeys(event.currentTarget.checked)}
          />
          <label for="single-keys">{t("drawer:keys.single")}</label>
          <p class="small soft">{t("drawer:keys.singleWords")}</p>
        </div>
        <Closing />
      </form>
    </dialog>
  );
}
