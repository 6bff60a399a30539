// The camera and the microphone before a call: what was chosen, what came of it, and what went wrong, in words.
// Promise: at most one stream is open; a choice overtaken by a newer one is closed again.
import { type Signal, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import { type Choice, type Devices, listDevices, noDevices, onDevicesChange, openDevices } from "../../record/devices.ts";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import { rememberChoice, rememberedChoice } from "./choice.ts";

export class Setup {
  readonly choice: Signal<Choice>;
  readonly stream = signal<MediaStream | null>(null);
  readonly opening = signal(true);
  readonly problem = signal<{ code: string; message: string } | null>(null);
  readonly devices = signal<Devices>(noDevices);
  #round = 0;
  #settled: Promise<void> = Promise.resolve();
  /** Whoever waits for the choice before goes on: a browser may never answer for it. */
  #overtake: () => void = () => undefined;
  #unlisten: (() => void) | null = null;

  /** What was chosen before, but for this. */
  constructor(change: Partial<Choice> = {}) {
    this.choice = signal({ ...rememberedChoice(), ...change });
  }

  open(): Promise<void> {
    this.#unlisten ??= onDevicesChange(() => void this.#seek());
    this.#overtake();
    const overtaken = new Promise<void>((resolve) => {
      this.#overtake = resolve;
    });
    this.#settled = Promise.race([this.#open(++this.#round), overtaken]);
    return this.#settled;
  }

  choose(change: Partial<Choice>): Promise<void> {
    this.choice.value = { ...this.choice.value, ...change };
    rememberChoice(change);
    return this.open();
  }

  /** For a moment only ("audio only, because the camera is busy"): not remembered. */
  without(change: Partial<Choice>): Promise<void> {
    this.choice.value = { ...this.choice.value, ...change };
    return this.open();
  }

  /** The last choice is open, or cannot be. */
  async settled(): Promise<void> {
    for (let waited: Promise<void> | null = null; waited !== this.#settled; await waited) waited = this.#settled;
  }

  /** The stream, given away: from now on closing this does not stop it. */
  handOver(): MediaStream | null {
    const stream = this.stream.value;
    this.stream.value = null;
    this.close();
    return stream;
  }

  close(): void {
    this.#round++;
    this.#unlisten?.();
    this.#unlisten = null;
    this.#drop();
  }

  async #open(round: number): Promise<void> {
    this.#drop();
    this.opening.value = true;
    this.problem.value = null;
    const choice = this.choice.value;
    try {
      const stream = choice.camera || choice.microphone ? await openDevices(choice) : null;
      if (round !== this.#round) return stop(stream);
      this.stream.value = stream;
      for (const track of stream?.getTracks() ?? [])
        track.addEventListener("ended", () => this.stream.value === stream && this.#lose(track));
    } catch (error) {
      if (round !== this.#round) return;
      this.problem.value = { code: error instanceof UserError ? error.code : "unknown", message: sentence(error) };
    }
    this.opening.value = false;
    await this.#list();
  }

  /** Something was plugged in or out: what was chosen, and is not in use, is taken up again. */
  async #seek(): Promise<void> {
    await this.#list();
    if (this.opening.value) return;
    const { camera, cameraId, microphone, microphoneId } = this.choice.value;
    const { cameras, microphones } = this.devices.value;
    const [picture] = this.stream.value?.getVideoTracks() ?? [];
    const [sound] = this.stream.value?.getAudioTracks() ?? [];
    if ((camera && wanted(cameras, cameraId, picture)) || (microphone && wanted(microphones, microphoneId, sound))) await this.open();
  }

  /** It went away by itself. Another of its kind takes its place; without one the rest goes on. */
  #lose(track: MediaStreamTrack): void {
    const left = (this.stream.value?.getTracks() ?? []).filter((one) => one !== track && one.readyState === "live");
    this.stream.value = left.length > 0 ? new MediaStream(left) : null;
    const camera = track.kind === "video";
    this.problem.value = camera
      ? { code: "camera-missing", message: t("lobby:trouble.cameraGone") }
      : { code: "microphone-missing", message: t("lobby:trouble.microphoneGone") };
    void this.#seek();
  }

  async #list(): Promise<void> {
    try {
      this.devices.value = await listDevices();
    } catch (error) {
      // The list is a convenience: the default devices work without it.
      console.warn("devices cannot be listed", error);
    }
  }

  #drop(): void {
    stop(this.stream.value);
    this.stream.value = null;
  }
}

/** There is one to be had that is better than what is in use. */
function wanted(devices: MediaDeviceInfo[], chosen: string | null, used: MediaStreamTrack | undefined): boolean {
  if (devices.length === 0) return false;
  if (used?.readyState !== "live") return true;
  return chosen !== null && used.getSettings().deviceId !== chosen && devices.some(({ deviceId }) => deviceId === chosen);
}

export function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
