// One room while somebody is in it: who, and who hears what. Memory only; what outlives it lies in `ongoing.ts`.
// Promise: everybody sees joins, changes and leaves in the same order; a dropped socket is not a leave until the grace is over.
import { type CallDown, type ChatMessage, noRules, type Participant, type RoomRules } from "../../protocol/call.ts";
import type { KeptCall } from "../store/calls.ts";
import type { RoomRow } from "../store/catalog.ts";
import { hostsOf } from "./hosting.ts";

export interface Member {
  participant: Participant;
  /** Since when they are in this call, server clock; a dropped socket or a reload does not begin it anew. */
  sinceMs: number;
  /** Null while the socket is away; `awayAt` (server clock, ms) says since when. */
  send: ((message: CallDown) => void) | null;
  awayAt: number;
  /** Who of the hosts switched their microphone off, until their page has said that it is: the word may have gone to a socket that had just died. */
  mutedBy: string | null;
  /** Closes the socket for good: the same participant came in by another page, or has to go. */
  close: (code: number, reason: string) => void;
}

/** Most people in one room: a mesh of more than this many cameras does not work on ordinary uplinks. */
export const roomMax = 12;
/** What was said is kept for those who come later; the oldest is forgotten first. */
const chatMost = 500;

/** Of a room that this process knows of nobody in. `call`: the one that goes on there all the same; null: none does. */
export function rulesOf({ keepWhispers }: Pick<RoomRow, "keepWhispers">, call: KeptCall | null): RoomRules {
  const decided = call ? { locked: call.locked === 1, observersSpeak: call.observersSpeak === 1 } : noRules;
  return { ...decided, keepWhispers: keepWhispers === 1 };
}

export class Room {
  readonly id: string;
  readonly name: string;
  rules: RoomRules;
  /** Oldest first. */
  chat: readonly ChatMessage[] = [];
  /** How many are on their way in: until then it is not forgotten, though nobody is there. */
  entering = 0;
  /** A host was here in this call. */
  hosted = false;
  /** Whoever was in this call before this process knew of it. */
  readonly #earlier: ReadonlySet<string>;
  /** Whoever was in this call since. */
  readonly #known = new Set<string>();
  readonly #removed: Set<string>;
  /** Every page load that was in this call. */
  readonly #instances = new Set<string>();
  readonly #members = new Map<string, Member>();

  /** `call`: the one that goes on; null: it begins. */
  constructor({ id, name, keepWhispers }: Pick<RoomRow, "id" | "name" | "keepWhispers">, call: KeptCall | null = null) {
    this.id = id;
    this.name = name;
    this.rules = rulesOf({ keepWhispers }, call);
    const callers = call?.callers ?? [];
    this.#earlier = new Set(callers.map(({ participantId }) => participantId));
    this.#removed = new Set(callers.filter(({ removed }) => removed === 1).map(({ participantId }) => participantId));
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get participants(): Participant[] {
    return this.members.map((member) => member.participant);
  }

  get full(): boolean {
    return this.#members.size >= roomMax;
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** Was in this call, now or earlier; and whoever is here has heard of it. */
  knows(id: string): boolean {
    return this.#known.has(id);
  }

  /** The same, also where a restart lies in between: may come back to a locked room. */
  remembers(id: string): boolean {
    return this.#known.has(id) || this.#earlier.has(id);
  }

  get instances(): ReadonlySet<string> {
    return this.#instances;
  }

  wasRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  /** Whether somebody would host, were they in the room now. */
  wouldHost(who: Pick<Member, "sinceMs"> & { participant: Pick<Participant, "id" | "role"> }): boolean {
    const others = this.members.filter(({ participant }) => participant.id !== who.participant.id);
    return hostsOf([...others, who], this.#hostedWith(who.participant)).has(who.participant.id);
  }

  /** Somebody enters, or comes back: with the same instance quietly, from another page load as a leave and a join. */
  enter(member: Member, replaced: { code: number; reason: string }): void {
    const { id } = member.participant;
    const before = this.#members.get(id);
    if (before?.send) {
      before.send = null;
      before.close(replaced.code, replaced.reason);
    }
    const sameInstance = before?.participant.instance === member.participant.instance;
    if (before && !sameInstance) this.broadcast({ type: "left", id }, id);
    this.hosted = this.#hostedWith(member.participant);
    this.#members.set(id, member);
    this.#known.add(id);
    this.#instances.add(member.participant.instance);
    this.broadcast(
      sameInstance ? { type: "changed", participant: member.participant } : { type: "joined", participant: member.participant },
      id,
    );
    this.#settleHosts();
  }

  /** The socket of `member` went away; null `member.send` tells that it was replaced before. */
  away(member: Member, atMs: number): void {
    if (this.#members.get(member.participant.id) !== member) return;
    member.send = null;
    member.awayAt = atMs;
  }

  leave(id: string): void {
    if (!this.#members.delete(id)) return;
    this.broadcast({ type: "left", id });
    this.#settleHosts();
  }

  /** For as long as this call lasts. */
  remove(id: string, code: number, reason: string): void {
    this.#removed.add(id);
    const member = this.#members.get(id);
    this.leave(id);
    member?.close(code, reason);
  }

  /** `everybody`: the one concerned hears of it, too. */
  change(id: string, change: Partial<Omit<Participant, "id" | "role" | "name" | "instance">>, everybody = false): void {
    const member = this.#members.get(id);
    if (!member) return;
    member.participant = { ...member.participant, ...change };
    this.broadcast({ type: "changed", participant: member.participant }, everybody ? undefined : id);
  }

  say(message: ChatMessage): void {
    this.chat = [...this.chat, message].slice(-chatMost);
    this.broadcast({ type: "chat", message });
  }

  rule(rules: RoomRules): void {
    this.rules = rules;
    this.broadcast({ type: "rules", rules });
  }

  broadcast(message: CallDown, except?: string): void {
    for (const [id, member] of this.#members) if (id !== except) member.send?.(message);
  }

  /** Whether a host was in this call, once somebody is in. A host who comes back as a guest, and alone, has nobody who passed hosting on to them. */
  #hostedWith({ id, role }: Pick<Participant, "id" | "role">): boolean {
    if (role === "host") return true;
    const stepsDown = this.member(id)?.participant.role === "host" && this.#members.size === 1;
    return this.hosted && !stepsDown;
  }

  #settleHosts(): void {
    const hosts = hostsOf(this.members, this.hosted);
    for (const { participant } of this.members)
      if (participant.hosting !== hosts.has(participant.id)) this.change(participant.id, { hosting: hosts.has(participant.id) }, true);
  }
}
