// `whisper`: somebody who looks after those who practise speaks to one of them alone. The sound goes from page to page; that it does is told to that one
// and nobody else, and without this word their page plays nothing.
import { UserError } from "../../../protocol/errors.ts";
import { memberOf, type Said, type Verb } from "../verb.ts";

export const whisper: Verb<Said<"whisper">> = {
  who: "supervisors",
  refusal: "Only an observer or the host can whisper to somebody.",
  handle: ({ room, me, message: { to, stream, on } }) => {
    // An end needs nobody to hear it: they may have left before.
    if (stream === null && !room.member(to)) return;
    const { participant, send } = memberOf(room, to);
    if (participant.role === "observer" || to === me.id)
      throw new UserError("not-allowed", "One can whisper to those who take part in the call, not to observers.");
    send?.({ type: "whisper", from: me.id, stream, on: on && stream !== null });
  },
};
