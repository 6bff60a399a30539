// The device choices as native selects, the same before a call and in it.
import { ChevronDown } from "lucide-preact";
import type { Devices } from "../../record/devices.ts";
import { t } from "../words.ts";
import { rememberSpeaker, speaker } from "./choice.ts";
import type { Setup } from "./setup.ts";

export interface PickersProps {
  devices: Devices;
  /** The id of the one in use; null: which one is not known; "none": it is off. */
  camera: string | null;
  microphone: string | null;
  onCamera: (id: string) => void;
  onMicrophone: (id: string) => void;
}

/** Stands for "no camera" among the ids of cameras; the browsers' own ids are hashes. */
export const none = "none";

export function Pickers(props: PickersProps) {
  const { devices } = props;
  return (
    <div class="pickers">
      <Picker id="camera" devices={devices.cameras} chosen={props.camera} onChoose={props.onCamera} optional />
      <Picker id="microphone" devices={devices.microphones} chosen={props.microphone} onChoose={props.onMicrophone} optional />
      {devices.speakers && <Picker id="speaker" devices={devices.speakers} chosen={speaker.value} onChoose={rememberSpeaker} />}
    </div>
  );
}

/** `alone`: nobody is there to be heard. */
export function SetupPickers({ setup, alone }: { setup: Setup; alone?: boolean }) {
  const { choice, devices, stream } = setup;
  const [camera] = stream.value?.getVideoTracks() ?? [];
  const [microphone] = stream.value?.getAudioTracks() ?? [];
  return (
    <Pickers
      devices={alone ? { ...devices.value, speakers: null } : devices.value}
      camera={choice.value.camera ? (camera?.getSettings().deviceId ?? choice.value.cameraId) : none}
      microphone={choice.value.microphone ? (microphone?.getSettings().deviceId ?? choice.value.microphoneId) : none}
      onCamera={(id) => void setup.choose(id === none ? { camera: false } : { camera: true, cameraId: id || null })}
      onMicrophone={(id) => void setup.choose(id === none ? { microphone: false } : { microphone: true, microphoneId: id || null })}
    />
  );
}

interface PickerProps {
  id: "camera" | "microphone" | "speaker";
  devices: MediaDeviceInfo[];
  chosen: string | null;
  /** "": the browser's default. */
  onChoose: (id: string) => void;
  /** One may do without. */
  optional?: boolean;
}

function Picker(props: PickerProps) {
  const label = t(`lobby:pickers.${props.id}`);
  const known = props.chosen === none || props.devices.some((device) => device.deviceId === props.chosen);
  return (
    <div class="field">
      <label for={props.id}>{label}</label>
      <div class="picker">
        <select id={props.id} value={known ? (props.chosen ?? "") : ""} onChange={(event) => props.onChoose(event.currentTarget.value)}>
          {!known && <option value="">{t(`lobby:pickers.${props.id}Default`)}</option>}
          {props.devices.map((device, index) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label || `${label} ${index + 1}`}
            </option>
          ))}
          {props.optional && props.id !== "speaker" && <option value={none}>{t(`lobby:pickers.${props.id}None`)}</option>}
        </select>
        <ChevronDown size={20} aria-hidden="true" />
      </div>
    </div>
  );
}
