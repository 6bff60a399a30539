// Between stage and bar: what needs somebody's attention, and after Stop whether everything is safe. Never over a face.
import { Cable, CloudOff, Info, MicOff, TriangleAlert, UserPlus, Volume2 } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { announce, retract } from "../announce.tsx";
import { wordsOf } from "../api.ts";
import { CopyLink } from "../copy.tsx";
import { useFetched } from "../fetched.ts";
import { rooms } from "../home/kept.ts";
import { blocked, playAll } from "../picture.tsx";
import type { Receipt } from "../safe/receipt.ts";
import { Watch } from "../safe/safe.tsx";
import { troubleOf } from "../safe/safety.ts";
import { SafeStatus } from "../safe/status.tsx";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import type { Visit } from "./visit.ts";

export function Notices({ visit }: { visit: Visit }) {
  const view = visit.view.value;
  const trouble =
    visit.uploads.value.find((one) => one.state === "disk-full" || one.state === "refused") ??
    visit.uploads.value.find((one) => one.state === "recording" && one.message !== null) ??
    visit.uploads.value.find((one) => one.state === "offline" && one.code?.startsWith("kept-") && one.code !== "kept-memory");
  const where = visit.uploads.value.every((one) => one.storage === "device") ? "Device" : "Tab";
  const offline = visit.uploads.value.some((one) => one.state === "offline");
  const latest = visit.latest.value;
  const mine = visit.uploads.value.filter((one) => one.recording === latest);
  const receipts = view.safety?.recording === latest ? view.safety.items : [];
  const over = latest !== null && !view.recording;
  const Lines = useFetched(over && receipts.length > 0, async () => await import("../safe/receipts.tsx"), ["receipt"]);
  const apart = view.others.filter(({ givenUp, connection }) => givenUp > 0 && connection !== "connected");
  const NoWay = useFetched(apart.length > 0, async () => (await import("./noway.tsx")).NoWay, ["noway"]);
  const hostless =
    view.me !== null && !latest && ![view.me, ...view.others.map(({ participant }) => participant)].some((one) => one.hosting);
  return (
    <div class="notices">
      {view.state === "reconnecting" && (
        <Notice icon={<CloudOff size={20} aria-hidden="true" />} warn>
          {t(view.recording ? `call:notice.goneRecording${where}` : "call:notice.gone")}
        </Notice>
      )}
      {view.recording && view.state === "joined" && offline && (
        <Notice icon={<CloudOff size={20} aria-hidden="true" />} warn>
          {t(`call:notice.unsent${where}`)}
        </Notice>
      )}
      {view.recording && trouble && (
        <Notice icon={<TriangleAlert size={20} aria-hidden="true" />} warn>
          {troubleOf(trouble)}
        </Notice>
      )}
      {view.recording && view.me?.hosting && <Missing receipts={receipts} />}
      {visit.equipment.problem.value && (
        <Notice icon={<Cable size={20} aria-hidden="true" />} warn>
          {visit.equipment.problem.value}
        </Notice>
      )}
      {visit.problem.value && (
        <Notice
          icon={<TriangleAlert size={20} aria-hidden="true" />}
          warn
          act={{ words: t("call:done"), press: () => (visit.problem.value = null) }}
        >
          {visit.problem.value}
        </Notice>
      )}
      {visit.mutedBy.value !== null && (
        <Notice icon={<MicOff size={20} aria-hidden="true" />}>{t("call:notice.muted", { name: visit.mutedBy.value })}</Notice>
      )}
      {view.me?.hosting && view.me.role !== "host" && <Notice icon={<Info size={20} aria-hidden="true" />}>{t("call:hosting")}</Notice>}
      {NoWay && apart.length > 0 && <NoWay to={apart} check={`/check/${visit.options.room}#${encodeURIComponent(visit.options.key)}`} />}
      {hostless && <Notice icon={<Info size={20} aria-hidden="true" />}>{t("call:notice.hostless")}</Notice>}
      {view.notice && <Notice icon={<Info size={20} aria-hidden="true" />}>{wordsOf(view.notice)}</Notice>}
      {blocked.value && (
        <Notice icon={<Volume2 size={20} aria-hidden="true" />} act={{ words: t("call:notice.soundOn"), press: playAll }}>
          {t("call:notice.sound")}
        </Notice>
      )}
      {view.others.length === 0 && view.me?.hosting && !latest && <Invite room={view.room?.id ?? ""} />}
      {over && (
        <SafeStatus
          key={latest}
          uploads={mine}
          room={view.room?.name}
          receipt={Lines && <Lines.OwnReceipt all={receipts} me={view.me?.id} />}
        >
          <Watch recording={latest} linkKey={visit.options.key} />
        </SafeStatus>
      )}
      {over && Lines && view.me?.hosting && <Lines.Receipts all={receipts} me={view.me.id} />}
    </div>
  );
}

/** For the host, while it records: whose part the film goes on without. */
function Missing(props: { receipts: readonly Receipt[] }) {
  return (
    <>
      {props.receipts
        .filter((receipt) => receipt.state === "partial")
        .map(({ participant, source, safeMs }) => (
          <Notice key={`${participant.id} ${source}`} icon={<CloudOff size={20} aria-hidden="true" />} warn>
            {t(`call:notice.missing.${source}`, { name: participant.name, clock: clockText(safeMs) })}
          </Notice>
        ))}
    </>
  );
}

/** Said as well, once, to whoever does not see it. */
export function Notice(props: {
  icon: ComponentChildren;
  warn?: boolean;
  act?: { words: string; press: () => void };
  children: ComponentChildren;
}) {
  const { act } = props;
  const words = useRef<HTMLSpanElement>(null);
  const said = useRef("");
  useEffect(() => {
    const { textContent } = words.current!;
    if (textContent === said.current) return;
    retract(said.current);
    if (textContent) announce(textContent);
    said.current = textContent ?? "";
  });
  useEffect(() => () => retract(said.current), []);
  return (
    <div class={props.warn ? "notice warn" : "notice"}>
      {props.icon}
      <div class="notice-words">
        <span ref={words}>{props.children}</span>
        {act && (
          <button type="button" class="button" onClick={act.press}>
            {act.words}
          </button>
        )}
      </div>
    </div>
  );
}

/** Only where the room was made in this browser is the guest link known. */
function Invite(props: { room: string }) {
  const known = rooms.value.find((room) => room.id === props.room);
  return (
    <div class="notice">
      <UserPlus size={20} aria-hidden="true" />
      {known ? (
        <CopyLink label={t("call:invite.label")} hint={t("call:invite.link")} url={known.guestUrl} />
      ) : (
        <p>{t("call:invite.words")}</p>
      )}
    </div>
  );
}
