// `/solo`: see yourself, record, and watch it the moment you stop; then it is on the server, too.
import { useSignal } from "@preact/signals";
import { Circle, RotateCcw, Square } from "lucide-preact";
import { useEffect, useMemo } from "preact/hooks";
import { secure } from "../../record/devices.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Frame } from "../frame.tsx";
import { adminKey } from "../key.ts";
import { Insecure } from "../lobby/insecure.tsx";
import "../lobby/lobby.css";
import { Meter } from "../lobby/meter.tsx";
import { SetupPickers } from "../lobby/pickers.tsx";
import { Setup } from "../lobby/setup.ts";
import { Trouble } from "../lobby/trouble.tsx";
import { Picture } from "../picture.tsx";
import { RecordingStatus } from "../recording.tsx";
import "../safe/safe.css";
import { t } from "../words.ts";
import { type Alone, alone } from "./alone.ts";
import "./solo.css";
import { Replay } from "./replay.tsx";

type State =
  | { at: "ready" }
  | { at: "starting"; stream: MediaStream }
  | { at: "recording"; stream: MediaStream; alone: Alone }
  | { at: "done"; alone: Alone };

export function Solo() {
  return <Frame>{secure() ? <Recorder /> : <Insecure />}</Frame>;
}

function Recorder() {
  const { setup, now, failure, record, finish, again } = useRecorder();
  return (
    <div class="solo">
      <div class="solo-head">
        <h1>{now.at === "done" ? t("solo:done") : t("solo:title")}</h1>
        {now.at === "recording" && now.alone.startedMs.value !== null && (
          <div class="row">
            <RecordingStatus startedMs={now.alone.startedMs.value} room={t("solo:title")} />
          </div>
        )}
      </div>
      {now.at === "done" ? (
        <Replay alone={now.alone} />
      ) : (
        <Preview setup={setup} stream={now.at === "ready" ? setup.stream.value : now.stream} />
      )}
      {failure.value && (
        <p class="notice warn" role="alert">
          {failure.value}
        </p>
      )}
      {now.at === "recording" && now.alone.problem.value && (
        <p class="notice warn" role="alert">
          {now.alone.problem.value}
        </p>
      )}
      {now.at === "ready" && <Trouble setup={setup} leaveOut={false} />}
      <Actions state={now} setup={setup} onRecord={() => void record()} onStop={(recording) => void finish(recording)} onAgain={again} />
      {!adminKey() && now.at !== "done" && <p class="soft small">{t("solo:keyless")}</p>}
    </div>
  );
}

/** From ready to done and back; every failure ends at ready, with a sentence. */
function useRecorder() {
  const setup = useMemo(() => new Setup(), []);
  const state = useSignal<State>({ at: "ready" });
  const failure = useSignal<string | null>(null);
  const now = state.value;
  useEffect(() => {
    document.title = `${t("solo:title")} · Doubletake`;
    void setup.open();
    return () => setup.close();
  }, [setup]);

  const record = async () => {
    await setup.settled();
    const stream = setup.handOver();
    if (!stream) return void setup.open();
    failure.value = null;
    state.value = { at: "starting", stream };
    const recording = alone(stream, adminKey());
    try {
      await recording.start();
      state.value = { at: "recording", stream, alone: recording };
      announce(t("solo:started"));
    } catch (error) {
      failure.value = sentence(error);
      await recording.stop();
      again();
    }
  };
  const finish = async (recording: Alone) => {
    await recording.stop();
    document.title = `${t("solo:done")} · Doubletake`;
    state.value = { at: "done", alone: recording };
    announce(t("solo:stopped"));
  };
  const again = () => {
    state.value = { at: "ready" };
    void setup.open();
  };
  return { setup, now, failure, record, finish, again };
}

interface ActionsProps {
  state: State;
  setup: Setup;
  onRecord: () => void;
  onStop: (recording: Alone) => void;
  onAgain: () => void;
}

function Actions({ state, setup, onRecord, onStop, onAgain }: ActionsProps) {
  return (
    <div class="solo-actions">
      {(state.at === "ready" || state.at === "starting") && (
        <button
          type="button"
          class="button record"
          disabled={!setup.stream.value && state.at === "ready"}
          aria-busy={state.at === "starting"}
          onClick={() => state.at === "ready" && onRecord()}
        >
          <Circle size={20} aria-hidden="true" fill="currentColor" />
          {t("solo:record")}
        </button>
      )}
      {state.at === "recording" && (
        // The second press of a double click on Record must not stop it at once.
        <button type="button" class="button record" onClick={(event) => event.detail < 2 && onStop(state.alone)}>
          <Square size={20} aria-hidden="true" fill="currentColor" />
          {t("solo:stop")}
        </button>
      )}
      {state.at === "done" && (
        <button type="button" class="button" onClick={onAgain}>
          <RotateCcw size={20} aria-hidden="true" />
          {t("solo:again")}
        </button>
      )}
      {state.at === "ready" && <SetupPickers setup={setup} alone />}
    </div>
  );
}

function Preview(props: { setup: Setup; stream: MediaStream | null }) {
  const { stream, setup } = props;
  return (
    <div class="preview">
      <div class="preview-frame">
        <Picture stream={stream} muted mirrored label={t("lobby:preview.label")} />
        {!stream?.getVideoTracks().length && (
          <p class="preview-empty">{setup.opening.value && !stream ? t("lobby:preview.waiting") : t("solo:noPicture")}</p>
        )}
      </div>
      <Meter track={stream?.getAudioTracks()[0] ?? null} />
    </div>
  );
}
