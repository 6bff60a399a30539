// What one sees of a call, as one object; what it is before the server has said anything, and how the server's times become this browser's. Pure, but
// for the clock.
import {
  type ActiveRecording,
  type Bookmark,
  type ChatMessage,
  noRules,
  type Participant,
  type RoomRules,
  type Safety,
} from "../../protocol/call.ts";
import type { Other } from "./plane.ts";
import type { Unsaid } from "./unsaid.ts";

export interface CallView {
  state: "connecting" | "joined" | "reconnecting" | "left" | "refused";
  /** Why the call cannot go on; only in state "refused". */
  refusal: { code: string; message: string } | null;
  /** What the server last declined while the call goes on. `about`: the id of what I wrote or marked, if it was that. */
  notice: { code: string; message: string; about?: string | undefined } | null;
  me: Participant | null;
  room: { id: string; name: string } | null;
  others: Other[];
  /** `startedMs`: when Record was pressed, on this browser's clock. `pausedMs`: since when it is paused, recording time; null: it is not.
   * `pausesMs`: how long all earlier pauses were. */
  recording: { id: string; startedMs: number; pausedMs: number | null; pausesMs: number } | null;
  /** When the recording will begin, on this browser's clock; null: nobody counts. */
  beginsMs: number | null;
  lastRecordingId: string | null;
  /** How safe everybody's part of a recording is, as last heard. */
  safety: { recording: string; items: Safety[] } | null;
  /** The screen one shares. */
  screen: MediaStream | null;
  rules: RoomRules;
  /** What was said in this call, oldest first. */
  chat: readonly ChatMessage[];
  /** The moments marked in the recording that is on, or in the last one. */
  bookmarks: readonly Bookmark[];
  /** What I wrote or marked that nobody else has seen yet, oldest first. */
  unsaid: readonly Unsaid[];
  /** Who may whisper to me, by id, and whether they do now. */
  whispers: ReadonlyMap<string, boolean>;
  /** The role play as I may know it, as it came: parsed where it is shown. Null: there is none. */
  play: unknown;
}

/** What there is to see before the server has said anything. */
export const beforeJoining: CallView = {
  state: "connecting",
  refusal: null,
  notice: null,
  me: null,
  room: null,
  others: [],
  recording: null,
  lastRecordingId: null,
  safety: null,
  beginsMs: null,
  screen: null,
  rules: noRules,
  chat: [],
  bookmarks: [],
  unsaid: [],
  whispers: new Map(),
  play: null,
};

export function recordingOf({ id, elapsedMs, pausedMs, pausesMs }: ActiveRecording): Pick<CallView, "recording" | "lastRecordingId"> {
  return { recording: { id, startedMs: nowMs() - elapsedMs, pausedMs, pausesMs }, lastRecordingId: id };
}

export function beginsMs(countdownMs: number | null): number | null {
  return countdownMs === null ? null : nowMs() + countdownMs;
}

/** The clock of `browser/record/clock.ts`, which dates the recordings these samples are for. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
