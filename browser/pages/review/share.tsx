// Links for people outside the room, made and revoked by the host.
import { useSignal } from "@preact/signals";
import { Link2 } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Share } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { CopyLink } from "../copy.tsx";
import { dateText } from "../time.ts";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { ReviewApi } from "./door.ts";

const days = [1, 7, 30, 90] as const;
const dayMs = 24 * 3600 * 1000;

export function Sharing({ recording, api }: { recording: Recording; api: ReviewApi }) {
  const shares = useSignal<Share[]>([]);
  const made = useSignal<Share | null>(null);
  const { attempt: tried, failure } = useAttempts();
  const attempt = (act: () => Promise<void>) =>
    tried(async () => {
      await act();
      shares.value = await api.shares(recording.id);
    });
  useEffect(() => void attempt(async () => undefined), [recording.id]);
  const revoke = (share: Share) =>
    attempt(async () => {
      await api.revoke(share.id);
      if (made.value?.id === share.id) made.value = null;
      announce(t("feedback:share.revoked"));
    });
  const open = shares.value.filter(isOpen);
  return (
    <details class="card panel">
      <summary>
        <Link2 size={20} aria-hidden="true" />
        {t("feedback:share.title")}
        {open.length > 0 && <span class="soft small">{t("feedback:share.count", { count: open.length })}</span>}
      </summary>
      <ShareForm
        onMake={(wanted) =>
          attempt(async () => {
            made.value = await api.share(recording.id, wanted);
            announce(t("feedback:share.made"));
          })
        }
      />
      {made.value && <CopyLink label={t("feedback:share.link")} hint={rights(made.value)} url={made.value.url} />}
      <WhyNot failure={failure} />
      {open.length > 0 && (
        <ul class="share-list" aria-label={t("feedback:share.title")}>
          {open.map((share) => (
            <li key={share.id}>
              <span>
                <span class="track-name">{share.label || t("feedback:share.unnamed")}</span>
                <br />
                <span class="soft small">{rights(share)}</span>
              </span>
              <button
                type="button"
                class="button"
                aria-label={t("feedback:share.revokeOne", { name: share.label || t("feedback:share.unnamed") })}
                onClick={() => void revoke(share)}
              >
                {t("feedback:share.revoke")}
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

/** `onMake` answers true when there is a link; until then what was written stays. */
function ShareForm({ onMake }: { onMake: (wanted: Parameters<ReviewApi["share"]>[1]) => Promise<boolean> }) {
  const label = useSignal("");
  const mayComment = useSignal(true);
  const mayDownload = useSignal(false);
  const lasts = useSignal<string>("30");
  const passphrase = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const expiresAt = lasts.value === "" ? null : new Date(Date.now() + Number(lasts.value) * dayMs).toISOString();
    const isMade = await onMake({
      label: label.value.trim(),
      mayComment: mayComment.value,
      mayDownload: mayDownload.value,
      expiresAt,
      passphrase: passphrase.value || null,
    });
    if (!isMade) return;
    label.value = "";
    passphrase.value = "";
  };
  return (
    <form class="share-form" onSubmit={submit}>
      <div class="field">
        <label for="share-label">{t("feedback:share.for")}</label>
        <input
          id="share-label"
          type="text"
          maxLength={80}
          value={label.value}
          onInput={(event) => (label.value = event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for="share-lasts">{t("feedback:share.lasts")}</label>
        <select id="share-lasts" value={lasts.value} onChange={(event) => (lasts.value = event.currentTarget.value)}>
          {days.map((count) => (
            <option key={count} value={String(count)}>
              {t("feedback:share.days", { count })}
            </option>
          ))}
          <option value="">{t("feedback:share.forever")}</option>
        </select>
      </div>
      <div class="field">
        <label for="share-passphrase">{t("feedback:share.passphrase")}</label>
        <input
          id="share-passphrase"
          type="password"
          autocomplete="new-password"
          minLength={4}
          maxLength={200}
          value={passphrase.value}
          onInput={(event) => (passphrase.value = event.currentTarget.value)}
        />
      </div>
      <div class="share-may">
        <Tick id="share-comment" label={t("feedback:share.mayComment")} on={mayComment} />
        <Tick id="share-download" label={t("feedback:share.mayDownload")} on={mayDownload} />
      </div>
      <button type="submit" class="button primary">
        {t("feedback:share.make")}
      </button>
    </form>
  );
}

function Tick({ id, label, on }: { id: string; label: string; on: { value: boolean } }) {
  return (
    <div class="check">
      <input id={id} type="checkbox" checked={on.value} onChange={(event) => (on.value = event.currentTarget.checked)} />
      <label for={id}>{label}</label>
    </div>
  );
}

function isOpen({ revokedAt, expiresAt }: Share): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now());
}

/** What the link allows, in a line. */
function rights(share: Share): string {
  return [
    t("feedback:share.look"),
    ...(share.mayComment ? [t("feedback:share.comment")] : []),
    ...(share.mayDownload ? [t("feedback:share.download")] : []),
    ...(share.hasPassphrase ? [t("feedback:share.locked")] : []),
    share.expiresAt === null ? t("feedback:share.noEnd") : t("feedback:share.until", { time: dateText(share.expiresAt) }),
  ].join(" · ");
}
