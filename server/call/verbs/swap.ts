// `swap`: the recording ends, everybody gets the next one's role, and the count of the next recording begins. While something counts already, or
// somebody swaps already, it is passed over: a second press must not swap back.
import type { Said, Verb } from "../verb.ts";
import { record } from "./record.ts";

export const swap: Verb<Said<"swap">> = {
  who: "host",
  refusal: "Only the host can swap the roles.",
  handle: async (turn) => {
    const { desk, room } = turn;
    if (desk.countdowns.leftMs(room.id) !== null) return;
    await desk.plays.once(room, async () => {
      await desk.plays.require(room.id);
      await desk.stop(room.id);
      await desk.plays.swap(room);
      await record.handle({ ...turn, message: { type: "record" } });
    });
  },
};
