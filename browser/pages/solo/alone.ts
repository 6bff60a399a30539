// Recording oneself. With the admin key: a room of one's own and the same path as everybody's; without: in this tab only.
// Promise: after `stop()` the film is in memory, and the camera is off.
import { effect, signal } from "@preact/signals";
import { UserError } from "../../../protocol/errors.ts";
import { nowMs } from "../../record/clock.ts";
import { Api } from "../api.ts";
import { Visit } from "../call/visit.ts";
import { Capture } from "../capture.ts";
import { stop } from "../lobby/setup.ts";
import { name } from "../name.ts";
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
    const room = await new Api(this.adminKey).createRoom("Recorded alone");
    this.#key = room.hostKey;
    const me = { name: name.value || "Me", consent: true, stream: this.stream };
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
        this.problem.value = visit.problem.value;
        if (view.state === "refused") reject(new UserError("not-allowed", view.refusal?.message ?? "The server did not let you in."));
        if (view.state === "joined" && !view.recording && !pressed) {
          pressed = true;
          visit.record();
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
    this.visit?.stop();
    await this.visit?.leave();
  }

  place(): Place | null {
    const recording = this.visit?.latest.value;
    return recording ? { recording, key: this.#key } : null;
  }
}

class InTab implements Alone {
  readonly startedMs = signal<number | null>(null);
  readonly problem = signal<string | null>(null);
  readonly memory = new Memory();
  readonly visit = null;
  readonly #capture: Capture;

  constructor(readonly stream: MediaStream) {
    this.#capture = new Capture({
      stream,
      upload: this.memory.tap(null),
      source: "camera",
      reason: "start",
      samples: () => [],
      onError: (error) => {
        this.problem.value = error.message;
      },
    });
  }

  async start(): Promise<void> {
    await this.#capture.start();
    this.startedMs.value = nowMs();
  }

  async stop(): Promise<void> {
    this.startedMs.value = null;
    await this.#capture.stop();
    stop(this.stream);
  }

  place(): null {
    return null;
  }
}
