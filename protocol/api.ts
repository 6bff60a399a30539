// The REST shapes of `/api/v1`, from which the OpenAPI document is made. No transforms: what is described is what is sent.
import * as z from "zod/mini";
import { Name, TrackState } from "./recording.ts";
import { ScenarioChoice } from "./scenario.ts";

import { Knee } from "./timeline.ts";

export * from "./described.ts";
export * from "./rooms.ts";
export { Knee, TrackState };

export const NewRoom = z.object({ name: z.optional(Name), scenario: z.optional(ScenarioChoice), keepWhispers: z.optional(z.boolean()) });
/** What of a room can be changed from outside the call. */
export const EditRoom = z.object({ keepWhispers: z.boolean() });

export const Health = z.object({ status: z.enum(["ok", "not-ready"]), reason: z.optional(z.string()) });
