// `rules`: whether the room is locked, and whether observers may speak. Whose permission ends is silent from then on.
import { may, type Said, type Verb } from "../verb.ts";

export const rules: Verb<Said<"rules">> = {
  who: "host",
  refusal: "Only the host can decide who comes in and who speaks.",
  handle: ({ desk, room, me, message }) => {
    room.rules = message.rules;
    room.broadcast({ type: "rules", rules: message.rules });
    for (const { participant, send } of room.members) {
      if (!participant.microphone || may("speakers", participant, room)) continue;
      send?.({ type: "muted", by: me.name });
      room.change(participant.id, { microphone: false }, true);
    }
    desk.options.log.info({ room: room.id, by: me.id, ...message.rules }, "room rules changed");
  },
};
