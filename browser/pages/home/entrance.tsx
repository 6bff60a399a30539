// Home for somebody without the admin key: how to get in, and what they can do without it.
import { useSignal } from "@preact/signals";
import { KeyRound } from "lucide-preact";
import { rememberAdminKey } from "../key.ts";

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
      <h1>Meet, record, and watch one film with everybody in it.</h1>
      <p class="soft lead">
        To make rooms and see recordings, open the admin link that the server printed when it started. If you were invited to a call, open
        the link you were sent; you need no key.
      </p>
      {props.refused && (
        <div class="notice warn" role="alert">
          <KeyRound size={20} aria-hidden="true" />
          <p>The server did not accept that key. Copy it again from the line it printed at its start.</p>
        </div>
      )}
      <form class="card entrance-form" onSubmit={enter}>
        <div class="field">
          <label for="admin-key">Admin key or link</label>
          <input
            id="admin-key"
            type="password"
            autocomplete="off"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button primary" disabled={!text.value.trim()}>
          Open
        </button>
      </form>
    </section>
  );
}
