// In the place of the page while a link asks for its passphrase. The key behind it is kept for this tab only.
import { useSignal } from "@preact/signals";
import { LockKeyhole } from "lucide-preact";
import { sentence } from "../api.ts";
import { Frame } from "../frame.tsx";
import { remembered, tab } from "../remembered.ts";
import { t } from "../words.ts";
import { ReviewApi } from "./door.ts";

const slot = (key: string) => `doubletake.unlocked.${key.split(".")[0]}`;

/** The key to ask with: what the passphrase opened in this tab, else the link's own. */
export function unlockedKey(key: string): string {
  const kept = remembered(slot(key), tab);
  // Only that very link's, not one that has the same beginning.
  return kept?.startsWith(`${key}.`) ? kept : key;
}

export function Passphrase({ linkKey }: { linkKey: string }) {
  const typed = useSignal("");
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value || !typed.value) return;
    busy.value = true;
    failure.value = null;
    try {
      // Said where it cannot be kept: the page is loaded anew with it.
      window.sessionStorage.setItem(slot(linkKey), await new ReviewApi(linkKey).unlock(typed.value));
      window.location.reload();
    } catch (error) {
      failure.value = sentence(error);
      busy.value = false;
    }
  };
  return (
    <Frame>
      <form class="passphrase" onSubmit={submit}>
        <h1>
          <LockKeyhole size={24} aria-hidden="true" /> {t("feedback:passphrase.title")}
        </h1>
        <p class="soft">{t("feedback:passphrase.words")}</p>
        <div class="field">
          <label for="passphrase">{t("feedback:passphrase.label")}</label>
          <input
            id="passphrase"
            type="password"
            autocomplete="off"
            maxLength={200}
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </div>
        {failure.value && (
          <p class="notice warn" role="alert">
            {failure.value}
          </p>
        )}
        <button type="submit" class="button primary" disabled={busy.value || !typed.value}>
          {t("feedback:passphrase.open")}
        </button>
      </form>
    </Frame>
  );
}
