// What was whispered while it was recorded, where the room keeps it: as it is told to those it is for.
import * as z from "zod/mini";
import { ms, ParticipantId, TrackId } from "./recording.ts";

const person = z.object({ id: ParticipantId, name: z.string() });

/** From one to another, a track of its own. `moments`: when there was whispering, on the recording's clock. */
export const WhisperTrack = z.object({
  id: TrackId,
  from: person,
  to: person,
  /** All of it is here. */
  complete: z.boolean(),
  moments: z.array(z.object({ fromMs: ms, toMs: ms })),
});
export type WhisperTrack = z.infer<typeof WhisperTrack>;
export const WhisperList = z.object({ items: z.array(WhisperTrack) });
