// Which scenario a room has: chosen from those that come with the program, or brought as a YAML file, which leaves as one again.
// Promise: what does not fit is refused with the line and the reason, and nothing is changed.
import { randomUUID } from "node:crypto";
import { stringify } from "yaml";
import { UserError } from "../../protocol/errors.ts";
import type { Outline, ScenarioChoice, ShippedScenario } from "../../protocol/scenario.ts";
import { outlineOf, Scenario } from "../../protocol/scenariofile.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import { scenarioOf } from "../store/plays.ts";
import { shippedIn } from "../store/shipped.ts";
import { readYaml, wrongIn } from "../store/yaml.ts";
import { draw } from "./casting.ts";

export interface ScenariosOptions {
  catalog: Catalog;
  access: Access;
  /** The folder of those that come with the program. */
  shipped: string;
  /** Gives the room the rubric that the scenario names; throws where there is none of that name. */
  onRubric: (roomId: string, name: string) => Promise<void>;
  onChosen: (roomId: string) => Promise<void>;
}

const what = "a scenario";

export class Scenarios {
  readonly #options: ScenariosOptions;

  constructor(options: ScenariosOptions) {
    this.#options = options;
  }

  /** Those that come with the program, for whoever makes rooms or hosts this one; without their cards. */
  async shipped(credentials: Credentials, roomId: string | null): Promise<{ items: ShippedScenario[] }> {
    if (roomId === null) this.#options.access.requireAdmin(credentials);
    else await this.#options.access.room(credentials, roomId, "host");
    const all = await shippedIn(this.#options.shipped, scenarioFrom);
    return { items: [...all].map(([id, scenario]) => ({ ...outlineOf(scenario), id })) };
  }

  async look(credentials: Credentials, roomId: string): Promise<{ scenario: Outline | null }> {
    await this.#options.access.room(credentials, roomId, "observer");
    const row = await this.#options.catalog.plays.play(roomId);
    return { scenario: row ? outlineOf(scenarioOf(row)) : null };
  }

  async choose(credentials: Credentials, roomId: string, choice: ScenarioChoice): Promise<{ scenario: Outline | null }> {
    await this.#options.access.room(credentials, roomId, "host");
    await this.give(roomId, await this.read(choice));
    return this.look(credentials, roomId);
  }

  /** What the choice means; throws in words where it means nothing. */
  async read(choice: ScenarioChoice): Promise<Scenario> {
    if ("yaml" in choice) return scenarioFrom(choice.yaml);
    const scenario = (await shippedIn(this.#options.shipped, scenarioFrom)).get(choice.shipped);
    if (!scenario) throw new UserError("not-found", `No scenario that comes with the program is called “${choice.shipped}”.`);
    return scenario;
  }

  async give(roomId: string, scenario: Scenario): Promise<void> {
    const { catalog, onRubric, onChosen } = this.#options;
    await this.#requireSilence(roomId);
    if (scenario.rubric !== undefined) await onRubric(roomId, scenario.rubric);
    const seed = randomUUID();
    const persona = draw(seed, 0, scenario.personas?.length ?? 0, null);
    await catalog.plays.savePlay({ roomId, scenario: JSON.stringify(scenario), seed, draw: 0, persona, cast: "{}" });
    await onChosen(roomId);
  }

  async remove(credentials: Credentials, roomId: string): Promise<void> {
    await this.#options.access.room(credentials, roomId, "host");
    await this.#requireSilence(roomId);
    await this.#options.catalog.plays.removePlay(roomId);
    await this.#options.onChosen(roomId);
  }

  /** As a file to take along. The host's: it has every card in it. */
  async yaml(credentials: Credentials, roomId: string): Promise<{ text: string; type: string; name: string }> {
    await this.#options.access.room(credentials, roomId, "host");
    const row = await this.#options.catalog.plays.play(roomId);
    if (!row) throw new UserError("not-found", "This room has no scenario.");
    const scenario = scenarioOf(row);
    return { text: stringify(scenario), type: "application/yaml", name: `${scenario.title}.yaml` };
  }

  async #requireSilence(roomId: string): Promise<void> {
    if (await this.#options.catalog.runningRecording(roomId))
      throw new UserError("already-recording", "This room is being recorded. Stop the recording first, then choose another scenario.");
  }
}

/** From YAML text. Throws in words for whoever wrote the file. */
export function scenarioFrom(text: string): Scenario {
  const scenario = readYaml(Scenario, text, what);
  const ids = scenario.roles.map(({ id }) => id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (twice >= 0) throw wrongIn(text, what, ["roles", twice, "id"], `two roles have the same id, “${ids[twice]}”`);
  for (const [index, { cards }] of (scenario.personas ?? []).entries())
    for (const role of Object.keys(cards))
      if (!ids.includes(role)) throw wrongIn(text, what, ["personas", index, "cards", role], "there is no role with this id");
  return scenario;
}
