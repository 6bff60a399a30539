// One room while somebody is in it: who, and who hears what. Memory only.
// Promise: everybody sees joins, changes and leaves in the same order; a dropped socket is not a leave until the grace is over.
import type { CallDown, Participant } from "../../protocol/call.ts";

export interface Member {
  participant: Participant;
  /** Null while the socket is away; `awayAt` (server clock, ms) says since when. */
  send: ((message: CallDown) => void) | null;
  awayAt: number;
  /** Closes the socket for good, because the same participant came in by another page. */
  replace: () => void;
}

/** Most people in one room: a mesh of more than this many cameras does not work on ordinary uplinks. */
export const roomMax = 12;

export class Room {
  readonly id: string;
  readonly name: string;
  readonly #members = new Map<string, Member>();

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
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

  /** Somebody enters, or comes back: with the same instance quietly, from another page load as a leave and a join. */
  enter(member: Member): void {
    const id = member.participant.id;
    const before = this.#members.get(id);
    if (before?.send) {
      before.send = null;
      before.replace();
    }
    const sameInstance = before?.participant.instance === member.participant.instance;
    if (before && !sameInstance) this.broadcast({ type: "left", id }, id);
    this.#members.set(id, member);
    this.broadcast(
      sameInstance ? { type: "changed", participant: member.participant } : { type: "joined", participant: member.participant },
      id,
    );
  }

  /** The socket of `member` went away; null `member.send` tells that it was replaced before. */
  away(member: Member, atMs: number): void {
    if (this.#members.get(member.participant.id) !== member) return;
    member.send = null;
    member.awayAt = atMs;
  }

  leave(id: string): void {
    if (this.#members.delete(id)) this.broadcast({ type: "left", id });
  }

  change(id: string, change: Partial<Pick<Participant, "microphone" | "camera" | "screen" | "recorded">>): void {
    const member = this.#members.get(id);
    if (!member) return;
    member.participant = { ...member.participant, ...change };
    this.broadcast({ type: "changed", participant: member.participant }, id);
  }

  broadcast(message: CallDown, except?: string): void {
    for (const [id, member] of this.#members) if (id !== except) member.send?.(message);
  }
}
