// What only whoever hosts is told between stage and bar: that they host, whose part does not arrive, that the room is locked, and the link to send while
// they are alone. Loaded for them.
import { CloudOff, Info, LockKeyhole, UserPlus } from "lucide-preact";
import { CopyLink } from "../copy.tsx";
import { rooms } from "../home/kept.ts";
import type { Receipt } from "../safe/receipt.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { Notice } from "./notices.tsx";
import type { Visit } from "./visit.ts";

export function ForHost({ visit, receipts }: { visit: Visit; receipts: readonly Receipt[] }) {
  const { me, others, recording, rules, state } = visit.view.value;
  if (!me?.hosting) return null;
  const unlock = () => visit.ask({ type: "rules", rules: { ...visit.view.peek().rules, locked: false } });
  return (
    <>
      {recording && <Missing receipts={receipts} />}
      {me.role !== "host" && <Notice icon={<Info size={20} aria-hidden="true" />}>{t("forhost:hosting")}</Notice>}
      {rules.locked && state === "joined" && (
        <Notice icon={<LockKeyhole size={20} aria-hidden="true" />} act={{ words: t("forhost:unlock"), press: unlock }}>
          {t("forhost:locked")}
        </Notice>
      )}
      {others.length === 0 && !visit.latest.value && <Invite room={visit.options.room} />}
    </>
  );
}

/** While it records: whose part the film goes on without. */
function Missing(props: { receipts: readonly Receipt[] }) {
  return (
    <>
      {props.receipts
        .filter((receipt) => receipt.state === "partial")
        .map(({ participant, source, safeMs }) => (
          <Notice key={`${participant.id} ${source}`} icon={<CloudOff size={20} aria-hidden="true" />} warn>
            {t(`forhost:missing.${source}`, { name: participant.name, clock: clockText(safeMs) })}
          </Notice>
        ))}
    </>
  );
}

/** Only where the room was made in this browser is the guest link known. */
function Invite(props: { room: string }) {
  const known = rooms.value.find((room) => room.id === props.room);
  return (
    <div class="notice">
      <UserPlus size={20} aria-hidden="true" />
      {known ? (
        <CopyLink label={t("forhost:invite.label")} hint={t("forhost:invite.link")} url={known.guestUrl} />
      ) : (
        <p>{t("forhost:invite.words")}</p>
      )}
    </div>
  );
}
