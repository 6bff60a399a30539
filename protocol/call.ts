// Signalling: one union up, one union down, JSON text over `/ws/call`.
// Promise: parse or throw ProtocolError; never a half-valid message.
import * as z from "zod/mini";
import { ProtocolError } from "./errors.ts";
import { Plate } from "./plate.ts";
import {
  BookmarkId,
  bytes,
  ChatText,
  Gap,
  Heard,
  MessageId,
  ms,
  Name,
  ParticipantId,
  RecordingId,
  RoomId,
  Source,
  TrackId,
  TrackSource,
  TrackState,
} from "./recording.ts";

/** Raised when old and new can no longer talk. */
export const callVersion = 2;

export const Role = z.enum(["host", "guest", "observer"]);
export type Role = z.infer<typeof Role>;

/** Who is in the room, as everybody there sees them. */
export const Participant = z.object({
  id: ParticipantId,
  name: Name,
  /** What their link makes them. */
  role: Role,
  /** May record, mute, remove, lock and end: whoever came by the host's link; while none of those is here, whoever has been here longest. */
  hosting: z.boolean(),
  /** One per page load: the same instance keeps its peer connections over a dropped socket, another one starts new ones. */
  instance: z.string().check(z.maxLength(40)),
  /** False: in the call, never on the film. */
  recorded: z.boolean(),
  microphone: z.boolean(),
  camera: z.boolean(),
  /** Id of the MediaStream that carries the shared screen; null while nothing is shared. */
  screen: z.nullable(z.string().check(z.maxLength(100))),
  /** When their hand went up, on the server's clock: who was first is called on first. Null: it is down. */
  handMs: z.nullable(z.number()),
});
export type Participant = z.infer<typeof Participant>;

/** SDP and ICE, passed through unread. Both null means "no more candidates". */
export const Signal = z.object({
  description: z.optional(
    z.object({ type: z.enum(["offer", "answer", "pranswer", "rollback"]), sdp: z.string().check(z.maxLength(100_000)) }),
  ),
  candidate: z.optional(
    z.nullable(
      z.object({
        candidate: z.string().check(z.maxLength(2000)),
        sdpMid: z.nullish(z.string().check(z.maxLength(100))),
        sdpMLineIndex: z.nullish(z.int()),
        usernameFragment: z.nullish(z.string().check(z.maxLength(300))),
      }),
    ),
  ),
  /** Which of the connections between two pages it is about, counted from 0: one that cannot be had is given up for the next. Absent: the first. */
  round: z.optional(z.int().check(z.gte(0))),
});
export type Signal = z.infer<typeof Signal>;

/** The recording that is on, as everybody in the room sees it. `serverMs`: when Record was pressed, on the server's clock. `pausedMs`: since when it
 * is paused, on the recording's clock, which goes on; null: it is not. `pausesMs`: how long all earlier pauses were. */
export const ActiveRecording = z.object({
  id: RecordingId,
  serverMs: z.number(),
  elapsedMs: z.number(),
  pausedMs: z.nullable(ms),
  pausesMs: ms,
});
export type ActiveRecording = z.infer<typeof ActiveRecording>;

/** What the host has decided for the room, for as long as somebody is in it. */
export const RoomRules = z.object({
  /** Nobody new comes in, but for those with the host's link. Whoever was in this call before may come back. */
  locked: z.boolean(),
  /** Observers may speak and write. */
  observersSpeak: z.boolean(),
  /** What somebody whispers while it records goes into a track of its own, for the two of them and the host. It stays with the room, and is decided
   * between recordings. */
  keepWhispers: z.boolean(),
});
export type RoomRules = z.infer<typeof RoomRules>;
/** As long as no host has decided otherwise. */
export const noRules: RoomRules = { locked: false, observersSpeak: false, keepWhispers: false };

/** One thing that somebody wrote. `atMs`: recording time, for what is kept with a recording; null: nothing was recorded when it was said, and it is
 * forgotten with the call. `sentMs`: wall clock, for people. */
export const ChatMessage = z.object({
  id: MessageId,
  participant: z.object({ id: ParticipantId, name: z.string() }),
  body: ChatText,
  sentMs: z.number(),
  atMs: z.nullable(ms),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** "Here was something": a moment of a recording that somebody marked while it went on. */
export const Bookmark = z.object({ id: BookmarkId, participant: z.object({ id: ParticipantId, name: z.string() }), atMs: ms });
export type Bookmark = z.infer<typeof Bookmark>;

/** How much of one track exists, and how much of it the server holds. Times are lengths of media, gaps not counted. */
export const Safety = z.object({
  participant: z.object({ id: ParticipantId, name: z.string() }),
  source: Source,
  state: TrackState,
  /** As far as the browser has told; never less than what is safe. */
  recordedMs: ms,
  safeMs: ms,
  bytes,
  safeBytes: bytes,
  gaps: z.array(Gap),
});
export type Safety = z.infer<typeof Safety>;

export const IceServer = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.optional(z.string()),
  credential: z.optional(z.string()),
});
export type IceServer = z.infer<typeof IceServer>;

