import { expect, test, vi } from "vitest";
import { codeOfReason } from "../../protocol/errors.ts";
import { chunkHeader } from "../../protocol/tus.ts";
import { encodeFrame, parseUploadDown, type UploadDown, type UploadUp } from "../../protocol/upload.ts";
import { HttpSocket } from "./http.ts";

const track = "trk_00000000000000000000000000";
const segment = "seg_00000000000000000000000001";
const tus = { "tus-resumable": "1.0.0" };
const hello: UploadUp = { type: "hello", version: 1, track, token: "secret" };
const facts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 1, startEventMs: 2 } as const;
const frame = () => encodeFrame({ handle: 3, sequence: 7, offset: 10, endOffset: 14, eventMs: 5.5, bytes: new Uint8Array([1, 2, 3, 4]) });

function setup(answers: Response[]) {
  const asked: { method: string; path: string; headers: Headers }[] = [];
  const heard: UploadDown[] = [];
  const closed: { code: number; reason: string }[] = [];
  const answered = vi.fn();
  const socket = new HttpSocket("http://here", answered, async (url, init) => {
    asked.push({
      method: init?.method ?? "",
      path: String(url).replace("http://here/api/v1/uploads", ""),
      headers: new Headers(init?.headers),
    });
    const answer = answers.shift();
    if (!answer) throw new TypeError("network error");
    return answer;
  });
  socket.onmessage = ({ data }) => heard.push(parseUploadDown(String(data)));
  socket.onclose = (event) => closed.push(event);
  const say = (message: UploadUp) => socket.send(JSON.stringify(message));
  return { socket, say, asked, heard, closed, answered };
}

test("open, chunk and finish become a creation, a PATCH at the offset and a message, in that order", async () => {
  const { socket, say, asked, heard, closed } = setup([
    new Response(null, { status: 201, headers: { ...tus, "upload-offset": "10", "upload-defer-length": "1" } }),
    new Response(null, { status: 204, headers: { ...tus, "upload-offset": "14" } }),
    Response.json({ type: "sealed", segment, bytes: 14, sha256: "0".repeat(64) }, { headers: tus }),
  ]);
  say(hello);
  say({ type: "open", segment, handle: 3, facts });
  socket.send(frame());
  say({ type: "finish", segment, bytes: 14, sha256: "0".repeat(64) });
  await vi.waitUntil(() => heard.length === 4);
  expect(heard.map(({ type }) => type)).toEqual(["welcome", "offset", "ack", "sealed"]);
  expect(heard[1]).toEqual({ type: "offset", segment, offset: 10, sealed: false });
  expect(heard[2]).toEqual({ type: "ack", segment, offset: 14 });
  expect(asked.map(({ method, path }) => [method, path])).toEqual([
    ["POST", ""],
    ["PATCH", `/${track}/${segment}`],
    ["POST", `/${track}`],
  ]);
  expect(asked[1]?.headers.get(chunkHeader)).toBe("7 14 5.5");
  expect(asked.every(({ headers }) => headers.get("authorization") === "Bearer secret")).toBe(true);
  expect(closed).toEqual([]);
});

test("a refusal of the server closes with the same code as the socket's, and its sentence comes first", async () => {
  const problem = JSON.stringify({ code: "not-media", detail: "This is a text file." });
  const { say, heard, closed } = setup([new Response(problem, { status: 415, headers: tus })]);
  say(hello);
  say({ type: "open", segment, handle: 3, facts });
  await vi.waitUntil(() => closed.length === 1);
  expect(closed[0]?.code).toBe(4415);
  expect(heard.at(-1)).toEqual({ type: "refused", code: "not-media", message: "This is a text file." });
});

test("why a message was refused is known as it is from a socket's close reason", async () => {
  const problem = JSON.stringify({ code: "wrong-segment", detail: "segment=…" });
  const { say, heard, closed } = setup([new Response(problem, { status: 409, headers: tus })]);
  say(hello);
  say({ type: "end", segments: [segment] });
  await vi.waitUntil(() => closed.length === 1);
  expect(closed[0]?.code).toBe(4409);
  expect(codeOfReason(closed[0]?.reason ?? "")).toBe("wrong-segment");
  expect(heard.map(({ type }) => type)).toEqual(["welcome"]);
});

test("a proxy's own 403 and a dead network are broken links, not refusals", async () => {
  for (const answers of [[new Response("blocked by policy", { status: 403 })], []]) {
    const { say, heard, closed, answered } = setup(answers);
    say(hello);
    say({ type: "open", segment, handle: 3, facts });
    await vi.waitUntil(() => closed.length === 1);
    expect(closed[0]?.code).toBe(1006);
    expect(heard.map(({ type }) => type)).toEqual(["welcome"]);
    expect(answered).not.toHaveBeenCalled();
  }
});

test("after close nothing is sent or heard any more", async () => {
  const { socket, say, asked, heard, closed } = setup([]);
  socket.close();
  say(hello);
  say({ type: "open", segment, handle: 3, facts });
  await Promise.resolve();
  await Promise.resolve();
  expect([asked, heard, closed]).toEqual([[], [], []]);
});
