// `bookmark`: this moment of the recording, for everybody and for later.
import { UserError } from "../../../protocol/errors.ts";
import { makeId } from "../../store/catalog.ts";
import { Pace } from "../pace.ts";
import { elapsedMs } from "../recordings.ts";
import type { Said, Verb } from "../verb.ts";

/** Faster than anybody has something to mark. */
const pace = new Pace(20, "Those were many marks at once. Wait a few seconds, then mark the next moment.");

export const bookmark: Verb<Said<"bookmark">> = {
  who: "everybody",
  refusal: null,
  handle: async ({ desk, room, member, me }) => {
    const { catalog, recordings } = desk.options;
    const running = await recordings().running(room.id);
    if (!running) throw new UserError("not-recording", "Nothing is being recorded, so there is no moment to mark.");
    if ((await recordings().pausedMs(running.id)) !== null)
      throw new UserError("not-recording", "The recording is paused, so there is no moment to mark.");
    pace.step(member);
    const mark = { id: makeId("bmk"), participant: { id: me.id, name: me.name }, atMs: Math.max(0, Math.round(elapsedMs(running))) };
    await catalog.addBookmark({ id: mark.id, recordingId: running.id, participantId: me.id, name: me.name, atMs: mark.atMs });
    room.broadcast({ type: "bookmark", recording: running.id, bookmark: mark });
  },
};
