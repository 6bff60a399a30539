// The call: who is here, what one sees and hears of them, and whether the room records. Promise: one view object, replaced on every change;
// a dropped socket never takes down a connection between people that still carries.
import type { Participant } from "../../protocol/call.ts";
import type { ClockSample, Source } from "../../protocol/recording.ts";

export interface Other {
  participant: Participant;
  stream: MediaStream | null;
  screen: MediaStream | null;
  connection: "connecting" | "connected" | "lost";
}

export interface CallView {
  state: "connecting" | "joined" | "reconnecting" | "left" | "refused";
  /** Why the call cannot go on; only in state "refused". */
  refusal: { code: string; message: string } | null;
  /** What the server last declined while the call goes on. */
  notice: string | null;
  me: Participant | null;
  room: { id: string; name: string } | null;
  others: Other[];
  /** `startedMs`: when Record was pressed, on this browser's clock. */
  recording: { id: string; startedMs: number } | null;
  lastRecordingId: string | null;
  /** The screen one shares. */
  screen: MediaStream | null;
}

export interface CallOptions {
  room: string;
  key: string;
  name: string;
  consent: boolean;
  stream: MediaStream | null;
  onChange: (view: CallView) => void;
  onClockSample: (sample: ClockSample) => void;
}

export class Call {
  constructor(readonly options: CallOptions) {}

  get view(): CallView {
    throw new Error("not built yet");
  }

  start(): void {}
  async leave(): Promise<void> {}
  record(): void {}
  stop(): void {}
  setMicrophone(_on: boolean): void {}
  setCamera(_on: boolean): void {}
  shareScreen(_stream: MediaStream): void {}
  stopScreen(): void {}
  ticket(_recordingId: string, _source: Source): Promise<{ recording: string; track: string; token: string }> {
    throw new Error("not built yet");
  }
  close(): void {}
}
