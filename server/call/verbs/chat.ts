// `chat`: what somebody wrote goes to everybody, and while a recording is on it is kept with it before anybody sees it.
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
  handle: async ({ desk, room, member, me, message: { body } }) => {
    pace.step(member);
    const { catalog, recordings } = desk.options;
    const running = await recordings().running(room.id);
    const said: ChatMessage = {
      id: makeId("msg"),
      participant: { id: me.id, name: me.name },
      body,
      sentMs: Date.now(),
      atMs: running ? Math.max(0, Math.round(elapsedMs(running))) : null,
    };
    if (running && said.atMs !== null) {
      const { id, sentMs, atMs } = said;
      await catalog.addMessage({ id, recordingId: running.id, participantId: me.id, name: me.name, body, sentMs, atMs });
    }
    room.say(said);
  },
};
