// `leave`: I am going, on purpose. The last one out ends the recording.
import type { Said, Verb } from "../verb.ts";

export const leave: Verb<Said<"leave">> = {
  who: "everybody",
  refusal: null,
  handle: async ({ desk, room, me, close }) => {
    room.leave(me.id);
    desk.options.log.info({ room: room.id, participant: me.id }, "participant left");
    close(1000, "left");
    if (!desk.occupied(room.id)) await desk.stop(room.id);
  },
};
