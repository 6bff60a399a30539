// The one bar of the call. Every button says what it will do.
import { Circle, LogOut, Mic, MicOff, MonitorOff, MonitorUp, Square, Video, VideoOff } from "lucide-preact";
import type { ComponentChildren } from "preact";
import type { Visit } from "./visit.ts";

export function Bar(props: { visit: Visit; onLeave: () => void }) {
  const { visit } = props;
  const view = visit.view.value;
  const stream = visit.options.stream;
  const observer = view.me?.role === "observer";
  const joined = view.state === "joined";
  const observers = view.others.filter((other) => other.participant.role === "observer").map((other) => other.participant.name);
  const canShare = "getDisplayMedia" in navigator.mediaDevices;
  return (
    <div class="call-bar" role="toolbar" aria-label="Call">
      <div class="call-room">
        <span>{view.room?.name}</span>
        {observers.length > 0 && <span class="small">Watching: {observers.join(", ")}</span>}
      </div>
      <div class="call-buttons">
        {!observer && (
          <>
            <Toggle
              on={visit.microphone.value}
              words={visit.microphone.value ? "Mute microphone" : "Unmute microphone"}
              short={visit.microphone.value ? "Mute" : "Unmute"}
              icon={visit.microphone.value ? <Mic size={20} aria-hidden="true" /> : <MicOff size={20} aria-hidden="true" />}
              disabled={!stream?.getAudioTracks().length}
              onPress={() => visit.turnMicrophone(!visit.microphone.value)}
            />
            <Toggle
              on={visit.camera.value}
              words={visit.camera.value ? "Turn camera off" : "Turn camera on"}
              short={visit.camera.value ? "Camera off" : "Camera on"}
              icon={visit.camera.value ? <Video size={20} aria-hidden="true" /> : <VideoOff size={20} aria-hidden="true" />}
              disabled={!stream?.getVideoTracks().length}
              onPress={() => visit.turnCamera(!visit.camera.value)}
            />
            {canShare && (
              <Toggle
                on={!view.screen}
                words={view.screen ? "Stop sharing" : "Share screen"}
                short={view.screen ? "Stop sharing" : "Share"}
                icon={view.screen ? <MonitorOff size={20} aria-hidden="true" /> : <MonitorUp size={20} aria-hidden="true" />}
                disabled={!joined}
                onPress={() => (view.screen ? visit.stopScreen() : void visit.shareScreen())}
              />
            )}
          </>
        )}
        {view.me?.role === "host" &&
          (view.recording ? (
            <button type="button" class="call-button stop" aria-label="Stop recording" disabled={!joined} onClick={() => visit.stop()}>
              <Square size={20} aria-hidden="true" fill="currentColor" />
              <span aria-hidden="true">Stop</span>
            </button>
          ) : (
            <button type="button" class="call-button record" aria-label="Record" disabled={!joined} onClick={() => visit.record()}>
              <Circle size={20} aria-hidden="true" fill="currentColor" />
              <span aria-hidden="true">Record</span>
            </button>
          ))}
        <button type="button" class="call-button leave" aria-label="Leave" onClick={props.onLeave}>
          <LogOut size={20} aria-hidden="true" />
          <span aria-hidden="true">Leave</span>
        </button>
      </div>
    </div>
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
