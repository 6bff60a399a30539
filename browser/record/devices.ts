// Cameras, microphones and screens. Promise: whatever the browser answers, the caller gets a stream or a UserError in the person's words.
import { UserError } from "../../protocol/errors.ts";
import { follow } from "./recorder.ts";

export interface Choice {
  /** Null: the browser's default. */
  cameraId: string | null;
  microphoneId: string | null;
  camera: boolean;
  microphone: boolean;
}

const picture: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const sound: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export async function openDevices(choice: Choice): Promise<MediaStream> {
  requireSecure();
  if (!choice.camera && !choice.microphone) return new MediaStream();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: choice.camera && { ...picture, ...device(choice.cameraId) },
      audio: choice.microphone && { ...sound, ...device(choice.microphoneId) },
    });
    void follow(stream);
    return stream;
  } catch (cause) {
    const chosen = choice.cameraId !== null || choice.microphoneId !== null;
    // A chosen device was unplugged since; another one is better than none.
    if (chosen && nameOf(cause) === "OverconstrainedError") return await openDevices({ ...choice, ...(await stillThere(choice)) });
    throw await explain(cause, choice);
  }
}

/** The chosen ones that are plugged in; none of them where all are, and it is something else that does not fit. */
async function stillThere({ cameraId, microphoneId }: Choice): Promise<Pick<Choice, "cameraId" | "microphoneId">> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const kept = (id: string | null) => (all.some(({ deviceId }) => deviceId === id) ? id : null);
  const left = { cameraId: kept(cameraId), microphoneId: kept(microphoneId) };
  return left.cameraId === cameraId && left.microphoneId === microphoneId ? { cameraId: null, microphoneId: null } : left;
}

/** Null: the person chose none after all. */
export async function openScreen(): Promise<MediaStream | null> {
  requireSecure();
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
  } catch (cause) {
    // Chromium says so where it is macOS that does not let it; nobody has cancelled then.
    const bySystem = /system/i.test(String(cause));
    if (nameOf(cause) === "NotAllowedError" && !bySystem) return null;
    const way = bySystem ? "Allow this browser to record the screen in your system's settings." : "Choose another window or screen.";
    throw new UserError("screen-failed", `The screen could not be shared. ${way}`, { cause });
  }
}

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  /** Null where the browser lets nobody choose. */
  speakers: MediaDeviceInfo[] | null;
}

const choosable = "setSinkId" in (globalThis.HTMLMediaElement?.prototype ?? {});

/** As long as it is not known what there is. */
export const noDevices: Devices = { cameras: [], microphones: [], speakers: choosable ? [] : null };

/** Names are empty until the person has allowed a camera or microphone once. */
export async function listDevices(): Promise<Devices> {
  if (!secure()) return noDevices;
  const all = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind);
  return { cameras: ofKind("videoinput"), microphones: ofKind("audioinput"), speakers: choosable ? ofKind("audiooutput") : null };
}

/** Browsers give cameras to https pages and to localhost only. */
export function secure(): boolean {
  return window.isSecureContext && navigator.mediaDevices !== undefined;
}

/** Returns how to stop listening. */
export function onDevicesChange(listener: () => void): () => void {
  if (!secure()) return () => undefined;
  navigator.mediaDevices.addEventListener("devicechange", listener);
  return () => navigator.mediaDevices.removeEventListener("devicechange", listener);
}

function device(id: string | null): MediaTrackConstraints {
  return id === null ? {} : { deviceId: { exact: id } };
}

function requireSecure(): void {
  if (!secure())
    throw new UserError(
      "insecure-page",
      "Browsers allow the camera and microphone only on pages that start with https, or on localhost. Open this room by its https address.",
    );
}

/** What it is about: where both are asked for and only the microphone is at fault, the camera is still to be had. */
async function explain(cause: unknown, choice: Choice): Promise<UserError> {
  switch (nameOf(cause)) {
    case "NotAllowedError":
    case "SecurityError": {
      const microphone = !choice.camera || ((await denied("microphone")) && !(await denied("camera")));
      return new UserError(
        microphone ? "microphone-denied" : "camera-denied",
        `Your browser does not let this page use your ${microphone ? "microphone" : things(choice, "and")}. Allow it at the left of the address bar, then press Try again.`,
        { cause },
      );
    }
    case "NotFoundError":
    case "OverconstrainedError": {
      const missing = await missingOf(choice);
      return new UserError(
        missing.camera ? "camera-missing" : "microphone-missing",
        `No ${things(missing, "or")} was found. Plug one in, then press Try again.`,
        { cause },
      );
    }
    default: {
      // Browsers name the source that did not start, each in its way: "audio source", "audiosource".
      const sound = /audio|microphone/i.test(String(cause)) && !/video|camera/i.test(String(cause));
      const busy = sound ? { camera: false, microphone: true } : choice;
      return new UserError(
        busy.camera ? "camera-busy" : "microphone-busy",
        `Your ${things(busy, "or")} is in use by another program. Close it there, then press Try again.`,
        { cause },
      );
    }
  }
}

type Kinds = Pick<Choice, "camera" | "microphone">;

const things = ({ camera, microphone }: Kinds, both: "and" | "or") =>
  camera && microphone ? `camera ${both} microphone` : camera ? "camera" : "microphone";

/** What of the choice this machine does not have; all of it, where that cannot be told. */
async function missingOf(choice: Choice): Promise<Kinds> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const lacks = (kind: MediaDeviceKind) => !all.some((device) => device.kind === kind);
  const missing = { camera: choice.camera && lacks("videoinput"), microphone: choice.microphone && lacks("audioinput") };
  return missing.camera || missing.microphone ? missing : choice;
}

async function denied(name: "camera" | "microphone"): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state === "denied";
  } catch {
    // Browsers that do not know this permission cannot tell; the camera is then the better guess.
    return false;
  }
}

/** Not `instanceof DOMException`: OverconstrainedError is none in some browsers. */
function nameOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "name" in cause ? String(cause.name) : "";
}
