// Camera and microphone during a call: another one chosen, one switched on later, one unplugged and back again, one that says nothing.
// Promise: the call's stream stays one object, and what is recorded never changes under a recorder: `recorded` is another stream each time.
import { signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import { type Devices, listDevices, noDevices, onDevicesChange, openDevices } from "../../record/devices.ts";
import { sentence } from "../api.ts";
import { rememberChoice, rememberedChoice } from "../lobby/choice.ts";
import { stop } from "../lobby/setup.ts";
import { t } from "../words.ts";
import { Ear, type Hearing } from "./ear.ts";

export type Kind = "camera" | "microphone";
/** "none": the person does without. "gone": it went away by itself, and is taken up again when it is back. "silent": on, and nothing but zeros. */
export type Fitting = "none" | "opening" | "on" | "off" | "silent" | "gone";

export interface EquipmentOptions {
  /** The call's own: one object as long as the call lasts, its tracks are exchanged in it. */
  stream: MediaStream;
  /** In the call's connections. `old` null: there was none of its kind; `fresh` null: it stays, and is on, off or gone now. */
  swap: (old: MediaStreamTrack | null, fresh: MediaStreamTrack | null) => void;
  /** `recorded` is new. */
  onChange: () => void;
}

interface Slot {
  readonly kind: Kind;
  /** The one in the stream, ended or not; null: there never was one. */
  track: MediaStreamTrack | null;
  fitting: Fitting;
  /** Whether it is to be on, or muted: what comes in its place, or comes back, is as it was last asked for. */
  wanted: boolean;
}

export class Equipment {
  /** Null when nothing is left to record. */
  readonly recorded = signal<MediaStream | null>(null);
  readonly camera = signal<Fitting>("none");
  readonly microphone = signal<Fitting>("none");
  readonly devices = signal<Devices>(noDevices);
  /** What is missing, in the person's words. */
  readonly problem = signal<string | null>(null);
  readonly #slots: Record<Kind, Slot>;
  readonly #ear = new Ear((heard) => this.#heard(heard));
  readonly #unlisten: () => void;
  /** One device is opened at a time: browsers ask the person about one at a time, too. */
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(readonly options: EquipmentOptions) {
    const { stream } = options;
    this.#slots = {
      camera: slotOf("camera", stream.getVideoTracks()[0]),
      microphone: slotOf("microphone", stream.getAudioTracks()[0]),
    };
    for (const { track } of this.#all) if (track) this.#watch(track);
    this.#unlisten = onDevicesChange(() => {
      void this.#list();
      void this.#order(() => this.#seek());
    });
    void this.#list();
    this.#gather();
    this.#say();
  }

  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#ear.close();
  }

  /** The id of the device in use, for the lists; null: not known. */
  idOf(kind: Kind): string | null {
    return this.#slots[kind].track?.getSettings().deviceId ?? null;
  }

  track(kind: Kind): MediaStreamTrack | null {
    const { track } = this.#slots[kind];
    return track?.readyState === "live" ? track : null;
  }

  /** Another camera or microphone from now on, in this call and the next. `id` null: the browser's default. */
  choose(kind: Kind, id: string | null): Promise<void> {
    rememberChoice(kind === "camera" ? { camera: true, cameraId: id } : { microphone: true, microphoneId: id });
    const same = id !== null && id === this.idOf(kind) && this.track(kind) !== null;
    return same ? Promise.resolve() : this.#order(() => this.#take(kind, id));
  }

  /** Does without from now on; the device is free for others. */
  giveUp(kind: Kind): Promise<void> {
    rememberChoice(kind === "camera" ? { camera: false } : { microphone: false });
    return this.#order(async () => {
      const slot = this.#slots[kind];
      slot.track?.stop();
      slot.fitting = "none";
      this.options.swap(slot.track, null);
      this.#fit();
    });
  }

  /** Mute and camera off keep the device; one that is not there is opened. */
  turn(kind: Kind, on: boolean): void {
    const slot = this.#slots[kind];
    slot.wanted = on;
    if (slot.fitting === "opening") return;
    if (!slot.track || slot.fitting === "none" || slot.fitting === "gone") {
      if (on) void this.choose(kind, kind === "camera" ? rememberedChoice().cameraId : rememberedChoice().microphoneId);
      return;
    }
    slot.track.enabled = on;
    slot.fitting = on ? "on" : "off";
    this.options.swap(slot.track, null);
    this.#say();
  }

  get #all(): Slot[] {
    return [this.#slots.microphone, this.#slots.camera];
  }

  /** What fails leaves a sentence and the device that was there. */
  #order(action: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        await action();
      } catch (error) {
        this.#say(sentence(error));
      }
    });
    return this.#queue;
  }

  async #list(): Promise<void> {
    try {
      this.devices.value = await listDevices();
    } catch (error) {
      // The lists are a convenience: the default devices work without them.
      console.warn("devices cannot be listed", error);
    }
  }

  /** Only a device that goes away by itself fires this; stopping it here does not. */
  #watch(track: MediaStreamTrack): void {
    track.addEventListener("ended", () => {
      const slot = this.#all.find((one) => one.track === track);
      if (!slot || this.#closed) return;
      slot.fitting = "gone";
      this.options.swap(track, null);
      this.#fit();
      void this.#order(() => this.#seek());
    });
  }

  /** What went away by itself is looked for again: the one that was chosen first, then any. */
  async #seek(): Promise<void> {
    for (const { kind, fitting } of this.#all) {
      if (fitting !== "gone") continue;
      const { cameras, microphones } = await listDevices();
      if ((kind === "camera" ? cameras : microphones).length === 0) continue;
      try {
        const { cameraId, microphoneId } = rememberedChoice();
        await this.#take(kind, kind === "camera" ? cameraId : microphoneId);
      } catch (error) {
        // Refused or busy: the words about it stay, and the next device that comes is tried again.
        console.warn(`equipment: ${kind}`, error);
      }
    }
  }

  /** The old one goes on until the new one is there; what fails leaves everything as it was. */
  async #take(kind: Kind, id: string | null): Promise<void> {
    const slot = this.#slots[kind];
    const { track: old, fitting: before } = slot;
    try {
      if (before === "none") {
        slot.fitting = "opening";
        slot.wanted = true;
      }
      this.#say();
      const fresh = await this.#open(kind, id);
      if (this.#closed) return fresh.stop();
      fresh.enabled = slot.wanted;
      this.#exchange(slot, fresh);
    } catch (error) {
      slot.fitting = old?.readyState === "ended" && before !== "none" ? "gone" : before;
      this.#fit();
      throw error;
    }
  }

  #exchange(slot: Slot, fresh: MediaStreamTrack): void {
    const { stream, swap } = this.options;
    const old = slot.track;
    slot.track = fresh;
    if (!fresh.enabled) slot.fitting = "off";
    // The words about a silent one stay until the next one is heard.
    else if (slot.fitting !== "silent") slot.fitting = "on";
    this.#watch(fresh);
    if (old) stream.removeTrack(old);
    stream.addTrack(fresh);
    swap(old, fresh);
    this.#fit();
    // Only now: until here the old one was what the others saw and heard.
    old?.stop();
  }

  async #open(kind: Kind, id: string | null): Promise<MediaStreamTrack> {
    const ids = kind === "camera" ? { cameraId: id, microphoneId: null } : { cameraId: null, microphoneId: id };
    const ask = () => openDevices({ ...ids, camera: kind === "camera", microphone: kind === "microphone" });
    const found = await ask().catch((error: unknown) => {
      const old = this.track(kind);
      if (!old || !(error instanceof UserError) || error.code !== `${kind}-busy`) throw error;
      // Phones lend out one camera at a time.
      old.stop();
      return ask();
    });
    const [fresh] = kind === "camera" ? found.getVideoTracks() : found.getAudioTracks();
    if (fresh) return fresh;
    stop(found);
    throw new UserError(`${kind}-missing`, t(`call:equipment.missing.${kind}`));
  }

  /** It lies: live, open, and zeros only. Asked for anew once; when that was in vain, the words stay. */
  #heard(heard: Hearing): void {
    const slot = this.#slots.microphone;
    if (heard === "heard" ? slot.fitting !== "silent" : slot.fitting !== "on") return;
    slot.fitting = heard === "heard" ? "on" : "silent";
    this.#say();
    if (heard === "silent") void this.#order(() => this.#take("microphone", this.idOf("microphone")));
  }

  #fit(): void {
    const changed = this.#gather();
    this.#say();
    if (changed) this.options.onChange();
  }

  /** Another set of tracks is another stream. False: nothing changed. */
  #gather(): boolean {
    const tracks = this.#all.flatMap(({ kind, fitting }) => (fitting === "none" ? [] : (this.track(kind) ?? [])));
    const before = this.recorded.value?.getTracks() ?? [];
    this.#ear.hear(this.track("microphone"));
    if (tracks.length === before.length && tracks.every((track) => before.includes(track))) return false;
    this.recorded.value = tracks.length > 0 ? new MediaStream(tracks) : null;
    return true;
  }

  #say(failure: string | null = null): void {
    this.camera.value = this.#slots.camera.fitting;
    this.microphone.value = this.#slots.microphone.fitting;
    this.problem.value = failure ?? words(this.camera.value, this.microphone.value);
  }
}

export function isOn(fitting: Fitting): boolean {
  return fitting === "on" || fitting === "silent";
}

function slotOf(kind: Kind, track: MediaStreamTrack | undefined): Slot {
  return { kind, track: track ?? null, fitting: !track ? "none" : track.enabled ? "on" : "off", wanted: track?.enabled ?? true };
}

function words(camera: Fitting, microphone: Fitting): string | null {
  if (camera === "gone" && microphone === "gone") return t("call:equipment.bothGone");
  if (camera === "gone") return t(microphone === "none" ? "call:equipment.cameraGone" : "call:equipment.cameraGoneSound");
  if (microphone === "gone") return t(camera === "none" ? "call:equipment.microphoneGone" : "call:equipment.microphoneGonePicture");
  return microphone === "silent" ? t("call:equipment.silent") : null;
}
