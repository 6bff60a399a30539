// Home for somebody without the admin key: how to get in, and what they can do without it.
import { useSignal } from "@preact/signals";
import { KeyRound } from "lucide-preact";
import { rememberAdminKey } from "../key.ts";
import { t } from "../words.ts";

/** People paste the whole link as often as the key alone. */
function keyIn(text: string): string {
  const trimmed = text.trim();
  const inLink = /#admin=(.+)$/.exec(trimmed)?.[1];
  return inLink ? decodeURIComponent(inLink) : trimmed;
}

export function Entrance(props: { refused: boolean; onKey: (key: string) => void }) {
  const text = useSignal("");
  const enter = (event: Event) => {
    event.preventDefault();
    const key = keyIn(text.value);
    if (!key) return;
    rememberAdminKey(key);
    props.onKey(key);
  };
  return (
    <section class="entrance">
      <h1>{t("home:entrance.title")}</h1>
      <p class="soft lead">{t("home:entrance.words")}</p>
      {props.refused && (
        <div class="notice warn" role="alert">
          <KeyRound size={20} aria-hidden="true" />
          <p>{t("home:entrance.refused")}</p>
        </div>
      )}
      <form class="card entrance-form" onSubmit={enter}>
        <div class="field">
          <label for="admin-key">{t("home:entrance.key")}</label>
          <input
            id="admin-key"
            type="password"
            autocomplete="off"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button primary" disabled={!text.value.trim()}>
          {t("home:entrance.open")}
        </button>
      </form>
    </section>
  );
}