/** From a `welcome`: shows that one is this participant. */
const Credential = z.object({ id: ParticipantId, secret: z.string().check(z.maxLength(100)) });
/** More people than this do not crash at one device. */
export const otherCredentialsMost = 8;

export const CallUp = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("join"),
    version: z.int(),
    room: z.string().check(z.maxLength(64)),
    key: z.string().check(z.maxLength(200)),
    name: Name,
    instance: z.string().check(z.minLength(8), z.maxLength(40)),
    /** Given after a reload or a dropped socket, so that one person stays one participant. */
    as: z.optional(Credential),
    /** Whom else this browser was in this room: who was removed does not come back under another name. */
    others: z.optional(z.array(Credential).check(z.maxLength(otherCredentialsMost))),
    /** Agreed to be recorded. Without it: in the call, never recorded. */
    consent: z.boolean(),
    microphone: z.boolean(),
    camera: z.boolean(),
  }),
  z.object({ type: z.literal("signal"), to: ParticipantId, signal: Signal }),
  z.object({
    type: z.literal("media"),
    microphone: z.boolean(),
    camera: z.boolean(),
    screen: z.nullable(z.string().check(z.maxLength(100))),
  }),
  /** Starts the count; the recording begins at its end, or at once where `count` is false. */
  z.object({ type: z.literal("record"), count: z.optional(z.boolean()) }),
  /** Ends the recording, or calls the count off. */
  z.object({ type: z.literal("stop") }),
  z.object({ type: z.literal("pause") }),
  z.object({ type: z.literal("resume") }),
  /** "Give me the track that my camera (or screen, or whisper) records into." The same answer however often it is asked. `plate`: my name as this browser draws
   * it, for the film; the first one counts. */
  z.object({ type: z.literal("track"), recording: RecordingId, source: TrackSource, plate: z.optional(Plate) }),
  /** What my browser recorded into this track so far, all pages together: `bytes`; and how long this page has recorded into it. */
  z.object({ type: z.literal("kept"), recording: RecordingId, source: TrackSource, bytes, durationMs: z.int().check(z.gte(0)) }),
  /** Consent taken back, or given again, in the middle of the call. */
  z.object({ type: z.literal("consent"), given: z.boolean() }),
  /** How loud somebody else sounded here while both of us were recorded: lets the server check one clock by the other. May be lost. */
  z.object({ type: z.literal("heard"), recording: RecordingId, heard: Heard }),
  /** `id`: made by whoever writes, so that what is said again after a reconnect is taken once. */
  z.object({ type: z.literal("chat"), id: z.optional(MessageId), body: ChatText }),
  /** This moment of the recording, or one that lies `agoMs` back, as of a mark that waited for a connection: then `recording` says of which. `id`: as of
   * chat. */
  z.object({
    type: z.literal("bookmark"),
    id: z.optional(BookmarkId),
    recording: z.optional(RecordingId),
    agoMs: z.optional(z.int().check(z.gte(0))),
  }),
  z.object({ type: z.literal("hand"), up: z.boolean() }),
  /** Switches somebody's microphone off. Nobody can switch on another's. */
  z.object({ type: z.literal("mute"), participant: ParticipantId }),
  /** Somebody has to go, and does not come back under this identity while the call lasts. */
  z.object({ type: z.literal("remove"), participant: ParticipantId }),
  z.object({ type: z.literal("rules"), rules: RoomRules }),
  /** Who plays which role of the room's scenario; null: none. Whoever had it gets theirs in exchange. */
  z.object({ type: z.literal("cast"), participant: ParticipantId, role: z.nullable(z.string().check(z.maxLength(40))) }),
  /** Another of the scenario's personas. */
  z.object({ type: z.literal("draw") }),
  /** Everybody gets the next one's role, and the next recording begins; one that is on is stopped. */
  z.object({ type: z.literal("swap") }),
  /** I whisper to one of them, and they alone are told. `stream`: the id of the MediaStream that carries it, which goes to them and nobody else; null:
   * there is none any more. `on`: I speak now. */
  z.object({ type: z.literal("whisper"), to: ParticipantId, stream: z.nullable(z.string().check(z.maxLength(100))), on: z.boolean() }),
  /** Stops the recording and sends everybody out. */
  z.object({ type: z.literal("end") }),
  z.object({ type: z.literal("ping"), sentMs: z.number() }),
  z.object({ type: z.literal("leave") }),
]);
export type CallUp = z.infer<typeof CallUp>;

