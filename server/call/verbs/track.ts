// `track`: "which track does my camera (or screen, or what I whisper to somebody) record into?"
import { UserError } from "../../../protocol/errors.ts";
import { isWhisper, type WhisperSource } from "../../../protocol/recording.ts";
import { may, type Said, type Turn, type Verb } from "../verb.ts";

export const track: Verb<Said<"track">> = {
  who: "everybody",
  refusal: null,
  handle: async (turn) => {
    const { desk, room, me, message, answer } = turn;
    const { recording, source, plate } = message;
    const { keys, recordings } = desk.options;
    if (isWhisper(source)) mayKeep(turn, source);
    else if (!me.recorded) throw new UserError("not-allowed", "You joined without being recorded.");
    const running = await recordings().running(room.id);
    if (running?.id !== recording) throw new UserError("not-recording", "This recording is over.");
    // A whisper is on no film, which would need a name.
    const named = isWhisper(source) ? null : { name: me.name, plate: plate ?? null };
    const mine = await recordings().ticket(recording, me.id, source, named);
    answer({ type: "track", recording, source, track: mine.id, token: keys.track(mine.id) });
  },
};

function mayKeep({ room, me }: Turn<Said<"track">>, source: WhisperSource): void {
  const to = room.member(source.slice(source.indexOf(":") + 1));
  if (!may("supervisors", me, room) || !to || to.participant.role === "observer" || to.participant.id === me.id)
    throw new UserError("not-allowed", "Only an observer or the host can whisper to somebody.");
  if (!room.rules.keepWhispers) throw new UserError("not-allowed", "What is whispered is not kept in this room.");
}
