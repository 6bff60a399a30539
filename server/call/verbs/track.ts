// `track`: "which track does my camera (or screen) record into?"
import { UserError } from "../../../protocol/errors.ts";
import type { Said, Verb } from "../verb.ts";

export const track: Verb<Said<"track">> = {
  who: "people",
  refusal: "You joined without being recorded.",
  handle: async ({ desk, room, me, message: { recording, source, plate }, answer }) => {
    const { keys, recordings } = desk.options;
    if (!me.recorded) throw new UserError("not-allowed", "You joined without being recorded.");
    const running = await recordings().running(room.id);
    if (running?.id !== recording) throw new UserError("not-recording", "This recording is over.");
    const mine = await recordings().ticket(recording, me.id, source, { name: me.name, plate: plate ?? null });
    answer({ type: "track", recording, source, track: mine.id, token: keys.track(mine.id) });
  },
};
