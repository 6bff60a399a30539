// Between stage and bar: what needs somebody's attention, and after Stop whether everything is safe. Never over a face.
import { Cable, CloudOff, Info, MicOff, TriangleAlert, Volume2 } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { announce, retract } from "../announce.tsx";
import { wordsOf } from "../api.ts";
import { useFetched } from "../fetched.ts";
import { blocked, playAll } from "../picture.tsx";
import { Watch } from "../safe/safe.tsx";
import { troubleOf } from "../safe/safety.ts";
import { SafeStatus } from "../safe/status.tsx";
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
  const own = receipts.filter(({ participant }) => participant.id === view.me?.id);
  const over = latest !== null && !view.recording;
  const Lines = useFetched(over && receipts.length > 0, async () => await import("../safe/receipts.tsx"), ["receipt"]);
  const apart = view.others.filter(({ givenUp, connection }) => givenUp > 0 && connection !== "connected");
  const NoWay = useFetched(apart.length > 0, async () => (await import("./noway.tsx")).NoWay, ["noway"]);
  const ForHost = useFetched(view.me?.hosting === true, async () => (await import("./forhost.tsx")).ForHost, ["forhost", "copy"]);
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
      {ForHost && <ForHost visit={visit} receipts={receipts} />}
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
      {NoWay && apart.length > 0 && <NoWay to={apart} check={`/check/${visit.options.room}#${encodeURIComponent(visit.options.key)}`} />}
      {hostless && <Notice icon={<Info size={20} aria-hidden="true" />}>{t("call:notice.hostless")}</Notice>}
      {view.notice && <Notice icon={<Info size={20} aria-hidden="true" />}>{wordsOf(view.notice)}</Notice>}
      {blocked.value && (
        <Notice icon={<Volume2 size={20} aria-hidden="true" />} act={{ words: t("call:notice.soundOn"), press: playAll }}>
          {t("call:notice.sound")}
        </Notice>
      )}
      {over && (
        <SafeStatus key={latest} uploads={mine} own={own} room={view.room?.name} receipt={Lines && <Lines.OwnReceipt own={own} />}>
          <Watch recording={latest} linkKey={visit.options.key} />
        </SafeStatus>
      )}
      {over && Lines && view.me?.hosting && <Lines.Receipts all={receipts} me={view.me.id} />}
    </div>
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
