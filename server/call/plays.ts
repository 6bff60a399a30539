// The role play of each room: who plays what and as whom, and what of it each person is told. What is decided stands in the catalog before anybody hears
// of it. Promise: nobody but observers is ever sent a card that is not theirs.
import type { Logger } from "pino";
import type { Participant } from "../../protocol/call.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Play } from "../../protocol/scenario.ts";
import { cardOf, outlineOf, type Scenario } from "../../protocol/scenariofile.ts";
import type { Catalog, RecordingRow } from "../store/catalog.ts";
import { castOf, type Players, type PlayRow, playersOf, scenarioOf } from "../store/plays.ts";
import { assign, type Cast, draw, settle, swap } from "./casting.ts";
import { serverMs } from "./clock.ts";
import type { Room } from "./room.ts";

export interface PlaysOptions {
  catalog: Catalog;
  log: Logger;
  /** Null: nobody is in it. */
  room: (roomId: string) => Room | undefined;
}

interface Now {
  row: PlayRow;
  scenario: Scenario;
  cast: Cast;
}

/** Two who press the same button see one another's deed within this, ms. */
const againMs = 2000;

const none = () => new UserError("not-found", "This room has no scenario.");

export class Plays {
  readonly #options: PlaysOptions;
  /** By room: what is being done to its cast. Two who come in at once must not get the same role. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** When a room's last swap was done, on the server's clock; Infinity: it is being done. */
  readonly #swaps = new WeakMap<Room, number>();

  constructor(options: PlaysOptions) {
    this.#options = options;
  }

