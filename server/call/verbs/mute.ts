// `mute`: the host switches somebody's microphone off. There is no message that switches one on.
import { memberOf, type Said, type Verb } from "../verb.ts";

export const mute: Verb<Said<"mute">> = {
  who: "host",
  refusal: "Only the host can mute others.",
  handle: ({ room, me, message }) => {
    const member = memberOf(room, message.participant);
    if (!member.participant.microphone) return;
    member.mutedBy = me.name;
    member.send?.({ type: "muted", by: me.name });
    room.change(message.participant, { microphone: false }, true);
  },
};
