// A call beyond this process: what the host has decided for it, and who was in it, stand in the catalog for as long as it goes on; and of one that the host
// has ended for everybody, whose pages were in it, for whoever was away at that moment: a dropped socket, a laptop that slept.
// Promise: neither a restart of the server nor a line that drops everybody for a moment unlocks a room or lets back in who was removed; nothing of it
// is left for the next call; and a page of a call that was ended does not come back into the next one by itself (whoever joins that anew is let in).
import type { Logger } from "pino";
import type { RoomRules } from "../../protocol/call.ts";
import type { CallShelf, KeptCall } from "../store/calls.ts";
import type { Room } from "./room.ts";

/** Nobody was in it for so long, and it is over, ms: longer than a restart of the server, of its machine or of everybody's router, and shorter than the
 * break before the next group comes by the same link. */
const emptyMs = 5 * 60_000;
/** No page waits longer for its server than a laptop sleeps over night, ms. */
const rememberedMs = 24 * 3600_000;
/** How often it is noted that somebody is still there, ms. */
const noteMs = 60_000;

export interface OngoingOptions {
  calls: CallShelf;
  log: Logger;
  /** Wall clock: only that goes on while the server does not. */
  nowMs: () => number;
}

export class Ongoing {
  #notedMs = Number.NEGATIVE_INFINITY;

  constructor(readonly options: OngoingOptions) {}

  /** The call that goes on in a room although this process knows of nobody in it; null: none does. `recorded`: a recording runs, so it does. */
  async recall(roomId: string, recorded: boolean): Promise<KeptCall | null> {
    const kept = await this.options.calls.call(roomId);
    return kept && (recorded || kept.seenAt >= this.#since) ? kept : null;
  }

  /** As `recall`; of a call that is over nothing is left. */
  async resume(roomId: string, recorded: boolean): Promise<KeptCall | null> {
    const kept = await this.recall(roomId, recorded);
    // Whoever else comes first in this moment may have begun the next one.
    if (!kept) await this.options.calls.end(roomId, this.#since);
    return kept;
  }

  /** Before anybody hears of them. */
  async enter(room: Room, participantId: string): Promise<void> {
    if (!room.remembers(participantId)) await this.options.calls.enter(room.id, participantId, this.options.nowMs());
  }

  rule(roomId: string, rules: RoomRules): Promise<void> {
    return this.options.calls.rule(roomId, rules, this.options.nowMs());
  }

  remove(roomId: string, participantId: string): Promise<void> {
    return this.options.calls.remove(roomId, participantId, this.options.nowMs());
  }

  /** Ended by the host for everybody. Before the room is forgotten. Does not throw: a call must end on a full disk, too. */
  async close(room: Room): Promise<void> {
    const { calls, log, nowMs } = this.options;
    try {
      await calls.close(room.id, room.instances, nowMs(), nowMs() - rememberedMs);
    } catch (error) {
      log.error({ err: error, room: room.id }, "it could not be noted whose call was ended");
    }
  }

  /** Is this a page of a call that was ended? */
  closed(roomId: string, instance: string): Promise<boolean> {
    const { calls, nowMs } = this.options;
    return calls.closed(roomId, instance, nowMs() - rememberedMs);
  }

  /** Nobody is in it any more: ended by the host, or the last one left on purpose. */
  end(roomId: string): Promise<void> {
    return this.options.calls.end(roomId);
  }

  /** Called about once a second. `occupied`: the rooms that somebody is in. Does not throw. */
  async note(occupied: readonly string[]): Promise<void> {
    const { calls, log, nowMs } = this.options;
    if (occupied.length === 0 || Math.abs(nowMs() - this.#notedMs) < noteMs) return;
    this.#notedMs = nowMs();
    try {
      await calls.seen(occupied, nowMs());
    } catch (error) {
      log.error({ err: error }, "it could not be noted that calls go on");
    }
  }

  get #since(): number {
    return this.options.nowMs() - emptyMs;
  }
}
