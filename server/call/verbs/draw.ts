// `draw`: another of the scenario's personas.
import type { Said, Verb } from "../verb.ts";

export const draw: Verb<Said<"draw">> = {
  who: "host",
  refusal: "Only the host can draw another persona.",
  handle: ({ desk, room }) => desk.plays.draw(room),
};
