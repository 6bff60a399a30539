// `leave`: I am going, on purpose. The last one out ends the recording, and with the call what the host has decided for it.
import type { Said, Verb } from "../verb.ts";

export const leave: Verb<Said<"leave">> = {
  who: "everybody",
  refusal: null,
  handle: async ({ desk, room, me, close }) => {
    room.leave(me.id);
    desk.options.log.info({ room: room.id, participant: me.id }, "participant left");
    close(1000, "left");
    if (!desk.occupied(room.id)) await desk.stop(room.id);
    if (room.members.length > 0 || room.entering > 0) return;
    desk.forget(room);
    await desk.ongoing.end(room.id);
  },
};
