// How media gets from everybody to everybody, as the call sees it. `Mesh` is the one there is: a connection to each. Something that passes media on
// (an SFU) would stand here, with one connection of its own, and nothing above would know.
import type { Participant, Signal } from "../../protocol/call.ts";
import type { Where } from "./addresses.ts";
import type { Ear } from "./hearing.ts";
import type { Bars, Way } from "./link.ts";

export interface Other {
  participant: Participant;
  stream: MediaStream | null;
  screen: MediaStream | null;
  /** What they whisper to me; null: nothing. */
  whisper: MediaStream | null;
  connection: "connecting" | "connected" | "lost";
  /** How many connections to them were given up because they carried nothing. */
  givenUp: number;
  /** How well the way to them carries; null: not known yet. */
  bars: Bars | null;
}

/** How large somebody's pictures are shown here: height in device pixels, 0 for not at all. */
export interface Shown {
  camera: number;
  screen: number;
}

export interface Plane {
  /** Everybody else, and what comes of them. */
  list(): Other[];
  /** Whose voice comes in and may be recorded. */
  ears(): Ear[];
  /** How loud everybody is right now, 0 … 1, by id. */
  levels(): Map<string, number>;
  /** The ways to everybody, as last measured; another connection to the same person has another name. */
  links(): Map<string, Way>;
  /** After every welcome: who is here by the server's word. */
  meet(myId: string, participants: Participant[], configuration: RTCConfiguration): void;
  /** Fresh credentials for relays. */
  configure(iceServers: RTCIceServer[]): void;
  enter(participant: Participant): void;
  change(participant: Participant): void;
  leave(id: string): void;
  signal(from: string, signal: Signal): void;
  /** Everybody is sent this stream from now on, whoever comes later included. */
  share(stream: MediaStream): void;
  unshare(stream: MediaStream): void;
  replace(old: MediaStreamTrack, fresh: MediaStreamTrack): void;
  add(track: MediaStreamTrack, stream: MediaStream): void;
  /** This one alone is sent this stream, until the next call; null: nobody is sent any. Whoever comes back from another page is not. */
  whisper(to: string, stream: MediaStream | null): void;
  /** Their stream of this id is a whisper, and not their camera's; null: none is. */
  whispered(from: string, stream: string | null): void;
  /** How large I show them: they need not send more. */
  show(id: string, shown: Shown): void;
  /** Forgets everything; it starts anew with the next `meet`. */
  clear(): void;
}

export interface PlaneOptions {
  send: (to: string, signal: Signal) => void;
  onChange: () => void;
  /** The ways were measured anew. */
  onLinks: () => void;
  /** Nothing comes from somebody any more: the network may have changed. */
  onSilent: () => void;
  /** Where connections know every address that this machine has now. */
  where: () => Promise<Where>;
  /** What is sent reaches the others. */
  joined: () => boolean;
}
