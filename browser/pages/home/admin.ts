// What only the holder of an admin key asks for. Apart from `Api`, because the page of a room need not load it.
import { Recording, RecordingList } from "../../../protocol/described.ts";
import { CreatedRoom } from "../../../protocol/rooms.ts";
import { Api, refusal } from "../api.ts";
import { sendBytes } from "../sending.ts";

export class AdminApi extends Api {
  /** `scenario`: one of those that come with the program, by its id; null: none. */
  createRoom(name: string, scenario: string | null = null, keepWhispers = false): Promise<CreatedRoom> {
    const room = { name, ...(scenario ? { scenario: { shipped: scenario } } : {}), keepWhispers };
    return this.ask(CreatedRoom, "POST", "/rooms", room);
  }

  /** One page of the list, newest first. `cursor` null: from the start. */
  recordings(cursor: string | null): Promise<{ items: Recording[]; cursor: string | null }> {
    return this.ask(RecordingList, "GET", `/recordings${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  deleteRecording(id: string): Promise<void> {
    return this.ask(null, "DELETE", `/recordings/${encodeURIComponent(id)}`);
  }

  /** Takes in the zip of a recording from another server. `onSent`: how much of it has been sent, 0 to 1; then the server reads it. */
  async bring(zip: Blob, onSent: (share: number) => void): Promise<Recording> {
    const answer = await sendBytes({ path: "/recordings", headers: this.headers(), type: "application/zip", body: zip, onSent });
    if (answer.status === 201) return Recording.parse(await answer.json()) as Recording;
    throw await refusal(answer);
  }
}
