// A scenario as its YAML file has it: written by people, so that what is not known is refused instead of passed over. Kept in the catalog as JSON.
// Promise: whatever was accepted is text, never markup, without control characters but the ends of lines.
import * as z from "zod/mini";
import { type Card, type Outline, prose, Slug } from "./scenario.ts";

const heading = prose(120, 1);

export const ScenarioRole = z.strictObject({
  id: Slug,
  title: heading,
  /** What only they (and observers) read. */
  card: prose(4000, 1),
});

export const Persona = z.strictObject({
  title: heading,
  /** By role: what is added to its card. */
  cards: z.record(z.string(), prose(4000, 1)),
});

export const Scenario = z.strictObject({
  title: heading,
  description: z.optional(prose(2000)),
  goals: z.optional(z.array(prose(300, 1)).check(z.maxLength(10))),
  /** The time limit. */
  minutes: z.optional(z.number().check(z.gte(0.1), z.lte(240))),
  /** The name of a rubric that comes with the program. */
  rubric: z.optional(Slug),
  roles: z.array(ScenarioRole).check(z.minLength(1), z.maxLength(6)),
  /** One of them is drawn when the scenario is chosen, and another one at every swap. */
  personas: z.optional(z.array(Persona).check(z.minLength(1), z.maxLength(20))),
});
export type Scenario = z.infer<typeof Scenario>;

/** As a recording has it that came from elsewhere: perhaps without its cards, which are empty then. */
export const PlayedScenario = z.extend(Scenario, {
  roles: z.array(z.extend(ScenarioRole, { card: prose(4000) })).check(z.minLength(1), z.maxLength(6)),
});

/** What of it may be told to somebody who may not read the cards. */
export function withoutCards({ personas: _, ...scenario }: Scenario): Scenario {
  return { ...scenario, roles: scenario.roles.map((role) => ({ ...role, card: "" })) };
}

/** What everybody may know of it. */
export function outlineOf({ title, description, goals, minutes, roles, personas, rubric }: Scenario): Outline {
  return {
    title,
    description: description ?? "",
    goals: goals ?? [],
    limitMs: minutes === undefined ? null : Math.round(minutes * 60_000),
    roles: roles.map(({ id, title }) => ({ id, title })),
    personas: personas?.length ?? 0,
    rubric: rubric ?? null,
  };
}

/** The card of one role. `persona`: which was drawn; null: none. */
export function cardOf({ roles, personas = [] }: Scenario, role: string, persona: number | null): Card {
  const drawn = persona === null ? undefined : personas[persona];
  const words = drawn && Object.hasOwn(drawn.cards, role) ? drawn.cards[role] : undefined;
  return {
    role,
    words: roles.find(({ id }) => id === role)?.card ?? "",
    persona: drawn && words !== undefined ? { title: drawn.title, words } : null,
  };
}
