// `rules`: whether the room is locked, whether observers may speak, and whether whispers are kept. Whose permission ends is silent from then on.
import { keepWhispers } from "../keeping.ts";
import { may, type Said, type Verb } from "../verb.ts";

export const rules: Verb<Said<"rules">> = {
  who: "host",
  refusal: "Only the host can decide who comes in and who speaks.",
  handle: async ({ desk, room, me, message }) => {
    const { catalog, recordings } = desk.options;
    if (message.rules.keepWhispers !== room.rules.keepWhispers)
      await keepWhispers(catalog, recordings(), room.id, message.rules.keepWhispers);
    room.rule(message.rules);
    for (const { participant, send } of room.members) {
      if (!participant.microphone || may("speakers", participant, room)) continue;
      send?.({ type: "muted", by: me.name });
      room.change(participant.id, { microphone: false }, true);
    }
    desk.options.log.info({ room: room.id, by: me.id, ...message.rules }, "room rules changed");
  },
};
