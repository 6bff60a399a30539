// A voice or a short video while it is recorded, and then to be played back before it is posted.
// Promise: devices are let go of the moment it ends, and whenever this is taken off the page; nothing leaves the page before Post, and then it is
// said how far it is, and can be stopped.
import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { Mic, Square, Trash2, Video } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { attachmentMostMs } from "../../../protocol/feedback.ts";
import { openDevices } from "../../record/devices.ts";
import { listen, loudness } from "../../record/level.ts";
import { type Message, type Running, recordMessage } from "../../record/message.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { rememberedChoice } from "../lobby/choice.ts";
import { sizeText } from "../size.ts";
import { clockText, spokenTime } from "../time.ts";
import { t } from "../words.ts";
import "./attach.css";
import { Spoken } from "./spoken.ts";

export interface PanelProps {
  kind: Message["kind"];
  held: Signal<Spoken | null>;
  speaking: Signal<boolean>;
  busy: ReadonlySignal<boolean>;
  /** Away with it, recorded or not. */
  onDrop: () => void;
}

type State = { at: "opening" } | { at: "recording"; stream: MediaStream; beganMs: number } | { at: "failed"; words: string };

/** The end is announced so much before. */
const warnMs = 10_000;

export function Panel({ kind, held, speaking, busy, onDrop }: PanelProps) {
  // Leaving the page would lose it.
  useEffect(() => {
    const keep = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", keep);
    return () => window.removeEventListener("beforeunload", keep);
  }, []);
  return (
    <fieldset class="attach-panel" aria-label={t(`attach:${kind}.label`)}>
      {held.value ? (
        <Held spoken={held.value} busy={busy.value} onDrop={onDrop} />
      ) : (
        <Recording
          kind={kind}
          onDone={(message) => {
            held.value = new Spoken(message);
            speaking.value = false;
            announce(t("attach:done", { time: spokenTime(message.durationMs) }));
          }}
          onDrop={onDrop}
        />
      )}
    </fieldset>
  );
}

function Recording({ kind, onDone, onDrop }: { kind: Message["kind"]; onDone: (message: Message) => void; onDrop: () => void }) {
  const state = useSignal<State>({ at: "opening" });
  const attempt = useSignal(0);
  const running = useRef<Running | null>(null);
  useEffect(() => {
    let gone = false;
    let stream: MediaStream | null = null;
    const record = async () => {
      state.value = { at: "opening" };
      const { cameraId, microphoneId } = rememberedChoice();
      stream = await openDevices({ cameraId, microphoneId, camera: kind === "video", microphone: true });
      if (gone) return letGo(stream);
      running.current = recordMessage(stream, kind, attachmentMostMs[kind]);
      state.value = { at: "recording", stream, beganMs: performance.now() };
      announce(t(`attach:${kind}.label`));
      const message = await running.current.done;
      letGo(stream);
      if (!gone) onDone(message);
    };
    record().catch((error: unknown) => {
      letGo(stream);
      if (!gone) state.value = { at: "failed", words: sentence(error) };
    });
    return () => {
      gone = true;
      running.current?.stop();
      letGo(stream);
    };
  }, [attempt.value]);
  const now = state.value;
  return (
    <>
      {now.at === "opening" && <p class="soft small">{t(`attach:${kind}.opening`)}</p>}
      {now.at === "failed" && (
        <p class="notice warn small" role="alert">
          {now.words}
        </p>
      )}
      {now.at === "recording" && <Live kind={kind} stream={now.stream} beganMs={now.beganMs} />}
      <div class="row">
        {now.at === "failed" && (
          <button type="button" class="button" onClick={() => attempt.value++}>
            {t("attach:again")}
          </button>
        )}
        {now.at === "recording" && <StopButton onStop={() => running.current?.stop()} />}
        <DropButton onDrop={onDrop} />
      </div>
    </>
  );
}

/** Whoever began it by a key ends it by one. */
function StopButton({ onStop }: { onStop: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <button type="button" class="button record" ref={button} onClick={onStop}>
      <Square size={16} aria-hidden="true" />
      {t("attach:stop")}
    </button>
  );
}

