// The one bar of the call. Every button says what it will do.
import { Circle, LogOut, Mic, MicOff, MonitorOff, MonitorUp, Square, Video, VideoOff } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { isOn } from "./equipment.ts";
import { DevicesButton, Panel } from "./panel.tsx";
import type { Visit } from "./visit.ts";

export function Bar(props: { visit: Visit; onLeave: () => void }) {
  const { visit } = props;
  const { me, others, room } = visit.view.value;
  const observers = others.filter((other) => other.participant.role === "observer").map((other) => other.participant.name);
  return (
    <section class="call-bar" aria-label="Call controls">
      <div class="call-room">
        <span>{room?.name}</span>
        {observers.length > 0 && <span class="small">Watching: {observers.join(", ")}</span>}
      </div>
      <div class="call-buttons">
        {me?.role !== "observer" && <Devices visit={visit} />}
        {me?.hosting && <RecordButton visit={visit} />}
        <button type="button" class="call-button leave" aria-label="Leave" onClick={props.onLeave}>
          <LogOut size={20} aria-hidden="true" />
          <span aria-hidden="true">Leave</span>
        </button>
      </div>
      {me?.role !== "observer" && <Panel equipment={visit.equipment} />}
    </section>
  );
}

function Devices({ visit }: { visit: Visit }) {
  const { screen, state } = visit.view.value;
  const { equipment } = visit;
  const microphone = isOn(equipment.microphone.value);
  const camera = isOn(equipment.camera.value);
  return (
    <>
      <Toggle
        on={microphone}
        words={microphone ? "Mute microphone" : "Unmute microphone"}
        short={microphone ? "Mute" : "Unmute"}
        icon={microphone ? <Mic size={20} aria-hidden="true" /> : <MicOff size={20} aria-hidden="true" />}
        disabled={equipment.microphone.value === "opening"}
        onPress={() => equipment.turn("microphone", !microphone)}
      />
      <Toggle
        on={camera}
        words={camera ? "Turn camera off" : "Turn camera on"}
        short="Camera"
        icon={camera ? <Video size={20} aria-hidden="true" /> : <VideoOff size={20} aria-hidden="true" />}
        disabled={equipment.camera.value === "opening"}
        onPress={() => equipment.turn("camera", !camera)}
      />
      <DevicesButton />
      {"getDisplayMedia" in navigator.mediaDevices && (
        <Toggle
          on={!screen}
          words={screen ? "Stop sharing" : "Share screen"}
          short={screen ? "Sharing" : "Share"}
          icon={screen ? <MonitorOff size={20} aria-hidden="true" /> : <MonitorUp size={20} aria-hidden="true" />}
          disabled={state !== "joined"}
          onPress={() => (screen ? visit.stopScreen() : void visit.shareScreen())}
        />
      )}
    </>
  );
}

function RecordButton({ visit }: { visit: Visit }) {
  const { recording, state } = visit.view.value;
  const press = (event: MouseEvent) => {
    // The second press of a double click must not undo the first.
    if (event.detail > 1) return;
    if (recording) visit.ask({ type: "stop" });
    else visit.ask({ type: "record" });
  };
  return (
    <button
      type="button"
      class={recording ? "call-button stop" : "call-button record"}
      aria-label={recording ? "Stop recording" : "Record"}
      disabled={state !== "joined"}
      onClick={press}
    >
      {recording ? (
        <Square size={20} aria-hidden="true" fill="currentColor" />
      ) : (
        <Circle size={20} aria-hidden="true" fill="currentColor" />
      )}
      <span aria-hidden="true">{recording ? "Stop" : "Record"}</span>
    </button>
  );
}

interface ToggleProps {
  on: boolean;
  words: string;
  short: string;
  icon: ComponentChildren;
  disabled: boolean;
  onPress: () => void;
}

function Toggle(props: ToggleProps) {
  return (
    <button
      type="button"
      class={props.on ? "call-button" : "call-button off"}
      aria-label={props.words}
      title={props.words}
      disabled={props.disabled}
      onClick={props.onPress}
    >
      {props.icon}
      <span aria-hidden="true">{props.short}</span>
    </button>
  );
}
