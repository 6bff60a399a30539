// Recording oneself. With the admin key: a room of one's own and the same path as everybody's; without: in this tab only.
// Promise: after `stop()` the film is in memory, and the camera is off.
import { computed, effect, signal } from "@preact/signals";
import { UserError, type UserErrorCode } from "../../../protocol/errors.ts";
import { nowMs } from "../../record/clock.ts";
import { sentence } from "../api.ts";
import { Equipment } from "../call/equipment.ts";
import { Lane } from "../call/lane.ts";
import { Visit } from "../call/visit.ts";
import { Capture } from "../capture.ts";
import { AdminApi } from "../home/admin.ts";
import { stop } from "../lobby/setup.ts";
import { name } from "../name.ts";
import { t } from "../words.ts";
import { Memory } from "./memory.ts";

/** Where the server's copy can be watched. */
export interface Place {
  recording: string;
  key: string;
}

export interface Alone {
  /** Null while it is not recording yet, or no longer. */
  readonly startedMs: { readonly value: number | null };
  readonly problem: { readonly value: string | null };
  readonly memory: Memory;
  readonly visit: Visit | null;
  start(): Promise<void>;
  stop(): Promise<void>;
  place(): Place | null;
}

export function alone(stream: MediaStream, adminKey: string | null): Alone {
  return adminKey ? new InRoom(stream, adminKey) : new InTab(stream);
}

class InRoom implements Alone {
  readonly startedMs = signal<number | null>(null);
  readonly problem = signal<string | null>(null);
  readonly memory = new Memory();
  visit: Visit | null = null;
  #key = "";
  #unwatch: (() => void) | null = null;

  constructor(
    readonly stream: MediaStream,
    readonly adminKey: string,
  ) {}

  async start(): Promise<void> {
    const room = await new AdminApi(this.adminKey).createRoom(t("solo:roomName"));
    this.#key = room.hostKey;
    const me = { name: name.value || t("solo:me"), consent: true, stream: this.stream };
    const visit = new Visit({ room: room.id, key: room.hostKey, ...me, tap: (upload) => this.memory.tap(upload) });
    this.visit = visit;
    await this.#begun(visit);
  }

  /** Presses Record once the room is entered, and resolves when the recording is on. */
  #begun(visit: Visit): Promise<void> {
    return new Promise((resolve, reject) => {
      let pressed = false;
      this.#unwatch = effect(() => {
        const view = visit.view.value;
        this.problem.value = visit.problem.value ?? visit.equipment.problem.value;
        const { code = "not-allowed", message = t("solo:turnedAway") } = view.refusal ?? {};
        if (view.state === "refused") reject(new UserError(code as UserErrorCode, message));
        if (view.state === "joined" && !view.recording && !pressed) {
          pressed = true;
          visit.ask({ type: "record", count: false });
        }
        if (!view.recording) return;
        this.startedMs.value = view.recording.startedMs;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    this.startedMs.value = null;
    this.visit?.ask({ type: "stop" });
    await this.visit?.leave();
  }

  place(): Place | null {
    const recording = this.visit?.latest.value;
    return recording ? { recording, key: this.#key } : null;
  }
}

/** There is only the one. */
const inTab = "in this tab";

class InTab implements Alone {
  readonly startedMs = signal<number | null>(null);
  readonly problem = computed(() => this.#failure.value ?? this.#equipment.problem.value);
  readonly #failure = signal<string | null>(null);
  readonly memory = new Memory();
  readonly visit = null;
  readonly #equipment: Equipment;
  readonly #lane: Lane;

  constructor(readonly stream: MediaStream) {
    this.#equipment = new Equipment({ stream, swap: () => undefined, onChange: () => void this.#fit() });
    const onError = (error: unknown) => {
      this.#failure.value = sentence(error);
    };
    this.#lane = new Lane({
      source: "camera",
      ticket: async (recording) => ({ recording, track: "", token: "" }),
      open: () => this.memory.tap(null),
      capture: (stream, upload, source, reason) => new Capture({ stream, upload, source, reason, samples: () => [], onError }),
      onError,
    });
  }

  async start(): Promise<void> {
    await this.#lane.want(inTab, this.#equipment.recorded.value);
    if (!this.#lane.capture) {
      await this.#lane.want(null, null);
      throw new UserError("recorder-failed", this.#failure.value ?? t("solo:nothing"));
    }
    this.startedMs.value = nowMs();
  }

  async stop(): Promise<void> {
    this.startedMs.value = null;
    this.#equipment.close();
    await this.#lane.want(null, null);
    stop(this.stream);
  }

  /** Another camera, or one less. */
  async #fit(): Promise<void> {
    if (this.startedMs.value !== null) await this.#lane.want(inTab, this.#equipment.recorded.value);
  }

  place(): null {
    return null;
  }
}
