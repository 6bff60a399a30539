// What only the holder of an admin key asks for. Apart from `Api`, because the page of a room need not load it.
import { Recording, RecordingList } from "../../../protocol/described.ts";
import { UserError } from "../../../protocol/errors.ts";
import { CreatedRoom } from "../../../protocol/rooms.ts";
import { Api, refusal } from "../api.ts";

export class AdminApi extends Api {
  /** `scenario`: one of those that come with the program, by its id; null: none. */
  createRoom(name: string, scenario: string | null = null, keepWhispers = false): Promise<CreatedRoom> {
    const room = { ...(name ? { name } : {}), ...(scenario ? { scenario: { shipped: scenario } } : {}), keepWhispers };
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
    const { status, text } = await this.#send("/recordings", zip, onSent);
    if (status === 201) return Recording.parse(JSON.parse(text)) as Recording;
    throw await refusal(new Response(text, { status }));
  }

  /** By XMLHttpRequest: `fetch` does not say how far an upload has come. */
  #send(path: string, body: Blob, onSent: (share: number) => void): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/api/v1${path}`);
      for (const [name, value] of this.headers()) request.setRequestHeader(name, value);
      request.setRequestHeader("content-type", "application/zip");
      request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
      request.onload = () => resolve({ status: request.status, text: request.responseText });
      request.onerror = () =>
        reject(new UserError("not-ready", "The server cannot be reached, or stopped listening. Check your connection and try again."));
      request.send(body);
    });
  }
}
