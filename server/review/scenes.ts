// What a recording was a role play of. Promise: the cards reach the host, the admin and observers of the room; everybody else once the host has shown
// them, and not before.
import type { Recording } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Scene } from "../../protocol/scenario.ts";
import { cardOf, outlineOf } from "../../protocol/scenariofile.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import { playedOf, playersOf, type SceneRow } from "../store/plays.ts";
import type { Audience } from "./audience.ts";

/** Of those who may look; a guest played one role and may play another next. */
const readers = new Set(["admin", "host", "observer"]);

export class Scenes {
  readonly #catalog: Catalog;
  readonly #access: Access;
  readonly #audience: Audience;

  constructor(catalog: Catalog, access: Access, audience: Audience) {
    this.#catalog = catalog;
    this.#access = access;
    this.#audience = audience;
  }

  async look(credentials: Credentials, recordingId: string): Promise<Scene> {
    const { standing } = await this.#access.recording(credentials, recordingId, "look");
    const row = await this.#require(recordingId);
    const scenario = playedOf(row);
    const cards = scenario.roles.map(({ id }) => cardOf(scenario, id, row.persona));
    const mayRead = row.shownAt !== null || readers.has(standing);
    return {
      ...outlineOf(scenario),
      shown: row.shownAt !== null,
      roles: rolesOf(row),
      cards: mayRead && cards.some(({ words }) => words !== "") ? cards : null,
    };
  }

  /** Whether whoever shows this may read the cards; also by the address of a bundle. */
  async mayRead(credentials: Credentials, recordingId: string): Promise<boolean> {
    if ((await this.#catalog.plays.scene(recordingId))?.shownAt || (await this.#access.hosts(credentials, recordingId))) return true;
    return credentials.key !== null && readers.has((await this.#access.recording(credentials, recordingId, "look")).standing);
  }

  /** From now on everybody who may look reads all cards. Doing it twice is harmless. */
  async show(credentials: Credentials, recordingId: string): Promise<Scene> {
    await this.#access.recording(credentials, recordingId, "host");
    await this.#require(recordingId);
    await this.#catalog.plays.showCards(recordingId, Date.now());
    this.#audience.changed(recordingId, "scene");
    return this.look(credentials, recordingId);
  }

  async #require(recordingId: string): Promise<SceneRow> {
    const row = await this.#catalog.plays.scene(recordingId);
    if (!row) throw new UserError("not-found", "This recording was no role play.");
    return row;
  }
}

/** As every description of the recording tells it. */
export function sceneOf(row: SceneRow): NonNullable<Recording["scenario"]> {
  return { title: playedOf(row).title, roles: rolesOf(row).map(({ title, participant }) => ({ title, participant })) };
}

function rolesOf(row: SceneRow): Scene["roles"] {
  const players = playersOf(row);
  return playedOf(row).roles.map(({ id, title }) => ({
    id,
    title,
    participant: Object.hasOwn(players, id) ? (players[id] ?? null) : null,
  }));
}
