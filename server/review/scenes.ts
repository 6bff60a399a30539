// What a recording was a role play of. Promise: the cards reach the host, the admin and observers of the room, and nobody else.
import type { Recording } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Scene } from "../../protocol/scenario.ts";
import { cardOf, outlineOf } from "../../protocol/scenariofile.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import { playersOf, type SceneRow, scenarioOf } from "../store/plays.ts";

/** Of those who may look; a guest played one role and may play another next. */
const readers = new Set(["admin", "host", "observer"]);

export class Scenes {
  readonly #catalog: Catalog;
  readonly #access: Access;

  constructor(catalog: Catalog, access: Access) {
    this.#catalog = catalog;
    this.#access = access;
  }

  async look(credentials: Credentials, recordingId: string): Promise<Scene> {
    const { standing } = await this.#access.recording(credentials, recordingId, "look");
    const row = await this.#catalog.plays.scene(recordingId);
    if (!row) throw new UserError("not-found", "This recording was no role play.");
    const scenario = scenarioOf(row);
    return {
      ...outlineOf(scenario),
      roles: rolesOf(row),
      cards: readers.has(standing) ? scenario.roles.map(({ id }) => cardOf(scenario, id, row.persona)) : null,
    };
  }
}

/** As every description of the recording tells it. */
export function sceneOf(row: SceneRow): NonNullable<Recording["scenario"]> {
  return { title: scenarioOf(row).title, roles: rolesOf(row).map(({ title, participant }) => ({ title, participant })) };
}

function rolesOf(row: SceneRow): Scene["roles"] {
  const players = playersOf(row);
  return scenarioOf(row).roles.map(({ id, title }) => ({
    id,
    title,
    participant: Object.hasOwn(players, id) ? (players[id] ?? null) : null,
  }));
}
