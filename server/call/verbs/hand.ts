// `hand`: up or down. Raising one that is up changes nothing: the first time counts.
import { serverMs } from "../clock.ts";
import type { Said, Verb } from "../verb.ts";

export const hand: Verb<Said<"hand">> = {
  who: "everybody",
  refusal: null,
  handle: ({ room, me, message: { up } }) => {
    if (up === (me.handMs !== null)) return;
    room.change(me.id, { handMs: up ? serverMs() : null }, true);
  },
};
