// What the page and its upload worker say to each other. Both ends are ours and of one build, so these are types, not schemas.
import type { ClockSample, SegmentFacts, TrackSource } from "../../protocol/recording.ts";
import type { Way } from "./manners.ts";

/** The right to upload to one track, also after the call is over. */
export interface Ticket {
  recording: string;
  track: string;
  token: string;
}

/** "memory": nothing survives this tab. */
export type Storage = "device" | "memory";

/** What there is room for: "sound" when memory, which is all there is, is nearly full of what the server has not got. */
export type Keeps = "everything" | "sound";

export interface UploadStatus {
  track: string;
  recording: string;
  /** The room's name, for people. */
  room: string;
  /** Null: recorded by a page that did not note it. */
  roomId: string | null;
  source: TrackSource;
  /** RFC 3339. */
  startedAt: string;
  /** Everything recorded on this device into this track. */
  bytesKept: number;
  /** Of those, durable on the server. */
  bytesSafe: number;
  state: "recording" | "sending" | "offline" | "disk-full" | "refused" | "safe";
  /** What is the matter; null: nothing is. One that begins with "kept-" says all there is to say, any other is said after where the recording lies. */
  code: string | null;
  /** The same as an English sentence. */
  message: string | null;
  storage: Storage;
  keeps: Keeps;
  /** Something of it is not sealed on the server, or the server has not heard that it is over. */
  pending: boolean;
}

/** A chunk as the recorder hands it over. */
export interface RecordedChunk {
  sequence: number;
  bytes: ArrayBuffer;
  eventMs: number;
}

export type Order =
  | { type: "open"; ticket: Ticket; room: string; roomId: string; source: TrackSource; startedAt: string }
  | { type: "segment"; track: string; segment: string; facts: SegmentFacts }
  | { type: "append"; track: string; segment: string; chunk: RecordedChunk }
  | { type: "clock"; track: string; segment: string; samples: ClockSample[] }
  | { type: "finish"; track: string; segment: string }
  | { type: "end"; track: string }
  | { type: "resume"; track: string }
  /** The network may have changed; `reached`: the server has answered somebody else of this page. */
  | { type: "hurry"; reached: boolean }
  /** The ways to the others of a call, as just measured; none: there is no call to be polite to. */
  | { type: "ways"; ways: ReadonlyMap<string, Way> }
  | { type: "storage"; ask: number }
  | { type: "unsent"; ask: number }
  | { type: "save"; ask: number; track: string }
  | { type: "discard"; ask: number; track: string }
  | { type: "close"; ask: number };

export type Report =
  /** The worker is loaded and takes orders. */
  | { type: "ready" }
  | { type: "status"; all: UploadStatus[] }
  /** What is still recorded into this segment is kept nowhere: only into another one. */
  | { type: "over"; segment: string }
  /** The server holds the whole track. */
  | { type: "safe"; track: string }
  | { type: "unsent"; ask: number; tracks: UploadStatus[] }
  | { type: "saved"; ask: number; files: File[] }
  | { type: "storage"; ask: number; storage: Storage }
  | { type: "done"; ask: number }
  | { type: "failed"; ask: number; message: string };
