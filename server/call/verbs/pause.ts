// `pause` and `resume`: each ends or begins everybody's segments; the recording's clock goes on.
import { UserError } from "../../../protocol/errors.ts";
import type { Said, Turn, Verb } from "../verb.ts";

const refusal = "Only the host can pause the recording.";

export const pause: Verb<Said<"pause">> = {
  who: "host",
  refusal,
  handle: async (turn) => turn.desk.options.recordings().pause(await running(turn)),
};

export const resume: Verb<Said<"resume">> = {
  who: "host",
  refusal,
  handle: async (turn) => turn.desk.options.recordings().resume(await running(turn)),
};

async function running({ desk, room }: Turn<unknown>): Promise<string> {
  const recording = await desk.options.recordings().running(room.id);
  if (!recording) throw new UserError("not-recording", "Nothing is being recorded.");
  return recording.id;
}
