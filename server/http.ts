// Every URL, in one table. Mounts handlers, contains no logic; how a request becomes an answer stands in `door.ts`.
import swagger from "@fastify/swagger";
import fastify, { type FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { Logger } from "pino";
import * as z from "zod/mini";
import * as api from "../protocol/api.ts";
import { UserError } from "../protocol/errors.ts";
import { Timeline } from "../protocol/timeline.ts";
import type { Packing } from "./bundle/pack.ts";
import type { Unpacking } from "./bundle/unpack.ts";
import type { Rooms } from "./call/rooms.ts";
import { captionRoutes } from "./captioning.ts";
import { bearer, mount, quiet, type Route, sendProblem } from "./door.ts";
import { type FeedbackDoors, feedbackRoutes } from "./feedback.ts";
import type { Tus } from "./ingest/tus.ts";
import type { Captions } from "./review/captions.ts";
import type { Films } from "./review/films.ts";
import type { Handout } from "./review/handout.ts";
import type { Library } from "./review/library.ts";
import type { Said } from "./review/said.ts";
import { type RoleplayDoors, roleplayRoutes } from "./roleplay.ts";

export interface HttpOptions {
  log: Logger;
  rooms: Rooms;
  library: Library;
  films: Films;
  handout: Handout;
  said: Said;
  packing: Packing;
  unpacking: Unpacking;
  captions: Captions;
  feedback: FeedbackDoors;
  roleplay: RoleplayDoors;
  uploads: Tus;
  /** Throws, with the reason in words, while the catalog or the spool cannot be written. */
  ready: () => Promise<void>;
  /** Address for links, where a proxy stands in front; null: as the request reached us. */
  publicUrl: string | null;
}

/** Everything under /api/v1 but the uploads. */
export function routes({
  rooms,
  library,
  films,
  handout,
  said,
  packing,
  unpacking,
  captions,
  feedback,
  roleplay,
}: Pick<
  HttpOptions,
  "rooms" | "library" | "films" | "handout" | "said" | "packing" | "unpacking" | "captions" | "feedback" | "roleplay"
>): Route[] {
  const other = z.partial(api.FilmChoice);
  const cursor = z.object({ cursor: z.optional(z.string().check(z.maxLength(100))) });
  /** Ms on the recording's clock, in a query. */
  const moment = z.string().check(z.regex(/^\d{1,10}$/));
  const listing = z.object({
    room: z.optional(z.string().check(z.maxLength(64))),
    state: z.optional(api.RecordingState),
    cursor: z.optional(z.string().check(z.maxLength(100))),
  });
  return [
    {
      method: "POST",
      url: "/rooms",
      summary: "Make a room (admin)",
      body: api.NewRoom,
      status: 201,
      answer: api.CreatedRoom,
      handle: ({ who, body, base }) => rooms.create(who, body as z.infer<typeof api.NewRoom>, base),
    },
    {
      method: "GET",
      url: "/rooms/:id",
      summary: "Who is in the room, and whether it records",
      answer: api.Room,
      handle: ({ who, id }) => rooms.look(who, id),
    },
    {
      method: "PATCH",
      url: "/rooms/:id",
      summary: "Whether what is whispered while it records is kept; not while the room records (host)",
      body: api.EditRoom,
      answer: api.Room,
      handle: ({ who, id, body }) => rooms.change(who, id, body as z.infer<typeof api.EditRoom>),
    },
    {
      method: "GET",
      url: "/rooms/:id/ice",
      summary: "STUN and TURN servers for somebody in this room, with credentials of their own that expire",
      answer: api.Ice,
      handle: ({ who, id, base }) => rooms.ice(who, id, new URL(base).hostname),
    },
    {
      method: "POST",
      url: "/rooms/:id/probe",
      summary: "Takes up to 256 kB of text and throws it away: how fast the way here is",
      status: 204,
      handle: ({ who, id }) => rooms.probe(who, id),
    },
    {
      method: "POST",
      url: "/rooms/:id/recordings",
      summary: "Start recording",
      status: 201,
      answer: api.Recording,
      handle: async ({ who, id, base }) => library.describe(await rooms.record(who, id), base),
    },
    {
      method: "POST",
      url: "/recordings/:id/stop",
      summary: "Stop recording",
      answer: api.Recording,
      handle: async ({ who, id, base }) => library.describe(await rooms.stop(who, id), base),
    },
    {
      method: "GET",
      url: "/recordings",
      summary: "Recordings, newest first",
      query: listing,
      answer: api.RecordingList,
      handle: ({ who, base, query }) => library.list(who, base, query),
    },
    {
      method: "POST",
      url: "/recordings",
      summary: "Take in a recording from another server: the body is the zip of its `bundle`, as application/zip (admin)",
      status: 201,
      answer: api.Recording,
      handle: async ({ who, body, base }) => library.describe(await unpacking.take(who, body), base),
    },
    {
      method: "GET",
      url: "/recordings/:id/bundle",
      summary: "Everything of a recording as one zip: tracks, film, timeline, what was said, and an OpenTimelineIO timeline for editors",
      handle: ({ who, id }) => packing.pack(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id",
      summary: "One recording",
      answer: api.Recording,
      handle: ({ who, base, id }) => library.look(who, base, id),
    },
    {
      method: "DELETE",
      url: "/recordings/:id",
      summary: "Delete everything of a recording, everywhere",
      status: 204,
      handle: ({ who, id }) => library.remove(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/timeline",
      summary: "timeline.json",
      answer: Timeline,
      handle: ({ who, id }) => library.timeline(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/playlist.m3u8",
      summary: "HLS playlist: EVENT while it grows, ENDLIST when complete; `from`: without the windows before that one",
      query: z.extend(other, { from: z.optional(z.string().check(z.regex(/^\d{1,7}$/))) }),
      handle: ({ who, id, query }) =>
        query["layout"] ? films.playlist(who, id, query as api.FilmChoice) : library.playlist(who, id, Number(query["from"] ?? 0)),
    },
    {
      method: "GET",
      url: "/recordings/:id/windows/:file",
      summary: "One piece of the playlist",
      query: other,
      handle: ({ who, id, file, query }) =>
        query["layout"] ? films.window(who, id, query as api.FilmChoice, file) : library.window(who, id, file),
    },
    {
      method: "GET",
      url: "/recordings/:id/video.mp4",
      summary: "The film as one seekable file; `fromMs` and `toMs`: that part of it, to the picture, as a file of its own",
      query: z.extend(other, { fromMs: z.optional(moment), toMs: z.optional(moment) }),
      handle: ({ who, id, query: { fromMs, toMs, ...query } }) => {
        const choice = query["layout"] ? (query as api.FilmChoice) : null;
        const span = spanOf(fromMs, toMs);
        if (choice) return span ? films.part(who, id, choice, ...span) : films.video(who, id, choice);
        return span ? library.part(who, id, ...span) : library.video(who, id);
      },
    },
    {
      method: "POST",
      url: "/recordings/:id/films",
      summary:
        "Another film of the recording: composed from the first such call on, once its own film is complete; then how it stands. With `names` or `large`: for whoever may download",
      body: api.FilmChoice,
      answer: api.Film,
      handle: ({ who, base, id, body }) => films.ask(who, base, id, body as api.FilmChoice),
    },
    {
      method: "GET",
      url: "/recordings/:id/audio.m4a",
      summary: "The film's sound alone",
      handle: ({ who, id }) => handout.sound(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/poster.jpg",
      summary: "A picture of the film",
      handle: ({ who, id }) => handout.poster(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/thumbnails.vtt",
      summary: "Small pictures of the film for scrubbing, as WebVTT",
      handle: ({ who, id }) => handout.thumbnails(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/thumbnails/:file",
      summary: "A sheet of them",
      handle: ({ who, id, file }) => handout.sheet(who, id, file),
    },
    {
      method: "GET",
      url: "/tracks/:id/media",
      summary: "One track as one seekable file that begins with the film; `aligned=0`: with the track's own first media",
      query: z.object({ aligned: z.optional(z.enum(["0", "1"])) }),
      handle: ({ who, id, query }) => handout.track(who, id, query["aligned"] === "0" ? "track" : "film"),
    },
    {
      method: "GET",
      url: "/tracks/:id/picture",
      summary: "Its pictures without its sound, beginning with the film: to be watched beside it, also by a link that may not download",
      handle: ({ who, id }) => handout.picture(who, id),
    },
    {
      method: "GET",
      url: "/tracks/:id/audio.flac",
      summary: "Its sound, as long as the film",
      handle: ({ who, id }) => handout.voice(who, id, "flac"),
    },
    {
      method: "GET",
      url: "/tracks/:id/audio.wav",
      summary: "The same, uncompressed",
      handle: ({ who, id }) => handout.voice(who, id, "wav"),
    },
    {
      method: "GET",
      url: "/tracks/:id/peaks",
      summary: "How loud it is along the film, for a waveform",
      answer: api.Peaks,
      handle: ({ who, id }) => handout.peaks(who, id),
    },
    {
      method: "GET",
      url: "/segments/:id/media",
      summary: "The very bytes the browser wrote",
      handle: ({ who, id }) => library.segment(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/chat",
      summary: "What people wrote in the call while it was recorded, by time; by a link only with the right to download",
      query: cursor,
      answer: api.ChatList,
      handle: ({ who, id, query }) => said.chat(who, id, query["cursor"]),
    },
    {
      method: "GET",
      url: "/recordings/:id/bookmarks",
      summary: "Moments that people marked while it was recorded, by time",
      query: cursor,
      answer: api.BookmarkList,
      handle: ({ who, id, query }) => said.bookmarks(who, id, query["cursor"]),
    },
    ...captionRoutes(captions),
    ...feedbackRoutes(feedback),
    ...roleplayRoutes(roleplay),
  ];
}

/** Null: all of it. Half of a span is a mistake, and not the whole film. */
function spanOf(fromMs?: string, toMs?: string): readonly [number, number] | null {
  if (fromMs === undefined && toMs === undefined) return null;
  if (fromMs === undefined || toMs === undefined)
    throw new UserError("bad-request", "A part has a beginning and an end: say both, `fromMs` and `toMs`.");
  return [Number(fromMs), Number(toMs)];
}

/** What holds for all of them. */
const about = [
  "Errors are problem documents (RFC 9457, application/problem+json) with a stable `code` and a sentence for people in `detail`.",
  "Lists are `{items, cursor}`: with `cursor` as a query comes what follows; null: nothing does. Times are integer ms on the recording's clock, 0 = Record, unless they are RFC 3339.",
  "Addresses in answers (`…Url`) have a `token` and work as they are, by range, for twelve hours. `HEAD` answers wherever `GET` does.",
  "Keys are shared by everybody who has a link. Who of the reviewers one is, is said beside the key by the header `Doubletake-Reviewer` (the `identity` that `POST /recordings/{id}/reviewers` answered); who one was in the call, for what was whispered, by `Doubletake-Participant` (`<id>.<secret>` of the call's `welcome`).",
].join("\n\n");

export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  // Request logging is ours: a path is logged without its query, which may carry a media token.
  const app = fastify({ logger: false, bodyLimit: 256 * 1024, routerOptions: { maxParamLength: 100 }, forceCloseConnections: true });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendProblem(options.log, error, request, reply));
  app.addHook("onResponse", async (request, reply) => {
    options.log.debug(
      { method: request.method, path: request.url.split("?")[0], status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Doubletake", version: "1", description: about },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer", description: "the admin key, or the key of a room link" } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(
    async (v1) => {
      v1.addHook("onRequest", async (request) => {
        // Before the body is looked at: without a key nothing here says anything, except what the API is.
        const { token } = request.query as { token?: string };
        if (bearer(request.headers.authorization) === null && !token && !request.url.endsWith("/openapi.json")) {
          throw new UserError("key-missing", "A key is needed: send it as “Authorization: Bearer …”.");
        }
      });
      v1.addHook("preValidation", async (request) => {
        if (request.method === "POST" || request.method === "PATCH" || request.method === "PUT") request.body ??= {};
      });
      // Left to whoever takes it in, who looks at the key first.
      v1.addContentTypeParser(["application/zip", "audio/webm", "video/webm"], (_, body, done) => done(null, body));
      v1.addHook("onSend", async (_, reply) => void reply.headers({ "cache-control": "private, no-cache", ...quiet }));
      for (const route of routes(options)) mount(v1, route, options.publicUrl);
      v1.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
    },
    { prefix: "/api/v1" },
  );
  await app.register(async (v1) => options.uploads.mount(v1), { prefix: "/api/v1" });
  app.get("/healthz", { schema: { hide: true } }, async () => ({ status: "ok" }));
  app.get("/readyz", { schema: { hide: true } }, async (_, reply) => {
    try {
      await options.ready();
      return { status: "ok" };
    } catch (error) {
      options.log.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "not-ready", reason: (error as Error).message });
    }
  });
  return app;
}
