// What the API says of a room, and how it refuses. Apart from `api.ts`, which has it all, because the page of a room loads this and no more.
import * as z from "zod/mini";
import { IceServer, Participant, Role, RoomRules } from "./call.ts";
import { RecordingId, RoomId } from "./recording.ts";

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  /** Only on our bugs: the number that finds it in the log. */
  reference: z.optional(z.string()),
  /** Only where somebody else changed it first: how it stands now. */
  current: z.optional(z.unknown()),
  /** `Why`: `reason`, and the names and numbers of that. Only where the sentence says more than `code`. */
  why: z.optional(z.unknown()),
});
export type Problem = z.infer<typeof Problem>;

export const CreatedRoom = z.object({
  id: RoomId,
  name: z.string(),
  hostUrl: z.string(),
  guestUrl: z.string(),
  observerUrl: z.string(),
  hostKey: z.string(),
  guestKey: z.string(),
  observerKey: z.string(),
});
export type CreatedRoom = z.infer<typeof CreatedRoom>;

export const Room = z.object({
  id: RoomId,
  name: z.string(),
  participants: z.array(Participant),
  recording: z.nullable(RecordingId),
  rules: RoomRules,
  /** No place is left. */
  full: z.boolean(),
  /** What the bearer of the key would be in this room. */
  role: z.optional(Role),
});
export type Room = z.infer<typeof Room>;

/** What a browser in this room is offered to find its way to the others; TURN credentials in it expire. */
export const Ice = z.object({ iceServers: z.array(IceServer), relayOnly: z.boolean() });
export type Ice = z.infer<typeof Ice>;
