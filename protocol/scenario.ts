// A role play: what everybody may know of it, and the cards that only some may. What a scenario's file looks like stands in `scenariofile.ts`.
// Promise: nothing here but `Card` holds a word of a card, so that what is sent to everybody cannot give one away.
import * as z from "zod/mini";
import { ms, ParticipantId } from "./recording.ts";

/** Of a role in its scenario, of a scenario or rubric among those that come with the program. */
export const Slug = z.string().check(z.regex(/^[a-z0-9-]{1,40}$/));

/** Text, never markup; of control characters only the end of a line. */
export const prose = (most: number, least = 0) =>
  z.string().check(z.trim(), z.minLength(least), z.maxLength(most), z.regex(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u));

/** What somebody plays by. `persona`: what was drawn adds to it; null: nothing. */
export const Card = z.object({ role: Slug, words: z.string(), persona: z.nullable(z.object({ title: z.string(), words: z.string() })) });
export type Card = z.infer<typeof Card>;

/** A scenario without its cards. */
export const Outline = z.object({
  title: z.string(),
  description: z.string(),
  goals: z.array(z.string()),
  /** Null: as long as it takes. */
  limitMs: z.nullable(ms),
  roles: z.array(z.object({ id: Slug, title: z.string() })),
  /** How many personas one is drawn from. */
  personas: z.int(),
  /** Of the rubrics that come with the program; null: none is named. */
  rubric: z.nullable(Slug),
});
export type Outline = z.infer<typeof Outline>;

/** One that comes with the program. */
export const ShippedScenario = z.extend(Outline, { id: Slug });
export type ShippedScenario = z.infer<typeof ShippedScenario>;
export const ScenarioList = z.object({ items: z.array(ShippedScenario) });
export const RoomScenario = z.object({ scenario: z.nullable(Outline) });

/** Which scenario a room is to have: one that comes with the program, or YAML text. */
export const scenarioMost = 32_000;
export const ScenarioChoice = z.union([z.object({ shipped: Slug }), z.object({ yaml: z.string().check(z.maxLength(scenarioMost)) })]);
export type ScenarioChoice = z.infer<typeof ScenarioChoice>;

/** The role play in a call, as one person there may know it: `cards` holds their own, or everybody's for an observer. `participant` null: nobody plays
 * it now. `mine` null: no role. */
export const Play = z.extend(z.omit(Outline, { rubric: true }), {
  roles: z.array(z.object({ id: Slug, title: z.string(), participant: z.nullable(ParticipantId) })),
  mine: z.nullable(Slug),
  cards: z.array(Card),
});
export type Play = z.infer<typeof Play>;

/** What a recording was a role play of. `cards` null: whoever asks may not see them, or they did not come along with it. `shown`: everybody may. */
export const Scene = z.extend(Outline, {
  shown: z.boolean(),
  roles: z.array(z.object({ id: Slug, title: z.string(), participant: z.nullable(z.object({ id: ParticipantId, name: z.string() })) })),
  cards: z.nullable(z.array(Card)),
});
export type Scene = z.infer<typeof Scene>;
