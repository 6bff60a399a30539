// The two ends of a whisper on the screen: whoever whispers chooses one person and holds a button; whoever is whispered to reads who it is while it lasts.
import { useSignal } from "@preact/signals";
import { Ear } from "lucide-preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { openDevices } from "../../record/devices.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { rememberedChoice } from "../lobby/choice.ts";
import { Picture } from "../picture.tsx";
import { t } from "../words.ts";
import type { CallScreen } from "./screen.ts";
import type { Visit } from "./visit.ts";
import { Whisper } from "./whisper.ts";
import { rememberPart, WhisperKeeping } from "./whisperkeeping.ts";

function whisperOf(visit: Visit): Whisper {
  const { equipment } = visit;
  return new Whisper({
    microphone: {
      fitting: equipment.microphone,
      turn: (on) => equipment.turn("microphone", on),
      track: () => equipment.track("microphone"),
    },
    muted: () => visit.mutedBy.value !== null,
    send: (to, stream, on) => visit.whisper(to, stream, on),
    open: () => openDevices({ camera: false, cameraId: null, microphone: true, microphoneId: rememberedChoice().microphoneId }),
    streamOf: (track) => new MediaStream([track]),
    onChosen: (chosen) => WhisperKeeping.of(visit).chosen(chosen),
    onSpoken: () => WhisperKeeping.of(visit).switched(),
    onError: (error) => {
      visit.problem.value = sentence(error);
    },
  });
}

/** For whoever whispers. Ends with the drawer it stands in. */
export function WhisperBox({ screen }: { screen: CallScreen }) {
  const { visit } = screen;
  const whisper = useMemo(() => whisperOf(visit), [visit]);
  useEffect(() => () => whisper.close(), [whisper]);
  const { others, state: call } = visit.view.value;
  const people = others.filter(({ participant }) => participant.role !== "observer");
  const pages = people.map(({ participant }) => `${participant.id} ${participant.instance}`).join();
  const chosen = useRef<string | null>(null);
  useEffect(() => {
    // Who came back from another page is not there any more as the one that was chosen.
    const mine = pages.split(",").find((page) => page.startsWith(`${whisper.to.peek()} `)) ?? null;
    if (whisper.to.peek() !== null && mine !== chosen.current) whisper.present([]);
  }, [pages]);
  const choose = (id: string) => {
    chosen.current = pages.split(",").find((page) => page.startsWith(`${id} `)) ?? null;
    void whisper.choose(id || null);
  };
  const { value: to } = whisper.to;
  const { value: state } = whisper.state;
  const name = people.find(({ participant }) => participant.id === to)?.participant.name ?? "";
  const held = useRef(false);
  const hold = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    // The button may become narrower under the finger.
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = true;
    whisper.press();
  };
  const letGo = () => {
    if (held.current) whisper.release();
    held.current = false;
  };
  useEffect(() => {
    window.addEventListener("blur", letGo);
    return () => window.removeEventListener("blur", letGo);
  }, [whisper]);
  return (
    <section class="whisper" aria-label={t("supervisor:whisper.title")}>
      <div class="whisper-row">
        <select aria-label={t("supervisor:whisper.to")} value={to ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{t("supervisor:whisper.nobody")}</option>
          {people.map(({ participant }) => (
            <option key={participant.id} value={participant.id}>
              {t("supervisor:whisper.toOne", { name: participant.name })}
            </option>
          ))}
        </select>
        <button
          type="button"
          class={state === "on" ? "button primary" : "button"}
          aria-pressed={state === "on"}
          aria-describedby="whisper-words"
          disabled={state === "off" || state === "opening" || call !== "joined"}
          onPointerDown={hold}
          onPointerUp={letGo}
          onPointerCancel={letGo}
          onPointerLeave={letGo}
          onContextMenu={(event) => event.preventDefault()}
          onClick={(event) => {
            // By keyboard: once to begin, once to end.
            if (event.detail === 0) state === "on" ? whisper.release() : whisper.press();
          }}
        >
          <Ear size={20} aria-hidden="true" />
          {t(state === "on" ? "supervisor:whisper.on" : "supervisor:whisper.hold")}
        </button>
      </div>
      <p id="whisper-words" class="small soft">
        {to === null ? t("supervisor:whisper.words") : t("supervisor:whisper.only", { name })}{" "}
        {visit.view.value.rules.keepWhispers && t("supervisor:whisper.kept")}
      </p>
    </section>
  );
}

/** For everybody, where the room keeps what is whispered: said as long as it has not been put away, and aloud when it begins to hold. */
export function KeptWhispers({ screen }: { screen: CallScreen }) {
  const { rules, state } = screen.visit.view.value;
  const holds = rules.keepWhispers && state === "joined";
  const seen = useSignal(false);
  useEffect(() => {
    seen.value = false;
    if (holds) announce(t("supervisor:whisper.rule"));
  }, [holds]);
  if (!holds || seen.value) return null;
  return (
    <p class="whispers-kept small">
      <Ear size={16} aria-hidden="true" />
      <span>{t("supervisor:whisper.rule")}</span>
      <button type="button" class="button quiet" onClick={() => (seen.value = true)}>
        {t("supervisor:whisper.understood")}
      </button>
    </p>
  );
}

/** For whoever is whispered to. What is not said to be on is not heard. */
export function Whispered({ screen }: { screen: CallScreen }) {
  const { visit } = screen;
  const { others, whispers, recording, rules } = visit.view.value;
  const kept = rules.keepWhispers ? recording?.id : undefined;
  const voices = others.filter(({ participant }) => whispers.has(participant.id));
  const now = voices.filter(({ participant }) => whispers.get(participant.id)).map(({ participant }) => participant.name);
  const said = now.join(", ");
  useEffect(() => {
    if (said) announce(t("supervisor:whisper.hears", { name: said }));
    if (said && kept !== undefined) rememberPart(visit, kept);
  }, [said, kept]);
  return (
    <>
      <div class="unseen" aria-hidden="true">
        {voices.map(({ participant, whisper }) => (
          <Picture key={participant.id} stream={whisper} muted={!whispers.get(participant.id)} />
        ))}
      </div>
      {said && (
        <p class="whispered">
          <Ear size={20} aria-hidden="true" />
          {t("supervisor:whisper.hears", { name: said })}
          <span class="small soft">{t(kept === undefined ? "supervisor:whisper.alone" : "supervisor:whisper.aloneKept")}</span>
        </p>
      )}
    </>
  );
}
