// The API for whoever asks how a recording stands. Apart from `Api`, because a call does not ask.
import { Recording } from "../../../protocol/described.ts";
import { Api } from "../api.ts";

export class RecordingApi extends Api {
  recording(id: string): Promise<Recording> {
    return this.ask(Recording, "GET", `/recordings/${encodeURIComponent(id)}`);
  }
}
