// `cast`: who plays which role. Each is then told their own card.
import type { Said, Verb } from "../verb.ts";

export const cast: Verb<Said<"cast">> = {
  who: "host",
  refusal: "Only the host can give out roles.",
  handle: ({ desk, room, message }) => desk.plays.assign(room, message.participant, message.role),
};
