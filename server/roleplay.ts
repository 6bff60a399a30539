// The URLs of role plays, a part of the one table in `http.ts`. Contains no logic.
import * as api from "../protocol/scenario.ts";
import type { Scenarios } from "./call/scenarios.ts";
import type { Route } from "./door.ts";
import type { Scenes } from "./review/scenes.ts";

export interface RoleplayDoors {
  scenarios: Scenarios;
  scenes: Scenes;
}

export function roleplayRoutes({ scenarios, scenes }: RoleplayDoors): Route[] {
  return [
    {
      method: "GET",
      url: "/scenarios",
      summary: "Scenarios that come with the program, without their cards (admin)",
      answer: api.ScenarioList,
      handle: ({ who }) => scenarios.shipped(who, null),
    },
    {
      method: "GET",
      url: "/rooms/:id/scenarios",
      summary: "The same for the room's host",
      answer: api.ScenarioList,
      handle: ({ who, id }) => scenarios.shipped(who, id),
    },
    {
      method: "GET",
      url: "/rooms/:id/scenario",
      summary: "What the room is to play, without the cards",
      answer: api.RoomScenario,
      handle: ({ who, id }) => scenarios.look(who, id),
    },
    {
      method: "PUT",
      url: "/rooms/:id/scenario",
      summary: "Choose one that comes with the program, or bring one as YAML; not while the room records (host)",
      body: api.ScenarioChoice,
      answer: api.RoomScenario,
      handle: ({ who, id, body }) => scenarios.choose(who, id, body as api.ScenarioChoice),
    },
    {
      method: "DELETE",
      url: "/rooms/:id/scenario",
      summary: "No role play any more (host)",
      status: 204,
      handle: ({ who, id }) => scenarios.remove(who, id),
    },
    {
      method: "GET",
      url: "/rooms/:id/scenario.yaml",
      summary: "The room's scenario as a file, with all cards (host)",
      handle: ({ who, id }) => scenarios.yaml(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/scenario",
      summary:
        "What the recording was a role play of, and who played what; the cards for the host, the admin and observers, and for everybody once they were shown",
      answer: api.Scene,
      handle: ({ who, id }) => scenes.look(who, id),
    },
    {
      method: "POST",
      url: "/recordings/:id/scenario/show",
      summary: "Show the cards of the role play to everybody who may look, for good (host)",
      answer: api.Scene,
      handle: ({ who, id }) => scenes.show(who, id),
    },
  ];
}