  /** Somebody came in, or back; or the room has another scenario, or none any more. */
  settle(room: Room, whenNone = false): Promise<void> {
    return this.#turn(room.id, async () => {
      const now = await this.#now(room.id);
      if (now) await this.#change(room, now, { cast: settle(rolesOf(now), now.cast, playersIn(room)) });
      else if (whenNone) room.broadcast({ type: "play", play: null });
    });
  }

  /** The room's scenario was chosen anew, or taken away. */
  async chosen(roomId: string): Promise<void> {
    const room = this.#options.room(roomId);
    if (room) await this.settle(room, true);
  }

  assign(room: Room, participant: string, role: string | null): Promise<void> {
    return this.#turn(room.id, async () => {
      const now = (await this.#now(room.id)) ?? fail(none());
      const roles = rolesOf(now);
      const present = playersIn(room);
      if (!present.includes(participant)) throw new UserError("not-found", "They are not in the call any more, or only watch.");
      if (role !== null && !roles.includes(role)) throw new UserError("not-found", "The scenario has no such role.");
      await this.#change(room, now, { cast: assign(roles, now.cast, present, participant, role) });
    });
  }

  /** Another persona, where there is one. */
  draw(room: Room): Promise<void> {
    return this.#turn(room.id, async () => {
      const now = (await this.#now(room.id)) ?? fail(none());
      if (await this.#options.catalog.runningRecording(room.id))
        throw new UserError("already-recording", "Stop the recording first: a persona stays for a whole recording.");
      await this.#change(room, now, drawn(now));
    });
  }

  /** One swap at a time: another press while it is done, by whichever host, or right after it means the same and must not swap back. */
  async once(room: Room, act: () => Promise<void>): Promise<void> {
    if (serverMs() - (this.#swaps.get(room) ?? Number.NEGATIVE_INFINITY) < againMs) return;
    this.#swaps.set(room, Number.POSITIVE_INFINITY);
    let done = Number.NEGATIVE_INFINITY;
    try {
      await act();
      done = serverMs();
    } finally {
      this.#swaps.set(room, done);
    }
  }

  /** Everybody gets the next one's role, and another persona is drawn. */
  swap(room: Room): Promise<void> {
    return this.#turn(room.id, async () => {
      const now = (await this.#now(room.id)) ?? fail(none());
      await this.#change(room, now, { ...drawn(now), cast: swap(rolesOf(now), now.cast, playersIn(room)) });
    });
  }

  /** Throws where the room has no scenario. */
  async require(roomId: string): Promise<void> {
    if (!(await this.#options.catalog.plays.play(roomId))) throw none();
  }

  /** What a recording that begins is a role play of, before anybody hears of it. Does not throw: it costs nobody a recording. */
  async keep(recording: RecordingRow): Promise<void> {
    const { room, log } = this.#options;
    try {
      await this.#turn(recording.roomId, async () => {
        const now = await this.#now(recording.roomId);
        if (now) await this.#record(recording.id, now, room(recording.roomId));
      });
    } catch (error) {
      log.error({ err: error, recording: recording.id }, "what a recording is a role play of could not be kept");
    }
  }

  async #now(roomId: string): Promise<Now | null> {
    const row = await this.#options.catalog.plays.play(roomId);
    return row ? { row, scenario: scenarioOf(row), cast: castOf(row) } : null;
  }

  async #change(room: Room, now: Now, change: { cast?: Cast; persona?: number | null; draw?: number }): Promise<void> {
    const { catalog, log } = this.#options;
    const { cast = now.cast, ...rest } = change;
    const row: PlayRow = { ...now.row, ...rest, cast: JSON.stringify(cast) };
    const next = { ...now, row, cast };
    if (JSON.stringify(row) !== JSON.stringify(now.row)) {
      await catalog.plays.savePlay(row);
      const running = await catalog.runningRecording(room.id);
      if (running) await this.#record(running.id, next, room);
      log.info({ room: room.id, cast, persona: row.persona }, "role play changed");
    }
    const present = playersIn(room);
    for (const { participant, send } of room.members) send?.({ type: "play", play: playFor(next, present, participant) });
  }

  /** Who played a role and has left since stays on record, unless somebody else took it or they another one. */
  async #record(recordingId: string, { row, cast }: Now, room: Room | undefined): Promise<void> {
    const { catalog } = this.#options;
    const before = await catalog.plays.scene(recordingId);
    const players: Players = {};
    for (const { id, name, role } of room?.participants ?? []) if (role !== "observer" && cast[id]) players[cast[id]] = { id, name };
    const now = new Set(Object.values(players).map(({ id }) => id));
    for (const [role, player] of Object.entries(before ? playersOf(before) : {}))
      if (!Object.hasOwn(players, role) && !now.has(player.id)) players[role] = player;
    await catalog.plays.saveScene({ recordingId, scenario: row.scenario, persona: row.persona, cast: JSON.stringify(players) });
  }

  #turn<T>(roomId: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(roomId) ?? Promise.resolve()).then(act);
    // Whoever asked hears of a failure; the next one's turn comes all the same.
    const quiet = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(roomId, quiet);
    void quiet.then(() => this.#turns.get(roomId) === quiet && this.#turns.delete(roomId));
    return turn;
  }
}

/** What one person may know of it. */
function playFor({ scenario, row, cast }: Now, present: readonly string[], { id, role }: Participant): Play {
  const { rubric: _, ...outline } = outlineOf(scenario);
  const mine = role === "observer" ? null : (cast[id] ?? null);
  const shown = outline.roles.filter((one) => role === "observer" || one.id === mine);
  return {
    ...outline,
    roles: outline.roles.map((one) => ({ ...one, participant: present.find((other) => cast[other] === one.id) ?? null })),
    mine,
    cards: shown.map((one) => cardOf(scenario, one.id, row.persona)),
  };
}

const rolesOf = ({ scenario }: Now): string[] => scenario.roles.map(({ id }) => id);

/** Ids in order of arrival. */
function playersIn(room: Room): string[] {
  return room.members
    .filter(({ participant }) => participant.role !== "observer")
    .toSorted((a, b) => a.sinceMs - b.sinceMs)
    .map(({ participant }) => participant.id);
}

function drawn({ row, scenario }: Now): { persona: number | null; draw: number } {
  const turn = row.draw + 1;
  return { draw: turn, persona: draw(row.seed, turn, scenario.personas?.length ?? 0, row.persona) };
}

function fail(error: Error): never {
  throw error;
}
