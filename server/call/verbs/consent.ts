// `consent`: taken back or given again. What was recorded before stays; their browser ends the track.
import type { Said, Verb } from "../verb.ts";

export const consent: Verb<Said<"consent">> = {
  who: "everybody",
  refusal: null,
  handle: async ({ desk, room, me, message }) => {
    const recorded = message.given && me.role !== "observer";
    const { id, name, role } = me;
    await desk.options.catalog.saveParticipant({ id, roomId: room.id, name, role, consentedAt: recorded ? Date.now() : null });
    room.change(id, { recorded });
    desk.options.log.info({ room: room.id, participant: id, recorded }, "consent changed");
  },
};
