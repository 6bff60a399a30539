// `kept`: how much of my own recording exists, for others to see.
import type { Said, Verb } from "../verb.ts";

export const kept: Verb<Said<"kept">> = {
  who: "people",
  refusal: null,
  handle: ({ desk, room, me, message }) => desk.safety.kept(room.id, me, message),
};
