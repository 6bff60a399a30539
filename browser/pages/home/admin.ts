// What only the holder of an admin key asks for. Apart from `Api`, because the page of a room need not load it.
import { CreatedRoom, type Recording, RecordingList } from "../../../protocol/api.ts";
import { Api } from "../api.ts";

export class AdminApi extends Api {
  createRoom(name: string): Promise<CreatedRoom> {
    return this.ask(CreatedRoom, "POST", "/rooms", name ? { name } : {});
  }

  /** One page of the list, newest first. `cursor` null: from the start. */
  recordings(cursor: string | null): Promise<{ items: Recording[]; cursor: string | null }> {
    return this.ask(RecordingList, "GET", `/recordings${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  deleteRecording(id: string): Promise<void> {
    return this.ask(null, "DELETE", `/recordings/${encodeURIComponent(id)}`);
  }
}
