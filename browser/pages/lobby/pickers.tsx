// The two device choices, as native selects.
import { ChevronDown } from "lucide-preact";
import type { Setup } from "./setup.ts";

const none = "none";

export function Pickers({ setup }: { setup: Setup }) {
  const { choice, devices, stream } = setup;
  const [camera] = stream.value?.getVideoTracks() ?? [];
  const [microphone] = stream.value?.getAudioTracks() ?? [];
  return (
    <>
      <Picker
        id="camera"
        label="Camera"
        devices={devices.value.cameras}
        chosen={choice.value.camera ? (camera?.getSettings().deviceId ?? choice.value.cameraId) : none}
        onChoose={(id) => void setup.choose(id === none ? { camera: false } : { camera: true, cameraId: id })}
      />
      <Picker
        id="microphone"
        label="Microphone"
        devices={devices.value.microphones}
        chosen={choice.value.microphone ? (microphone?.getSettings().deviceId ?? choice.value.microphoneId) : none}
        onChoose={(id) => void setup.choose(id === none ? { microphone: false } : { microphone: true, microphoneId: id })}
      />
    </>
  );
}

function Picker(props: {
  id: string;
  label: string;
  devices: MediaDeviceInfo[];
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  const known = props.chosen === none || props.devices.some((device) => device.deviceId === props.chosen);
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <div class="picker">
        <select
          id={props.id}
          value={known ? (props.chosen ?? "") : ""}
          onChange={(event) => props.onChoose(event.currentTarget.value === "" ? null : event.currentTarget.value)}
        >
          {!known && <option value="">Default {props.label.toLowerCase()}</option>}
          {props.devices.map((device, index) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label || `${props.label} ${index + 1}`}
            </option>
          ))}
          <option value={none}>No {props.label.toLowerCase()}</option>
        </select>
        <ChevronDown size={20} aria-hidden="true" />
      </div>
    </div>
  );
}
