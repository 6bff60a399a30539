// `stop`: ends the recording for everybody, or calls the count off.
import type { Said, Verb } from "../verb.ts";

export const stop: Verb<Said<"stop">> = {
  who: "host",
  refusal: "Only the host can start and stop the recording.",
  handle: ({ desk, room }) => desk.stop(room.id),
};
