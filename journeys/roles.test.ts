// Who may do what, and that nobody learns from a refusal what exists.
import { expect, test } from "vitest";
import { makeFootage } from "./rig/footage.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

/** A problem document without what names this one request. */
async function problem(answer: Response): Promise<unknown> {
  const { reference: _, ...rest } = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, type: answer.headers.get("content-type"), ...rest };
}

const absent = (prefix: string) => `${prefix}_01h455vb4pex5vsknk084sn02q`;

test("each key opens what the contract says and nothing else", async () => {
  const stage = await Stage.open();
  const { api } = stage;
  const room = await api.createRoom("Mine");
  const other = await api.createRoom("Theirs");
  const sender = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  sender.call.say({ type: "record" });
  const { recording } = await sender.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line } = await sender.openTrack(recording.id);
  const { segment } = await sender.sendSegment(line, await makeFootage({ participant: 1, durationMs: 2000, trueMs: startMs }), startMs);
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  await api.stop(recording.id);
  await api.settles(recording.id);

  const keys = [api.key, room.hostKey, room.guestKey, room.observerKey, other.hostKey, "wrong-key-wrong-key", null];
  const table: [string, string, number[]][] = [
    ["POST", "/rooms", [201, 403, 403, 403, 403, 403, 401]],
    ["GET", "/recordings", [200, 403, 403, 403, 403, 403, 401]],
    ["GET", `/rooms/${room.id}`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/recordings?room=${room.id}`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/recordings/${recording.id}`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/recordings/${recording.id}/timeline`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/recordings/${recording.id}/video.mp4`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/recordings/${recording.id}/comments`, [200, 200, 200, 200, 403, 403, 401]],
    ["GET", `/segments/${segment}/media`, [200, 200, 200, 200, 403, 403, 401]],
    ["POST", `/recordings/${recording.id}/stop`, [200, 200, 403, 403, 403, 403, 401]],
    ["POST", `/rooms/${room.id}/recordings`, [201, 409, 403, 403, 403, 403, 401]],
    ["DELETE", `/recordings/${recording.id}`, [-1, -1, 403, 403, 403, 403, 401]],
  ];
  for (const [method, path, statuses] of table) {
    const seen: number[] = [];
    for (const [index, key] of keys.entries()) {
      if (statuses[index] === -1) seen.push(-1);
      else seen.push((await api.as(key).ask(method, path, method === "POST" ? {} : undefined)).status);
    }
    expect(seen, `${method} ${path}`).toEqual(statuses);
  }
});

test("a key that opens nothing gets the same answer for what exists and for what does not", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Hidden");
  const other = await stage.api.createRoom("Other");
  for (const key of [other.hostKey, "wrong-key-wrong-key", null]) {
    const api = stage.api.as(key);
    expect(await problem(await api.ask("GET", `/rooms/${room.id}`))).toEqual(
      await problem(await api.ask("GET", `/rooms/${absent("room")}`)),
    );
    expect(await problem(await api.ask("POST", `/rooms/${room.id}/recordings`))).toEqual(
      await problem(await api.ask("POST", `/rooms/${absent("room")}/recordings`)),
    );
  }
});

test("a guest has no Record button, and a guest who asks all the same is refused without losing the call", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Guests");
  const browser = await stage.browser("chromium");
  const ben = await stage.person(browser, 2, { width: 320, height: 180 });
  await ben.join(room.guestUrl, { name: "Ben" });
  await ben.sees("button", "Leave");
  await ben.seesNo("button", "Record");
  const guest = await Sender.join(stage.server.url, room, room.guestKey, "Chen");
  guest.call.say({ type: "record" });
  expect((await guest.call.hears("refused")).code).toBe("not-allowed");
  guest.call.say({ type: "ping", sentMs: 2 });
  expect((await guest.call.hears("pong")).sentMs).toBe(2);
  expect((await stage.api.recordings(`?room=${room.id}`)).items).toEqual([]);
});

test("a page of another origin can open neither socket", async () => {
  const stage = await Stage.open();
  for (const path of ["/ws/call", "/ws/upload"]) {
    const { status } = await upgrade(`${stage.server.url}${path}`, "https://evil.example");
    expect(status, path).toBe(403);
  }
});

async function upgrade(url: string, origin: string): Promise<{ status: number | undefined }> {
  const { request } = await import("node:http");
  return await new Promise((resolve, reject) => {
    const asked = request(url, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        origin,
      },
    });
    asked.on("response", (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode });
    });
    asked.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve({ status: 101 });
    });
    asked.on("error", reject);
    asked.end();
  });
}
