// `heard`: how loud somebody else sounded here.
import type { Said, Verb } from "../verb.ts";

export const heard: Verb<Said<"heard">> = {
  who: "people",
  refusal: null,
  handle: ({ desk, room, me, message }) => {
    if (me.recorded) desk.options.onHeard(room.id, me.id, message);
  },
};
