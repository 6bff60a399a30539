// Every URL, in one table. Mounts handlers, contains no logic.
import { randomUUID } from "node:crypto";
import swagger from "@fastify/swagger";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { Logger } from "pino";
import * as z from "zod/mini";
import * as api from "../protocol/api.ts";
import { closeCodeOf, ProtocolError, UserError, type UserErrorCode } from "../protocol/errors.ts";
import { Timeline } from "../protocol/recording.ts";
import type { Rooms } from "./call/rooms.ts";
import type { Tus } from "./ingest/tus.ts";
import type { Comments } from "./review/comments.ts";
import type { Library, Media } from "./review/library.ts";
import { serve } from "./review/media.ts";

export interface HttpOptions {
  log: Logger;
  rooms: Rooms;
  library: Library;
  comments: Comments;
  uploads: Tus;
  /** Throws, with the reason in words, while the catalog or the spool cannot be written. */
  ready: () => Promise<void>;
  /** Address for links, where a proxy stands in front; null: as the request reached us. */
  publicUrl: string | null;
}

/** What a handler gets; everything in it has been parsed. */
interface Asked {
  id: string;
  file: string;
  query: Record<string, string | undefined>;
  body: unknown;
  /** The bearer key, and the token of a signed media URL. */
  who: { key: string | null; token: string | null };
  /** The address people reach us at, without a slash at the end. */
  base: string;
}

interface Route {
  method: HTTPMethods;
  url: string;
  summary: string;
  query?: z.ZodMiniType;
  body?: z.ZodMiniType;
  status?: number;
  answer?: z.ZodMiniType;
  handle: (asked: Asked) => Promise<unknown>;
}

function routes({ rooms, library, comments }: HttpOptions): Route[] {
  const cursor = z.object({ cursor: z.optional(z.string().check(z.maxLength(100))) });
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
      handle: ({ who, body, base }) => rooms.create(who, (body as { name?: string }).name, base),
    },
    {
      method: "GET",
      url: "/rooms/:id",
      summary: "Who is in the room, and whether it records",
      answer: api.Room,
      handle: ({ who, id }) => rooms.look(who, id),
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
      summary: "HLS playlist: EVENT while it grows, ENDLIST when complete",
      handle: ({ who, id }) => library.playlist(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/windows/:file",
      summary: "One piece of the playlist",
      handle: ({ who, id, file }) => library.window(who, id, file),
    },
    {
      method: "GET",
      url: "/recordings/:id/video.mp4",
      summary: "The film as one seekable file",
      handle: ({ who, id }) => library.video(who, id),
    },
    { method: "GET", url: "/tracks/:id/media", summary: "One track as one seekable file", handle: ({ who, id }) => library.track(who, id) },
    {
      method: "GET",
      url: "/segments/:id/media",
      summary: "The very bytes the browser wrote",
      handle: ({ who, id }) => library.segment(who, id),
    },
    {
      method: "GET",
      url: "/recordings/:id/comments",
      summary: "Comments by time",
      query: cursor,
      answer: api.CommentList,
      handle: ({ who, id, query }) => comments.list(who, id, query["cursor"]),
    },
    {
      method: "POST",
      url: "/recordings/:id/comments",
      summary: "Post a comment",
      body: api.NewComment,
      status: 201,
      answer: api.Comment,
      handle: ({ who, id, body }) => comments.post(who, id, body as api.NewComment),
    },
    {
      method: "PATCH",
      url: "/comments/:id",
      summary: "Change a comment",
      body: api.EditComment,
      answer: api.Comment,
      handle: ({ who, id, body }) => comments.edit(who, id, body as Partial<api.NewComment>),
    },
    { method: "DELETE", url: "/comments/:id", summary: "Delete a comment", status: 204, handle: ({ who, id }) => comments.remove(who, id) },
  ];
}

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
      info: { title: "Doubletake", version: "1" },
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
        if (request.method === "POST" || request.method === "PATCH") request.body ??= {};
      });
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

/** Headers of everything that is not a page. */
const quiet = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin" };

function mount(app: FastifyInstance, route: Route, publicUrl: string | null): void {
  const status = route.status ?? 200;
  const params = z.object(Object.fromEntries([...route.url.matchAll(/:(\w+)/g)].map(([, name]) => [name, z.string()])));
  app.route({
    method: route.method,
    url: route.url,
    schema: {
      summary: route.summary,
      params,
      querystring: z.extend((route.query ?? z.object({})) as z.ZodMiniObject, { token: z.optional(z.string().check(z.maxLength(200))) }),
      ...(route.body ? { body: route.body } : {}),
      ...(route.answer ? { response: { [status]: route.answer } } : {}),
    },
    handler: async (request, reply) => {
      const { id = "", file = "" } = request.params as { id?: string; file?: string };
      const { token, ...query } = request.query as Record<string, string | undefined>;
      const who = { key: bearer(request.headers.authorization), token: token ?? null };
      const answer = await route.handle({
        id,
        file,
        query,
        body: request.body ?? {},
        who,
        base: publicUrl?.replace(/\/$/, "") ?? `http://${request.host}`,
      });
      if (typeof answer === "string") return reply.type("application/vnd.apple.mpegurl").send(answer);
      if (isMedia(answer)) return sendMedia(answer, request, reply);
      return status === 204 ? reply.code(204).send() : reply.code(status).send(answer);
    },
  });
}

function bearer(header: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(header ?? "")?.[1] ?? null;
}

function isMedia(answer: unknown): answer is Media {
  return typeof answer === "object" && answer !== null && "parts" in answer;
}

function sendMedia(media: Media, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { range, "if-none-match": ifNoneMatch, "if-range": ifRange } = request.headers;
  const served = serve(media.parts, media.tag, { range, ifNoneMatch, ifRange: ifRange as string | undefined });
  const plain = media.name.replace(/[^\w .-]/g, "_");
  reply
    .code(served.status)
    .headers(served.headers)
    .type(media.type)
    .header("content-disposition", `inline; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(media.name)}`);
  if (request.method === "HEAD") served.body?.destroy();
  return reply.send(request.method === "HEAD" ? null : served.body);
}

const statusOf: Partial<Record<UserErrorCode, number>> = {
  "bad-request": 400,
  "key-missing": 401,
  "not-allowed": 403,
  "not-found": 404,
  "already-recording": 409,
  "not-recording": 409,
  "not-ready": 409,
  gone: 410,
  "too-large": 413,
  "not-media": 415,
  "disk-full": 507,
  "disk-broken": 507,
  "server-full": 507,
  replaced: 409,
};

/** The one translation from an error to a problem document (RFC 9457). */
function sendProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) log.error({ err: error, reference: problem.reference, path: request.url.split("?")[0] }, "request failed");
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(problem.status).header("content-type", "application/problem+json").serializer(JSON.stringify).send(problem);
}

function problemOf(error: unknown): api.Problem {
  if (error instanceof UserError) return problem(statusOf[error.code] ?? 400, error.code, error.message);
  if (error instanceof ProtocolError) return problem(closeCodeOf(error) - 4000, error.code, error.message);
  const { statusCode, message, validation } = error as { statusCode?: number; message?: string; validation?: unknown };
  if (validation) return problem(400, "bad-request", `The request does not fit: ${message}`);
  if (statusCode && statusCode < 500) return problem(statusCode, "bad-request", message ?? "The request does not fit.");
  return { ...problem(500, "internal", "Something went wrong on the server. The reference finds it in the log."), reference: randomUUID() };
}

function problem(status: number, code: string, detail: string): api.Problem {
  return { type: "about:blank", title: code, status, detail, code };
}
