// `chat`: what somebody wrote goes to everybody, and while a recording is on it is kept with it before anybody sees it. What is said again is taken once.
import type { ChatMessage } from "../../../protocol/call.ts";
import { makeId } from "../../store/catalog.ts";
import { Pace } from "../pace.ts";
import { elapsedMs } from "../recordings.ts";
import type { Said, Verb } from "../verb.ts";

/** Faster than anybody writes. */
const pace = new Pace(10, "That was a lot at once. Wait a few seconds, then write again.");

export const chat: Verb<Said<"chat">> = {
  who: "speakers",
  refusal: "The host has not let observers write.",
  handle: async ({ desk, room, member, me, answer, message: { id = makeId("msg"), body } }) => {
    const earlier = room.chat.find((message) => message.id === id);
    if (earlier) return answer({ type: "chat", message: earlier });
    pace.step(member);
    const { catalog, recordings } = desk.options;
    const running = await recordings().running(room.id);
    const said: ChatMessage = {
      id,
      participant: { id: me.id, name: me.name },
      body,
      sentMs: Date.now(),
      atMs: running ? Math.max(0, Math.round(elapsedMs(running))) : null,
    };
    const { sentMs, atMs } = said;
    const row = { id, participantId: me.id, name: me.name, body, sentMs };
    const kept = !running || atMs === null || (await catalog.addMessage({ ...row, recordingId: running.id, atMs }));
    // Said by the socket before this one as well, it may have been on its way.
    if (kept && !room.chat.some((message) => message.id === id)) room.say(said);
    else answer({ type: "chat", message: said });
  },
};
