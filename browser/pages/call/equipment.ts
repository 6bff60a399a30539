// Camera and microphone during a call: unplugged, what is left goes on; plugged in again (or another one there), it is taken up by itself.
// Promise: what is recorded never changes under a recorder: `recorded` is another stream each time.
import { listDevices, onDevicesChange, openDevices } from "../../record/devices.ts";
import { stop } from "../lobby/setup.ts";

type Kind = "video" | "audio";

export interface EquipmentOptions {
  /** The call's own: one object as long as the call lasts, its tracks are exchanged in it. */
  stream: MediaStream | null;
  /** In the call's connections; null: nothing instead of it for now. */
  swap: (old: MediaStreamTrack, fresh: MediaStreamTrack | null) => void;
  /** `recorded` is new, or the words are. */
  onChange: () => void;
}

const names: Record<Kind, string> = { video: "camera", audio: "microphone" };

export class Equipment {
  /** Null when nothing is left to record. */
  recorded: MediaStream | null;
  /** What is missing, in the person's words. */
  problem: string | null = null;
  readonly #gone = new Map<Kind, MediaStreamTrack>();
  readonly #unlisten: () => void;
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor(readonly options: EquipmentOptions) {
    const tracks = options.stream?.getTracks() ?? [];
    this.recorded = tracks.length > 0 ? new MediaStream(tracks) : null;
    for (const track of tracks) this.#watch(track);
    this.#unlisten = onDevicesChange(() => this.#seek());
  }

  close(): void {
    this.#closed = true;
    this.#unlisten();
  }

  /** Only a device that goes away by itself fires this; stopping it here does not. */
  #watch(track: MediaStreamTrack): void {
    track.addEventListener("ended", () => {
      if (this.#closed) return;
      this.#gone.set(track.kind as Kind, track);
      this.options.swap(track, null);
      this.#show();
      this.#seek();
    });
  }

  /** One search at a time; whatever goes missing meanwhile is looked for by the same. */
  #seek(): void {
    this.#opening ??= this.#search().finally(() => {
      this.#opening = null;
    });
  }

  async #search(): Promise<void> {
    for (const kind of ["audio", "video"] as const) {
      const old = this.#gone.get(kind);
      if (!old) continue;
      try {
        const { cameras, microphones } = await listDevices();
        if ((kind === "video" ? cameras : microphones).length > 0) await this.#reopen(kind, old);
      } catch (error) {
        // Refused or busy: the words about it stay, and the next device that comes is tried again.
        console.warn(`equipment: ${names[kind]}`, error);
      }
    }
  }

  async #reopen(kind: Kind, old: MediaStreamTrack): Promise<void> {
    const found = await openDevices({ cameraId: null, microphoneId: null, camera: kind === "video", microphone: kind === "audio" });
    const fresh = found.getTracks().find((track) => track.kind === kind);
    if (!fresh || this.#closed) return stop(found);
    fresh.enabled = old.enabled;
    this.#gone.delete(kind);
    this.#watch(fresh);
    this.options.stream?.removeTrack(old);
    this.options.stream?.addTrack(fresh);
    this.options.swap(old, fresh);
    this.#show();
  }

  #show(): void {
    const tracks = (this.options.stream?.getTracks() ?? []).filter((track) => track.readyState === "live" && !this.#isGone(track));
    this.recorded = tracks.length > 0 ? new MediaStream(tracks) : null;
    this.problem = sentence([...this.#gone.keys()], tracks.length > 0);
    this.options.onChange();
  }

  #isGone(track: MediaStreamTrack): boolean {
    return this.#gone.get(track.kind as Kind) === track;
  }
}

function sentence(gone: Kind[], someLeft: boolean): string | null {
  if (gone.length === 0) return null;
  const devices = gone.map((kind) => names[kind]).join(" and ");
  const them = gone.length > 1 ? "they are" : "it is";
  const rest = someLeft ? ` The ${gone.includes("video") ? "sound" : "picture"} goes on.` : "";
  return `Your ${devices} ${gone.length > 1 ? "are" : "is"} gone.${rest} What was recorded so far is safe. Plug ${gone.length > 1 ? "them" : "it"} in again and ${them} taken up again.`;
}
