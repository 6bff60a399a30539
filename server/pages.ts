// The pages and their headers: one HTML file for every page address, hashed assets beside it.
// Promise: no page runs a script, style or connection that does not come from this server.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { UserError } from "../protocol/errors.ts";

/** Addresses the browser's own router knows (browser/main.tsx). */
const pages = ["/", "/solo", "/upload", "/r/:room", "/check", "/check/:room", "/v/:recording"];

export async function mountPages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(folder)) throw new Error(`the pages are not built: ${folder} is missing; start with "npm start"`);
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    wildcard: false,
    setHeaders: (reply, path) => {
      reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
      reply.header("x-content-type-options", "nosniff");
      reply.header("cross-origin-resource-policy", "same-origin");
      // A worker has a policy of its own, taken from its script's response.
      reply.header("content-security-policy", policy(""));
    },
  });
  const html = readFileSync(join(folder, "index.html"), "utf8");
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage = request.method === "GET" && request.headers.accept?.includes("text/html") && !request.url.startsWith("/api/");
    if (!wantsPage) throw new UserError("not-found", "There is nothing at this address.");
    pageHeaders(reply, request.host);
    return reply.code(404).type("text/html; charset=utf-8").send(html);
  });
  for (const url of pages) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      pageHeaders(reply, request.host);
      return reply.type("text/html; charset=utf-8").send(html);
    });
  }
}

function pageHeaders(reply: FastifyReply, host: string): void {
  reply.headers({
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self)",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
  });
  reply.header("content-security-policy", policy(host));
}

/** `connect-src 'self'` covers the sockets in current browsers; the host's own are named for those where it does not. */
function policy(host: string): string {
  const sockets = /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    `connect-src 'self'${sockets}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
