// `rules`: whether the room is locked, whether observers may speak, and whether whispers are kept. Whose permission ends is silent from then on.
import { keepWhispers } from "../keeping.ts";
import { may, type Said, type Turn, type Verb } from "../verb.ts";

export const rules: Verb<Said<"rules">> = {
  who: "host",
  refusal: "Only the host can decide who comes in and who speaks.",
  handle: async (turn) => {
    const { desk, room, message } = turn;
    const { catalog, recordings } = desk.options;
    if (message.rules.keepWhispers !== room.rules.keepWhispers)
      await keepWhispers(catalog, recordings(), room.id, message.rules.keepWhispers);
    // What cannot be kept holds all the same, until a restart; the host is told that it is not kept.
    try {
      await desk.ongoing.rule(room.id, message.rules);
    } finally {
      rule(turn);
    }
  },
};

function rule({ desk, room, me, message }: Turn<Said<"rules">>): void {
  room.rule(message.rules);
  for (const { participant, send } of room.members) {
    if (!participant.microphone || may("speakers", participant, room)) continue;
    send?.({ type: "muted", by: me.name });
    room.change(participant.id, { microphone: false }, true);
  }
  desk.options.log.info({ room: room.id, by: me.id, ...message.rules }, "room rules changed");
}