export const CallDown = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    me: z.object({ id: ParticipantId, secret: z.string(), role: Role }),
    room: z.object({ id: RoomId, name: z.string() }),
    /** Everybody, oneself included. */
    participants: z.array(Participant),
    recording: z.nullable(ActiveRecording),
    /** How long until the recording begins, ms; null: nobody counts. */
    countdownMs: z.nullable(z.number()),
    rules: RoomRules,
    /** What was said so far in this call, oldest first, and the moments marked in the recording that is on. */
    chat: z.array(ChatMessage),
    bookmarks: z.array(Bookmark),
    iceServers: z.array(IceServer),
    /** Use relayed candidates only. */
    relayOnly: z.boolean(),
    /** The others were told that I had left: they wait for new connections, and old ones are of no use. Absent: no. */
    forgotten: z.optional(z.boolean()),
  }),
  /** Instead of those in the welcome, whose credentials expire: for connections made, and ways sought anew, from now on. */
  z.object({ type: z.literal("ice"), iceServers: z.array(IceServer) }),
  z.object({ type: z.literal("joined"), participant: Participant }),
  z.object({ type: z.literal("changed"), participant: Participant }),
  z.object({ type: z.literal("left"), id: ParticipantId }),
  z.object({ type: z.literal("signal"), from: ParticipantId, signal: Signal }),
  /** Recording begins after so long; null: it was called off. */
  z.object({ type: z.literal("countdown"), countdownMs: z.nullable(z.number()) }),
  /** Recording began, was paused or resumed (or goes on, after a reconnect). */
  z.object({ type: z.literal("recording"), recording: ActiveRecording }),
  z.object({ type: z.literal("stopped"), recording: RecordingId }),
  z.object({ type: z.literal("chat"), message: ChatMessage }),
  z.object({ type: z.literal("bookmark"), recording: RecordingId, bookmark: Bookmark }),
  z.object({ type: z.literal("rules"), rules: RoomRules }),
  /** The role play as I may know it: `Play` of `scenario.ts`, parsed where it is shown, which is loaded only then. Null: there is none any more. */
  z.object({ type: z.literal("play"), play: z.unknown() }),
  /** Somebody whispers to me; nobody else is told. */
  z.object({ type: z.literal("whisper"), from: ParticipantId, stream: z.nullable(z.string()), on: z.boolean() }),
  /** Switch your microphone off: `by` asked for it. */
  z.object({ type: z.literal("muted"), by: z.string() }),
  /** `token` lets the holder upload to this one track, also after the call is over. */
  z.object({ type: z.literal("track"), recording: RecordingId, source: TrackSource, track: TrackId, token: z.string() }),
  /** How safe everybody's part of the recording is: when it changed, at most once a second, also after Stop. */
  z.object({ type: z.literal("safety"), recording: RecordingId, items: z.array(Safety) }),
  z.object({ type: z.literal("pong"), sentMs: z.number(), serverMs: z.number(), epoch: z.string() }),
  /** Something asked for was refused; the socket stays open. `about`: the id of the chat or bookmark that it was. */
  z.object({ type: z.literal("refused"), code: z.string(), message: z.string(), about: z.optional(z.string()) }),
]);
export type CallDown = z.infer<typeof CallDown>;

/** From page to page, over the data channel between two people: how large I show your pictures (height in device pixels, 0 for not at all). */
export const PeerWord = z.object({ type: z.literal("shows"), camera: z.int().check(z.gte(0)), screen: z.int().check(z.gte(0)) });
export type PeerWord = z.infer<typeof PeerWord>;

/** Largest signalling message, bytes: an SDP with six tracks is about 20 kB. */
export const callMaxBytes = 128 * 1024;

export const parseCallUp = (text: string): CallUp => parseJson(CallUp, text);
export const parseCallDown = (text: string): CallDown => parseJson(CallDown, text);

export function parseJson<T extends z.ZodMiniType>(schema: T, text: string): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("malformed", "not JSON", { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new ProtocolError("malformed", describe(result.error.issues));
  return result.data as z.infer<T>;
}

function describe(issues: readonly { path: PropertyKey[]; message: string; code?: string }[]): string {
  const first = issues[0];
  return first ? `${first.path.map(String).join(".") || "message"}: ${first.message || first.code}` : "does not fit";
}
