// How a request becomes an answer: parameters and bodies parsed, keys picked out, media sent by range, errors told as problem documents.
// Knows no route and no room but the media that `review` hands out.
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { Logger } from "pino";
import * as z from "zod/mini";
import { closeCodeOf, ProtocolError, UserError, type UserErrorCode } from "../protocol/errors.ts";
import { Problem } from "../protocol/rooms.ts";
import type { Paper } from "./review/exports.ts";
import { type Media, serve } from "./review/media.ts";
import { worded } from "./store/outofroom.ts";

/** What a handler gets; everything in it has been parsed. */
export interface Asked {
  id: string;
  file: string;
  query: Record<string, string | undefined>;
  body: unknown;
  /** The bearer key, the token of a signed media URL, which reviewer it is, and who it was in the call. */
  who: { key: string | null; token: string | null; reviewer: string | null; participant: string | null };
  /** The address people reach us at, without a slash at the end. */
  base: string;
}

export interface Route {
  method: HTTPMethods;
  url: string;
  summary: string;
  query?: z.ZodMiniType;
  body?: z.ZodMiniType;
  /** Where a body may be larger than any other. */
  bodyMaxBytes?: number;
  status?: number;
  answer?: z.ZodMiniType;
  handle: (asked: Asked) => Promise<unknown>;
}

/** Sent as it is made, once; of a length that is known. */
export interface Flow {
  flow: Readable;
  bytes: number;
  type: string;
  name: string;
}

/** Headers of everything that is not a page. */
export const quiet = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

export function mount(app: FastifyInstance, route: Route, publicUrl: string | null): void {
  const status = route.status ?? 200;
  const params = z.object(Object.fromEntries([...route.url.matchAll(/:(\w+)/g)].map(([, name]) => [name, z.string()])));
  app.route({
    method: route.method,
    url: route.url,
    ...(route.bodyMaxBytes === undefined ? {} : { bodyLimit: route.bodyMaxBytes }),
    schema: {
      summary: route.summary,
      params,
      querystring: z.extend((route.query ?? z.object({})) as z.ZodMiniObject, { token: z.optional(z.string().check(z.maxLength(200))) }),
      ...(route.body ? { body: route.body } : {}),
      // Without an answer there is nothing, or a file, which is sent as it is.
      response: { [status]: route.answer ?? z.null(), "4xx": Problem },
    },
    handler: async (request, reply) => {
      const { id = "", file = "" } = request.params as { id?: string; file?: string };
      const { token, ...query } = request.query as Record<string, string | undefined>;
      const who = {
        key: bearer(request.headers.authorization),
        token: token ?? null,
        reviewer: shown(request, "reviewer"),
        participant: shown(request, "participant"),
      };
      const answer = await route.handle({
        id,
        file,
        query,
        body: request.body ?? {},
        who,
        base: publicUrl?.replace(/\/$/, "") ?? `http://${request.host}`,
      });
      if (typeof answer === "string") return reply.type("application/vnd.apple.mpegurl").send(answer);
      if (isPaper(answer)) return sendPaper(answer, reply);
      if (isMedia(answer)) return sendMedia(answer, request, reply);
      if (isFlow(answer)) return sendFlow(answer, request, reply);
      return status === 204 ? reply.code(204).send() : reply.code(status).send(answer);
    },
  });
}

export function bearer(header: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(header ?? "")?.[1] ?? null;
}

/** Beside the key, for a key is shared by many. Longer than any identity is none. */
function shown(request: FastifyRequest, who: "reviewer" | "participant"): string | null {
  const given = request.headers[`doubletake-${who}`];
  return typeof given === "string" && given.length <= 200 ? given : null;
}

function isPaper(answer: unknown): answer is Paper {
  return typeof answer === "object" && answer !== null && "text" in answer && "type" in answer;
}

function sendPaper({ text, type, name }: Paper, reply: FastifyReply): FastifyReply {
  return reply.type(`${type}; charset=utf-8`).header("content-disposition", named("attachment", name)).send(text);
}

function named(how: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\w .-]/g, "_");
  return `${how}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

function isMedia(answer: unknown): answer is Media {
  return typeof answer === "object" && answer !== null && "parts" in answer;
}

function isFlow(answer: unknown): answer is Flow {
  return typeof answer === "object" && answer !== null && "flow" in answer;
}

function sendFlow({ flow, bytes, type, name }: Flow, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const headOnly = request.method === "HEAD";
  if (headOnly) flow.destroy();
  reply.type(type).header("content-length", bytes).header("content-disposition", named("attachment", name));
  return reply.send(headOnly ? Readable.from([]) : flow);
}

function sendMedia(media: Media, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { range, "if-none-match": ifNoneMatch, "if-range": ifRange } = request.headers;
  const headOnly = request.method === "HEAD";
  const served = serve(media.parts, media.tag, { range, ifNoneMatch, ifRange: ifRange as string | undefined, headOnly });
  reply.code(served.status).headers(served.headers).type(media.type).header("content-disposition", named("inline", media.name));
  // To Fastify nothing at all would be a mistake of ours in an answer to HEAD; a stream it lets be.
  return reply.send(headOnly ? Readable.from([]) : served.body);
}

const statusOf: Partial<Record<UserErrorCode, number>> = {
  "bad-request": 400,
  "key-missing": 401,
  "passphrase-needed": 401,
  "wrong-passphrase": 403,
  "too-often": 429,
  changed: 409,
  "not-allowed": 403,
  "not-found": 404,
  "already-recording": 409,
  "not-recording": 409,
  "not-ready": 409,
  "not-hidden": 409,
  gone: 410,
  "too-large": 413,
  "not-media": 415,
  "disk-full": 507,
  "disk-broken": 507,
  "server-full": 507,
  replaced: 409,
};

/** The one translation from an error to a problem document (RFC 9457). */
export function sendProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) log.error({ err: error, reference: problem.reference, path: request.url.split("?")[0] }, "request failed");
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(problem.status).header("content-type", "application/problem+json").serializer(JSON.stringify).send(problem);
}

function problemOf(failure: unknown): Problem {
  const error = worded(failure);
  if (error instanceof UserError) {
    const { code, message, current, why } = error;
    return { ...problem(statusOf[code] ?? 400, code, message), ...(current === undefined ? {} : { current }), ...(why ? { why } : {}) };
  }
  if (error instanceof ProtocolError) return problem(closeCodeOf(error) - 4000, error.code, error.message);
  const { statusCode, message, validation } = error as { statusCode?: number; message?: string; validation?: unknown };
  if (validation) return problem(400, "bad-request", `The request does not fit: ${message}`);
  if (statusCode && statusCode < 500) return problem(statusCode, "bad-request", message ?? "The request does not fit.");
  return { ...problem(500, "internal", "Something went wrong on the server. The reference finds it in the log."), reference: randomUUID() };
}

function problem(status: number, code: string, detail: string): Problem {
  return { type: "about:blank", title: code, status, detail, code };
}
