// `bookmark`: a moment of the recording, for everybody and for later. One that waited for a connection is of when it was made, and taken once.
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
  handle: async ({ desk, room, member, me, answer, message: { id = makeId("bmk"), recording: meant, agoMs = 0 } }) => {
    const { catalog, recordings } = desk.options;
    const recording = await (meant === undefined ? recordings().running(room.id) : catalog.recording(meant));
    const atMs = recording ? Math.max(0, Math.round(elapsedMs(recording) - agoMs)) : 0;
    if (recording?.roomId !== room.id || atMs > (recording.durationMs ?? Number.POSITIVE_INFINITY))
      throw new UserError("not-recording", "Nothing is being recorded, so there is no moment to mark.");
    const pauses = await catalog.pauses(recording.id);
    if (pauses.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < (toMs ?? Number.POSITIVE_INFINITY)))
      throw new UserError("not-recording", "The recording is paused, so there is no moment to mark.");
    pace.step(member);
    const mark = { id, participant: { id: me.id, name: me.name }, atMs };
    const fresh = await catalog.addBookmark({ id, recordingId: recording.id, participantId: me.id, name: me.name, atMs });
    const down = { type: "bookmark", recording: recording.id, bookmark: mark } as const;
    if (fresh) room.broadcast(down);
    else answer(down);
  },
};
