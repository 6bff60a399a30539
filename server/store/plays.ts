// The catalog's part about role plays: which scenario a room has and who plays what in it, and what each recording was a role play of.
// Promise: as the catalog's, a method that has resolved is on disk.
import type { Kysely } from "kysely";
import * as z from "zod/mini";
import { ParticipantId } from "../../protocol/recording.ts";
import { PlayedScenario, Scenario } from "../../protocol/scenariofile.ts";

/** `scenario`: `Scenario` as JSON. `seed` and `draw` (how often was drawn) decide the persona; null: there are none. `cast`: JSON, participant → role,
 * null for who is to have none. */
export interface PlayRow {
  roomId: string;
  scenario: string;
  seed: string;
  draw: number;
  persona: number | null;
  cast: string;
}
/** As it was when it was recorded. `scenario`: `PlayedScenario` as JSON. `cast`: JSON, role → `{id, name}`. `shownAt`: wall clock, when the cards were
 * shown to everybody; null: they were not. */
export interface SceneRow {
  recordingId: string;
  scenario: string;
  persona: number | null;
  cast: string;
  shownAt: number | null;
}

export interface PlayTables {
  plays: PlayRow;
  scenes: SceneRow;
}

export class PlayShelf {
  readonly #db: Kysely<PlayTables>;

  constructor(db: Kysely<PlayTables>) {
    this.#db = db;
  }

  play(roomId: string): Promise<PlayRow | undefined> {
    return this.#db.selectFrom("plays").selectAll().where("roomId", "=", roomId).executeTakeFirst();
  }

  async savePlay(play: PlayRow): Promise<void> {
    const { roomId: _, ...rest } = play;
    await this.#db
      .insertInto("plays")
      .values(play)
      .onConflict((conflict) => conflict.column("roomId").doUpdateSet(rest))
      .execute();
  }

  async removePlay(roomId: string): Promise<void> {
    await this.#db.deleteFrom("plays").where("roomId", "=", roomId).execute();
  }

  scene(recordingId: string): Promise<SceneRow | undefined> {
    return this.#db.selectFrom("scenes").selectAll().where("recordingId", "=", recordingId).executeTakeFirst();
  }

  /** Whether its cards were shown stays as it is. */
  async saveScene(scene: Omit<SceneRow, "shownAt">): Promise<void> {
    const { recordingId: _, ...rest } = scene;
    await this.#db
      .insertInto("scenes")
      .values({ ...scene, shownAt: null })
      .onConflict((conflict) => conflict.column("recordingId").doUpdateSet(rest))
      .execute();
  }

  /** The first time counts. */
  async showCards(recordingId: string, shownAt: number): Promise<void> {
    await this.#db.updateTable("scenes").set({ shownAt }).where("recordingId", "=", recordingId).where("shownAt", "is", null).execute();
  }
}

const Cast = z.record(z.string(), z.nullable(z.string()));
const Players = z.record(z.string(), z.object({ id: ParticipantId, name: z.string() }));
/** Role → who played it. */
export type Players = z.infer<typeof Players>;

export const scenarioOf = ({ scenario }: Pick<PlayRow, "scenario">): Scenario => Scenario.parse(JSON.parse(scenario));
export const playedOf = ({ scenario }: Pick<SceneRow, "scenario">): Scenario => PlayedScenario.parse(JSON.parse(scenario));
export const castOf = ({ cast }: PlayRow): Record<string, string | null> => Cast.parse(JSON.parse(cast));
export const playersOf = ({ cast }: Pick<SceneRow, "cast">): Players => Players.parse(JSON.parse(cast));
