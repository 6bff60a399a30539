// How safe everybody's part of a room's recording is, told to everybody in the room.
// Promise: said at most once a second, and only when it changed; nothing is called safe that is not on disk.
import type { Track } from "../../protocol/api.ts";
import type { CallDown, CallUp, Safety as Item } from "../../protocol/call.ts";
import { isWhisper } from "../../protocol/recording.ts";

type Message = CallDown & { type: "safety" };
type Kept = CallUp & { type: "kept" };

export interface SafetyOptions {
  /** How a recording's tracks stand, as the API tells it; null: there is no such recording (any more). */
  tracks: (recordingId: string) => Promise<Track[] | null>;
  send: (roomId: string, message: Message) => void;
}

interface Told {
  bytes: number;
  durationMs: number;
  /** Which page said so, and what pages before it had recorded, as far as it was safe when this one began to say. */
  instance: string;
  beforeMs: number;
}

interface Watched {
  recording: string;
  /** By participant and source. */
  told: Map<string, Told>;
  last: Message | null;
  /** Something may have changed since `last`. */
  open: boolean;
}

export class Safety {
  readonly #options: SafetyOptions;
  readonly #rooms = new Map<string, Watched>();

  constructor(options: SafetyOptions) {
    this.#options = options;
  }

  /** From now on this is the recording that the room hears of. */
  watch(roomId: string, recordingId: string): void {
    const known = this.#rooms.get(roomId);
    if (known?.recording === recordingId) known.open = true;
    else this.#rooms.set(roomId, { recording: recordingId, told: new Map(), last: null, open: true });
  }

  forget(roomId: string): void {
    this.#rooms.delete(roomId);
  }

  /** What a page says of its own recording. Of another recording than the room's it is of no interest, nor of a whisper, which the room does not hear of. */
  kept(roomId: string, who: { id: string; instance: string }, { recording, source, bytes, durationMs }: Kept): void {
    const watched = this.#rooms.get(roomId);
    if (watched?.recording !== recording || isWhisper(source)) return;
    const key = `${who.id} ${source}`;
    const before = watched.told.get(key);
    const same = before?.instance === who.instance;
    const safeMs = watched.last?.items.find((item) => `${item.participant.id} ${item.source}` === key)?.safeMs ?? 0;
    watched.told.set(key, {
      bytes,
      durationMs,
      instance: who.instance,
      beforeMs: same ? before.beforeMs : Math.max(0, safeMs - durationMs),
    });
    watched.open = true;
  }

  last(roomId: string): Message | null {
    return this.#rooms.get(roomId)?.last ?? null;
  }

  /** Looks at every room once; called about once a second. */
  async tick(): Promise<void> {
    for (const [roomId, watched] of this.#rooms) {
      if (!watched.open) continue;
      const tracks = await this.#options.tracks(watched.recording);
      if (!tracks) {
        this.#rooms.delete(roomId);
        continue;
      }
      const items = tracks.map((track) => itemOf(track, watched.told.get(`${track.participant.id} ${track.source}`)));
      watched.open = items.length === 0 || items.some(({ state }) => state === "recording" || state === "uploading");
      const message: Message = { type: "safety", recording: watched.recording, items };
      if (JSON.stringify(message) === JSON.stringify(watched.last)) continue;
      watched.last = message;
      this.#options.send(roomId, message);
    }
  }
}

/** Once a track is complete, what is here is what was recorded, whatever was told before. */
export function itemOf(track: Track, told: Pick<Told, "bytes" | "durationMs" | "beforeMs"> | undefined): Item {
  const missingMs = track.gaps.filter((gap) => gap.reason !== "lost").reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
  const safeMs = Math.max(0, Math.round(track.durationMs - missingMs));
  const more = track.state === "safe" ? undefined : told;
  return {
    participant: track.participant,
    source: track.source,
    state: track.state,
    recordedMs: Math.max(safeMs, Math.round(more ? more.beforeMs + more.durationMs : 0)),
    safeMs,
    bytes: Math.max(track.bytes, more?.bytes ?? 0),
    safeBytes: track.bytes,
    gaps: track.gaps,
  };
}