function Live({ kind, stream, beganMs }: { kind: Message["kind"]; stream: MediaStream; beganMs: number }) {
  const atMs = useSignal(0);
  const mostMs = attachmentMostMs[kind];
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let warned = false;
    const timer = setInterval(() => {
      atMs.value = Math.min(mostMs, performance.now() - beganMs);
      if (warned || mostMs - atMs.value > warnMs) return;
      warned = true;
      announce(t("attach:soon", { time: spokenTime(warnMs) }));
    }, 200);
    return () => clearInterval(timer);
  }, [beganMs]);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <>
      {kind === "video" && <video class="attach-picture mirrored" ref={video} aria-label={t("attach:self")} muted autoplay playsInline />}
      <p class="attach-clock">
        <span class="dot" aria-hidden="true" />
        {t("attach:recording")}
        <span class="clock" role="timer">
          {t("attach:clock", { time: clockText(atMs.value), most: clockText(mostMs) })}
        </span>
      </p>
      <Level stream={stream} />
    </>
  );
}

const levelEveryMs = 80;

/** How loud the microphone is; nothing where the browser does not measure. */
function Level({ stream }: { stream: MediaStream }) {
  const level = useSignal<number | null>(null);
  useEffect(() => {
    const [track] = stream.getAudioTracks();
    if (!track) return;
    return listen(track, { everyMs: levelEveryMs, samples: 2048, onLook: (samples) => (level.value = loudness(samples)) });
  }, [stream]);
  if (level.value === null) return <div class="attach-level" aria-hidden="true" />;
  return (
    <div class="attach-level" role="img" aria-label={t("attach:level")}>
      <Mic size={16} aria-hidden="true" />
      <span class="bar-track">
        <span style={{ transform: `scaleX(${level.value.toFixed(3)})` }} />
      </span>
    </div>
  );
}

function Held({ spoken, busy, onDrop }: { spoken: Spoken; busy: boolean; onDrop: () => void }) {
  const player = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  useEffect(() => player.current?.focus(), []);
  const Icon = spoken.kind === "video" ? Video : Mic;
  const facts = { src: spoken.url, controls: true, ref: player, "aria-label": t(`attach:${spoken.kind}.held`) };
  return (
    <>
      <p class="attach-clock">
        <Icon size={16} aria-hidden="true" />
        {t(`attach:${spoken.kind}.held`)}
        <span class="clock">{clockText(spoken.durationMs)}</span>
      </p>
      {spoken.kind === "video" ? <video class="attach-picture" playsInline {...facts} /> : <audio {...facts} />}
      {busy ? (
        <OnItsWay
          spoken={spoken}
          onStop={() => {
            spoken.stop();
            // The button that was pressed goes with it.
            player.current?.focus();
          }}
        />
      ) : (
        <div class="row">
          <span class="soft small">{t("attach:hint")}</span>
          <DropButton onDrop={onDrop} />
        </div>
      )}
    </>
  );
}

/** How far it is, as long as it can be stopped; the last of it, and the words, are a moment. */
function OnItsWay({ spoken, onStop }: { spoken: Spoken; onStop: () => void }) {
  const share = spoken.sent.value;
  const all = sizeText(spoken.bytes);
  return (
    <div class="attach-way">
      <progress aria-label={t("attach:way")} value={share === null || share === 1 ? undefined : share} />
      <div class="row">
        <span class="soft small">
          {share === null
            ? t("attach:posting")
            : share === 1
              ? t("attach:waiting")
              : t("attach:sent", { sent: sizeText(share * spoken.bytes), all })}
        </span>
        {share !== null && (
          <button type="button" class="button" onClick={onStop}>
            {t("attach:halt")}
          </button>
        )}
      </div>
    </div>
  );
}

function letGo(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function DropButton({ onDrop }: { onDrop: () => void }) {
  return (
    <button type="button" class="button quiet" onClick={onDrop}>
      <Trash2 size={16} aria-hidden="true" />
      {t("attach:drop")}
    </button>
  );
}
