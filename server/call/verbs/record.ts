// `record`: the count, and then the recording. Everybody sees both.
import { UserError } from "../../../protocol/errors.ts";
import type { Said, Verb } from "../verb.ts";

export const record: Verb<Said<"record">> = {
  who: "host",
  refusal: "Only the host can start and stop the recording.",
  handle: async ({ desk, room, message: { count = true } }) => {
    const { countdownMs, log, recordings } = desk.options;
    if (desk.countdowns.leftMs(room.id) !== null) return;
    if (countdownMs === 0 || !count) {
      await recordings().start(room.id);
      return;
    }
    if (await recordings().running(room.id)) throw new UserError("already-recording", "This room is being recorded already.");
    desk.countdowns.start(room.id, countdownMs, () => {
      recordings()
        .start(room.id)
        .catch((error: unknown) => {
          const known = error instanceof UserError;
          if (!known) log.error({ err: error, room: room.id }, "the recording could not be started");
          const message = known ? error.message : "The recording could not be started. Something went wrong on the server.";
          room.broadcast({ type: "countdown", countdownMs: null });
          room.broadcast({ type: "refused", code: known ? error.code : "internal", message });
        });
    });
    room.broadcast({ type: "countdown", countdownMs });
  },
};
