// `signal`: SDP or ICE for one other participant, passed on unread.
import type { Said, Verb } from "../verb.ts";

export const signal: Verb<Said<"signal">> = {
  who: "everybody",
  refusal: null,
  handle: ({ room, me, message }) => {
    room.member(message.to)?.send?.({ type: "signal", from: me.id, signal: message.signal });
  },
};
