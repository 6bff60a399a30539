// After Leave, at the same address: what is still being sent, the way to the film, and the way back into the call.
import { ArrowLeft, Play } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Visit } from "../call/visit.ts";
import { useFetched } from "../fetched.ts";
import { useLoaded } from "../loaded.ts";
import { t } from "../words.ts";
import type { Receipt } from "./receipt.ts";
import "./safe.css";
import { SafeStatus } from "./status.tsx";

/** How often it is looked whether everybody's part is here. */
const lookMs = 1500;

export function Safe(props: { visit: Visit; onRejoin: () => void }) {
  const { visit } = props;
  const { room, me, refusal, safety } = visit.view.value;
  const latest = visit.latest.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  // Whoever was sent out has not pressed Leave: the camera goes off all the same.
  useEffect(() => void visit.leave(), [visit]);
  const receipts = useReceipts(latest, visit.options.key, safety?.recording === latest ? safety.items : []);
  const own = receipts.filter(({ participant }) => participant.id === me?.id);
  const Lines = useFetched(receipts.length > 0, async () => await import("./receipts.tsx"), ["receipt"]);
  return (
    <section class="safe-page">
      <h1 ref={heading} tabIndex={-1}>
        {t(refusal?.code === "ended" ? "safe:page.ended" : "safe:page.title")}
      </h1>
      <SafeStatus
        uploads={visit.uploads.value}
        own={own}
        room={room?.name ?? t("safe:page.call")}
        receipt={Lines && <Lines.OwnReceipt own={own} />}
      >
        {latest && <Watch recording={latest} linkKey={visit.options.key} />}
        <button type="button" class="button" onClick={props.onRejoin}>
          <ArrowLeft size={20} aria-hidden="true" />
          {t("safe:page.rejoin")}
        </button>
      </SafeStatus>
      {Lines && me?.hosting && <Lines.Receipts all={receipts} me={me.id} />}
      {latest && <p class="soft small">{t("safe:page.film")}</p>}
    </section>
  );
}

/** The call is left, so the API is asked. */
function useReceipts(recording: string | null, key: string, known: readonly Receipt[]): Receipt[] {
  const { value } = useLoaded(
    async () => (recording ? await (await import("./asked.ts")).askReceipts(recording, key, known) : null),
    (found) => (found?.unfinished ? lookMs : null),
  );
  return value.value?.receipts ?? [];
}

export function Watch(props: { recording: string; linkKey: string }) {
  return (
    <a class="button primary" href={`/v/${props.recording}#${encodeURIComponent(props.linkKey)}`}>
      <Play size={20} aria-hidden="true" />
      {t("safe:page.watch")}
    </a>
  );
}
