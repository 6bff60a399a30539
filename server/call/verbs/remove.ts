// `remove`: somebody has to go. Whoever hosts by their link stays: two hosts are equals.
import { closeCode, UserError } from "../../../protocol/errors.ts";
import { memberOf, type Said, type Verb } from "../verb.ts";

export const removedSentence = "The host has removed you from this call.";

export const remove: Verb<Said<"remove">> = {
  who: "host",
  refusal: "Only the host can remove somebody.",
  handle: async ({ desk, room, me, message }) => {
    const member = memberOf(room, message.participant);
    if (member.participant.role === "host") throw new UserError("not-allowed", "Somebody with the host's link cannot be removed.");
    if (member.participant.id === me.id) throw new UserError("not-allowed", "To go yourself, leave the call.");
    // Who has to go goes, also where that cannot be kept; the host is told that it is not.
    try {
      await desk.ongoing.remove(room.id, message.participant);
    } finally {
      room.member(message.participant)?.send?.({ type: "refused", code: "removed", message: removedSentence });
      room.remove(message.participant, closeCode.forbidden, removedSentence);
      desk.options.log.info({ room: room.id, participant: message.participant, by: me.id }, "participant removed");
    }
    if (!desk.occupied(room.id)) await desk.stop(room.id);
  },
};
