// Before the call: what works, with ticks, and what does not, in sentences. Everything is looked at by itself, once, while the person dresses up.
import { type Signal, useSignal } from "@preact/signals";
import { CircleCheck, CircleDashed, Info, TriangleAlert } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Api } from "../api.ts";
import { t } from "../words.ts";
import { keeping } from "./keeping.ts";
import type { Setup } from "./setup.ts";
import { recordingBitsPerSecond, uploadSpeed } from "./speed.ts";
import { findWays, type Ways } from "./ways.ts";

/** "note": neither good nor bad, worth knowing. */
export interface Verdict {
  look: "ok" | "warn" | "note" | "busy";
  words: string;
}

const icons = { ok: CircleCheck, warn: TriangleAlert, note: Info, busy: CircleDashed };

export function Line({ look, words }: Verdict) {
  const Icon = icons[look];
  return (
    <li class={`check-line ${look}`}>
      <Icon size={20} aria-hidden="true" />
      <span>{words}</span>
    </li>
  );
}

/** `hears`: null while it is not known whether the microphone gives anything. */
export function Checks(props: { setup: Setup; api: Api; room: string; hears: boolean | null; details: string }) {
  const { setup, api, room } = props;
  const kept = useSignal<Verdict>({ look: "busy", words: t("checks:keeping.busy") });
  const speed = useSignal<Verdict>({ look: "busy", words: t("checks:speed.busy") });
  const ways = useSignal<Verdict>({ look: "busy", words: t("checks:ways.busy") });
  const settled = !setup.opening.value;
  useEffect(() => {
    if (!settled) return;
    const gone = new AbortController();
    void settle(kept, keeping, gone.signal);
    void settle(speed, async () => speedVerdict(await uploadSpeed((body) => api.probe(room, body, gone.signal))), gone.signal);
    void settle(ways, async () => waysVerdict(await findWays(await api.ice(room))), gone.signal);
    return () => gone.abort();
  }, [settled]);
  return (
    <section class="checks" aria-label={t("lobby:checks")}>
      <ul>
        <Line {...cameraVerdict(setup)} />
        <Line {...microphoneVerdict(setup, props.hears)} />
        <Line {...kept.value} />
        <Line {...speed.value} />
        <Line {...ways.value} />
        <Line look="ok" words={t("checks:checks.secure")} />
      </ul>
      <a class="small" href={props.details} target="_blank" rel="noreferrer">
        {t("checks:checks.details")}
      </a>
    </section>
  );
}

/** What cannot be found out is said, and keeps nobody from joining. */
async function settle(into: Signal<Verdict>, find: () => Promise<Verdict>, gone: AbortSignal): Promise<void> {
  try {
    into.value = await find();
  } catch (error) {
    if (gone.aborted) return;
    console.warn("lobby: a check", error);
    into.value = { look: "note", words: t("checks:checks.unknown") };
  }
}

function cameraVerdict({ opening, stream, choice, problem }: Setup): Verdict {
  if (opening.value) return { look: "busy", words: t("checks:checks.camera.busy") };
  if (stream.value?.getVideoTracks().length) return { look: "ok", words: t("checks:checks.camera.ok") };
  return { look: choice.value.camera && problem.value ? "warn" : "note", words: t("checks:checks.camera.none") };
}

function microphoneVerdict({ opening, stream, choice, problem }: Setup, hears: boolean | null): Verdict {
  if (opening.value) return { look: "busy", words: t("checks:checks.microphone.busy") };
  if (!stream.value?.getAudioTracks().length)
    return { look: choice.value.microphone && problem.value ? "warn" : "note", words: t("checks:checks.microphone.none") };
  if (hears === null) return { look: "ok", words: t("checks:checks.microphone.on") };
  return hears ? { look: "ok", words: t("checks:checks.microphone.ok") } : { look: "warn", words: t("checks:checks.microphone.silent") };
}

export function speedVerdict(bitsPerSecond: number): Verdict {
  const speed =
    bitsPerSecond < 9.5e6 ? (Math.max(1, Math.round(bitsPerSecond / 1e5)) / 10).toLocaleString() : String(Math.round(bitsPerSecond / 1e6));
  if (bitsPerSecond > 1.5 * recordingBitsPerSecond) return { look: "ok", words: t("checks:speed.ok", { speed }) };
  // Half of the line is the call's.
  const behind = recordingBitsPerSecond / (bitsPerSecond / 2) - 1;
  return { look: "warn", words: t("checks:speed.slow", { speed, count: Math.max(5, Math.ceil((behind * 60) / 5) * 5) }) };
}

export function waysVerdict({ direct, stun, relay }: Ways): Verdict {
  if (relay === "works") return { look: "ok", words: t("checks:ways.relay") };
  if (relay === "refused") return { look: "warn", words: t("checks:ways.refused") };
  if (relay === "silent") return { look: "warn", words: t("checks:ways.silent") };
  if (direct || stun) return { look: "note", words: t("checks:ways.direct") };
  return { look: "warn", words: t("checks:ways.none") };
}
