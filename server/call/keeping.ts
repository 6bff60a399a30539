// Whether a room keeps what is whispered while it records. Promise: it does not change while a recording runs, so that nobody finds kept what they
// were told is not.
import { UserError } from "../../protocol/errors.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Recordings } from "./recordings.ts";

export async function keepWhispers(
  catalog: Pick<Catalog, "keepWhispers">,
  recordings: Pick<Recordings, "running">,
  roomId: string,
  keep: boolean,
): Promise<void> {
  if (await recordings.running(roomId))
    throw new UserError("already-recording", "Stop the recording first: whether whispers are kept is decided between recordings.");
  await catalog.keepWhispers(roomId, keep);
}
