// `/check` and `/check/<room>#<key>`: what works from this browser, what does not, and what to do about it.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { announce } from "../announce.tsx";
import { Frame } from "../frame.tsx";
import { linkKey } from "../key.ts";
import { Line, type Verdict } from "../lobby/checks.tsx";
import { Meter } from "../lobby/meter.tsx";
import { Setup } from "../lobby/setup.ts";
import { Trouble } from "../lobby/trouble.tsx";
import { Picture } from "../picture.tsx";
import { t } from "../words.ts";
import "../lobby/lobby.css";
import "./check.css";
import { type Finding, tryAll } from "./trials.ts";

export function Check(props: { id: string }) {
  const findings = useSignal<Finding[]>([]);
  const busy = useSignal(true);
  const key = linkKey();
  const run = async () => {
    busy.value = true;
    findings.value = [];
    await tryAll(props.id && key ? { id: props.id, key } : null, (found) => {
      findings.value = found;
    });
    busy.value = false;
    announce(overall(findings.value, false).words);
  };
  useEffect(() => {
    document.title = `${t("check:title")} · Doubletake`;
    void run();
  }, []);
  return (
    <Frame>
      <div class="check-page">
        <h1>{t("check:title")}</h1>
        <p class="soft">{t("check:words")}</p>
        <ul>
          <Line {...overall(findings.value, busy.value)} />
        </ul>
        <Devices />
        <dl class="card" aria-label={t("check:label")} aria-busy={busy.value}>
          {findings.value.map((finding) => (
            <div key={finding.name + finding.words}>
              <dt>{finding.name}</dt>
              <dd>
                <ul>
                  <Line {...finding} />
                </ul>
              </dd>
            </div>
          ))}
          {busy.value && (
            <div>
              <dt class="soft">{t("check:busy")}</dt>
              <dd class="skeleton" aria-hidden="true" />
            </div>
          )}
        </dl>
        <div class="row">
          <button type="button" class="button primary" disabled={busy.value} onClick={() => void run()}>
            {t("check:again")}
          </button>
          <CopyReport findings={findings.value} />
        </div>
      </div>
    </Frame>
  );
}

function overall(findings: Finding[], busy: boolean): Verdict {
  if (busy) return { look: "busy", words: t("check:all.busy") };
  return findings.some(({ look }) => look === "warn")
    ? { look: "warn", words: t("check:all.warn") }
    : { look: "ok", words: t("check:all.ok") };
}

/** Only after a press: a page that merely checks must not make the browser ask. */
function Devices() {
  // Also whoever went without one the last time wants to know whether it works.
  const setup = useMemo(() => new Setup({ camera: true, microphone: true }), []);
  const asked = useSignal(false);
  useEffect(() => () => setup.close(), [setup]);
  const stream = setup.stream.value;
  const look = () => {
    asked.value = true;
    void setup.open();
  };
  if (!window.isSecureContext) return null;
  if (!asked.value) {
    return (
      <div class="row">
        <button type="button" class="button" onClick={look}>
          {t("check:devices.ask")}
        </button>
        <span class="small soft">{t("check:devices.asked")}</span>
      </div>
    );
  }
  return (
    <section class="preview check-devices" aria-label={t("check:devices.name")}>
      <div class="preview-frame">
        <Picture stream={stream} muted mirrored label={t("lobby:preview.label")} />
      </div>
      <Meter track={stream?.getAudioTracks()[0] ?? null} />
      <Trouble setup={setup} leaveOut={false} />
      {stream && (
        <ul>
          <Line
            {...(stream.getTracks().length > 1
              ? { look: "ok", words: t("check:devices.ok") }
              : { look: "note", words: t("check:devices.some") })}
          />
        </ul>
      )}
    </section>
  );
}

/** Plain text, for whoever is asked for help. No key and no address of the person is in it. */
function CopyReport({ findings }: { findings: Finding[] }) {
  const copied = useSignal(false);
  if (!navigator.clipboard) return null;
  const copy = async () => {
    const lines = findings.map(({ look, name, words }) => `[${look}] ${name}: ${words}`);
    await navigator.clipboard.writeText([window.location.origin, navigator.userAgent, ...lines].join("\n"));
    copied.value = true;
    announce(t("check:copied"));
  };
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      {copied.value ? t("check:copied") : t("check:copy")}
    </button>
  );
}
