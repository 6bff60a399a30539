import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UserError } from "../protocol/errors.ts";
import { createHttp, type HttpOptions } from "./http.ts";
import { mediaOfBytes } from "./review/media.ts";

let app: FastifyInstance;
beforeAll(async () => {
  const library = {
    playlist: async () => "#EXTM3U\n",
    window: async () => mediaOfBytes(Buffer.from("window"), "0.m4s"),
    remove: async () => undefined,
    timeline: async () => {
      throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
    },
    look: async () => {
      throw new UserError("not-allowed", "This key does not open that.");
    },
  };
  const exports = { commentsCsv: async () => ({ text: "at,body\n", type: "text/csv", name: "comments.csv" }) };
  app = await createHttp({
    log: pino({ level: "silent" }),
    library,
    feedback: { exports },
    roleplay: {},
    uploads: { mount: () => undefined },
    ready: async () => undefined,
    publicUrl: null,
  } as unknown as HttpOptions);
});
afterAll(() => app.close());

const key = { authorization: "Bearer key" };
const get = (url: string) => app.inject({ url: `/api/v1/recordings/rec_1${url}`, headers: key });

interface Operation {
  summary?: string;
  responses: Record<string, { content?: Record<string, { schema: { properties?: object } }> }>;
}

test("every operation says what it does, what it answers, and how it refuses", async () => {
  const { paths, info } = (await app.inject({ url: "/api/v1/openapi.json" })).json<{
    paths: Record<string, Record<string, Operation>>;
    info: { description: string };
  }>();
  expect(info.description).toContain("Doubletake-Reviewer");
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method, one })),
  );
  expect(operations.length).toBeGreaterThan(70);
  for (const { path, method, one } of operations) {
    const refusal = one.responses["4XX"]?.content?.["application/json"]?.schema.properties ?? {};
    expect([path, method, one.summary !== undefined, "code" in refusal, Object.keys(one.responses).length]).toEqual([
      path,
      method,
      true,
      true,
      2,
    ]);
  }
  expect(Object.keys(paths["/api/v1/recordings/{id}"]?.["delete"]?.responses ?? {})).toContain("204");
});

test("files and lists of files are sent as they are", async () => {
  const playlist = await get("/playlist.m3u8");
  expect([playlist.headers["content-type"], playlist.body]).toEqual(["application/vnd.apple.mpegurl", "#EXTM3U\n"]);
  const window = await get("/windows/0.m4s");
  expect([window.statusCode, window.headers["content-type"], window.body]).toEqual([200, "video/iso.segment", "window"]);
  const csv = await get("/comments.csv");
  expect([csv.headers["content-type"], csv.body]).toEqual(["text/csv; charset=utf-8", "at,body\n"]);
  const gone = await app.inject({ method: "DELETE", url: "/api/v1/recordings/rec_1", headers: key });
  expect([gone.statusCode, gone.body]).toEqual([204, ""]);
});

test("a refusal is a problem document, whoever refuses", async () => {
  const answers = [
    await get(""),
    await app.inject({ url: "/api/v1/recordings/rec_1" }),
    await get("/playlist.m3u8?from=x"),
    await get("/video.mp4?fromMs=1000"),
    await get("/timeline"),
  ];
  expect(answers.map(({ statusCode, headers, body }) => [statusCode, headers["content-type"], JSON.parse(body).code])).toEqual([
    [403, "application/problem+json", "not-allowed"],
    [401, "application/problem+json", "key-missing"],
    [400, "application/problem+json", "bad-request"],
    [400, "application/problem+json", "bad-request"],
    [507, "application/problem+json", "disk-full"],
  ]);
});
