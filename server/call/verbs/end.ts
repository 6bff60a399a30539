// `end`: the recording is stopped and everybody is sent out; whoever is away just now, when they come back. The room's link stays good for another call.
import { closeCode } from "../../../protocol/errors.ts";
import type { Said, Verb } from "../verb.ts";

export const endedSentence = "The host has ended the call for everybody.";

export const end: Verb<Said<"end">> = {
  who: "host",
  refusal: "Only the host can end the call for everybody.",
  handle: async ({ desk, room, me }) => {
    await desk.stop(room.id);
    await desk.ongoing.close(room);
    desk.options.log.info({ room: room.id, by: me.id }, "call ended for everybody");
    for (const member of room.members) {
      member.send?.({ type: "refused", code: "ended", message: endedSentence });
      member.close(closeCode.gone, endedSentence);
    }
    desk.forget(room);
    await desk.ongoing.end(room.id);
  },
};
