// The URLs of captions, a part of the one table in `http.ts`. Contains no logic.
import * as z from "zod/mini";
import * as api from "../protocol/captions.ts";
import { TrackId } from "../protocol/recording.ts";
import type { Route } from "./door.ts";
import type { Captions } from "./review/captions.ts";

export function captionRoutes(captions: Captions): Route[] {
  const cursor = z.object({ cursor: z.optional(z.string().check(z.maxLength(100))) });
  const ofTrack = z.object({ track: z.optional(TrackId) });
  return [
    {
      method: "GET",
      url: "/recordings/:id/captions",
      summary: "What was said, in writing, by time; and how the server's own model stands with it",
      query: cursor,
      answer: api.CaptionList,
      handle: ({ who, id, query }) => captions.list(who, id, query["cursor"]),
    },
    {
      method: "POST",
      url: "/recordings/:id/captions",
      summary: "Captions from WebVTT, instead of those there were of whom it is about (host)",
      body: api.NewCaptions,
      bodyMaxBytes: api.captionsMaxBytes,
      status: 201,
      answer: api.AddedCaptions,
      handle: ({ who, id, body }) => captions.add(who, id, body as api.NewCaptions),
    },
    {
      method: "DELETE",
      url: "/recordings/:id/captions",
      summary: "Delete captions: of one `track`, or all (host)",
      query: ofTrack,
      status: 204,
      handle: ({ who, id, query }) => captions.clear(who, id, query["track"]),
    },
    {
      method: "POST",
      url: "/recordings/:id/hearings",
      summary: "Have the server's own model listen to a track, or to all that have no captions (host)",
      body: api.AskHearing,
      answer: api.CaptionList,
      handle: ({ who, id, body }) => captions.ask(who, id, (body as { trackId: string | null }).trackId),
    },
    {
      method: "GET",
      url: "/recordings/:id/captions.vtt",
      summary: "Captions as WebVTT, each with its speaker; of one `track`, or all",
      query: ofTrack,
      handle: ({ who, id, query }) => captions.vtt(who, id, query["track"]),
    },
    {
      method: "GET",
      url: "/recordings/:id/transcript.txt",
      summary: "What was said, to read",
      query: ofTrack,
      handle: ({ who, id, query }) => captions.text(who, id, query["track"]),
    },
    {
      method: "PATCH",
      url: "/captions/:id",
      summary: "Mend one line; 409 with the newest when another version was edited (whoever was in the call)",
      body: api.EditCaption,
      answer: api.Caption,
      handle: ({ who, id, body }) => captions.edit(who, id, body as api.EditCaption),
    },
    {
      method: "DELETE",
      url: "/captions/:id",
      summary: "Delete one line (whoever was in the call)",
      status: 204,
      handle: ({ who, id }) => captions.remove(who, id),
    },
  ];
}
