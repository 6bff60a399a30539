// The REST interface as whoever chooses scenarios sees it.
import { type Outline, RoomScenario, type ScenarioChoice, ScenarioList, type ShippedScenario } from "../../../protocol/scenario.ts";
import { Api, reach, refusal } from "../api.ts";

export type { Outline, ScenarioChoice, ShippedScenario };

export class ScenarioApi extends Api {
  /** Those that come with the program. `roomId` null: for the admin. */
  async scenarios(roomId: string | null): Promise<ShippedScenario[]> {
    const path = roomId === null ? "/scenarios" : `/rooms/${encodeURIComponent(roomId)}/scenarios`;
    return (await this.ask(ScenarioList, "GET", path)).items;
  }

  async scenario(roomId: string): Promise<Outline | null> {
    return (await this.ask(RoomScenario, "GET", `/rooms/${encodeURIComponent(roomId)}/scenario`)).scenario;
  }

  async choose(roomId: string, choice: ScenarioChoice): Promise<Outline | null> {
    return (await this.ask(RoomScenario, "PUT", `/rooms/${encodeURIComponent(roomId)}/scenario`, choice)).scenario;
  }

  remove(roomId: string): Promise<void> {
    return this.ask(null, "DELETE", `/rooms/${encodeURIComponent(roomId)}/scenario`);
  }

  async yaml(roomId: string): Promise<Blob> {
    const response = await reach(`/api/v1/rooms/${encodeURIComponent(roomId)}/scenario.yaml`, { headers: this.headers() });
    if (!response.ok) throw await refusal(response);
    return response.blob();
  }
}
