// What a signalling message needs to become a deed: who may say it, and what is at hand when it is done. One message, one file, in `verbs/`.
import type { CallDown, CallUp, Participant } from "../../protocol/call.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Countdowns } from "./countdown.ts";
import type { Ongoing } from "./ongoing.ts";
import type { Plays } from "./plays.ts";
import type { Member, Room } from "./room.ts";
import type { Safety } from "./safety.ts";
import type { SignallingOptions } from "./signalling.ts";

/** What lies on the table of whoever carries out messages. */
export interface Desk {
  readonly options: SignallingOptions;
  readonly safety: Safety;
  readonly countdowns: Countdowns;
  readonly plays: Plays;
  readonly ongoing: Ongoing;
  /** Ends the room's recording, or the count before it. */
  stop(roomId: string): Promise<void>;
  /** Somebody who could be recorded is there. */
  occupied(roomId: string): boolean;
  /** Nobody is in the room any more. */
  forget(room: Room): void;
}

export interface Turn<M> {
  desk: Desk;
  room: Room;
  member: Member;
  /** As the room knows them now. */
  me: Participant;
  message: M;
  /** To whoever said it, and nobody else. */
  answer: (message: CallDown) => void;
  close: (code: number, reason: string) => void;
}

/** "people": whoever can be on the film. "speakers": people, and observers where they may speak. "supervisors": observers and
 * whoever hosts. "host": whoever hosts now. */
export type Who = "everybody" | "speakers" | "people" | "supervisors" | "host";

export interface Verb<M> {
  who: Who;
  /** The sentence for those who may not; null: what they say is passed over. */
  refusal: string | null;
  /** A UserError becomes `refused`, and the socket stays. */
  handle(turn: Turn<M>): void | Promise<void>;
}

export type Said<T extends CallUp["type"]> = Extract<CallUp, { type: T }>;

export function may(who: Who, me: Pick<Participant, "role" | "hosting">, room: Pick<Room, "rules">): boolean {
  if (who === "host") return me.hosting;
  if (who === "supervisors") return me.hosting || me.role === "observer";
  if (me.role !== "observer" || who === "everybody") return true;
  return who === "speakers" && room.rules.observersSpeak;
}

/** The one who is meant, who must be in the room. */
export function memberOf(room: Room, id: string): Member {
  const member = room.member(id);
  if (!member) throw new UserError("not-found", "They are not in the call any more.");
  return member;
}
