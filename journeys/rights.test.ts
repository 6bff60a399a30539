// Every route of the API × everybody who may come: what is not granted is refused, and a route that nobody has listed here fails.
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LookDown, lookVersion } from "../protocol/feedback.ts";
import { routes } from "../server/http.ts";
import { makeId } from "../server/store/catalog.ts";
import { makeFootage } from "./rig/footage.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

/** Who comes, in the order of the columns. */
const people = [
  "admin",
  "host",
  "guest",
  "observer",
  "commenter",
  "downloader",
  "looker",
  "locked",
  "revoked",
  "elsewhere",
  "nobody",
] as const;
type Somebody = (typeof people)[number];

/** Who may; everybody else is refused with 401, 403 or 410. */
const room = { inside: ["admin", "host", "guest", "observer"], host: ["admin", "host"], admin: ["admin"] } as const;
const linked = {
  look: [...room.inside, "commenter", "downloader", "looker"],
  comment: [...room.inside, "commenter"],
  download: [...room.inside, "downloader"],
} as const;

const table: Record<string, readonly Somebody[]> = {
  "POST /rooms": room.admin,
  "GET /rooms/:id": room.inside,
  "PATCH /rooms/:id": room.host,
  "GET /rooms/:id/ice": room.inside,
  "POST /rooms/:id/probe": room.inside,
  "POST /rooms/:id/recordings": room.host,
  "GET /recordings": room.admin,
  "POST /recordings": room.admin,
  "GET /recordings/:id": linked.look,
  "POST /recordings/:id/stop": room.host,
  "DELETE /recordings/:id": room.host,
  "GET /recordings/:id/timeline": linked.look,
  "GET /recordings/:id/playlist.m3u8": linked.look,
  "GET /recordings/:id/windows/:file": linked.look,
  "GET /recordings/:id/video.mp4": linked.look,
  "POST /recordings/:id/films": linked.look,
  "GET /recordings/:id/audio.m4a": linked.download,
  "GET /recordings/:id/bundle": linked.download,
  "GET /recordings/:id/poster.jpg": linked.look,
  "GET /recordings/:id/thumbnails.vtt": linked.look,
  "GET /recordings/:id/thumbnails/:file": linked.look,
  "GET /tracks/:id/media": linked.download,
  "GET /tracks/:id/picture": linked.look,
  "GET /tracks/:id/audio.flac": linked.download,
  "GET /tracks/:id/audio.wav": linked.download,
  "GET /tracks/:id/peaks": linked.look,
  "GET /segments/:id/media": linked.download,
  "GET /recordings/:id/chat": linked.download,
  "GET /recordings/:id/bookmarks": linked.look,
  "GET /recordings/:id/captions": linked.look,
  "POST /recordings/:id/captions": room.host,
  "DELETE /recordings/:id/captions": room.host,
  "POST /recordings/:id/hearings": room.host,
  "GET /recordings/:id/captions.vtt": linked.download,
  "GET /recordings/:id/transcript.txt": linked.download,
  "PATCH /captions/:id": ["admin", "host", "guest"],
  "DELETE /captions/:id": ["admin", "host", "guest"],
  "GET /recordings/:id/comments": linked.look,
  "POST /recordings/:id/comments": linked.comment,
  "PATCH /comments/:id": linked.comment,
  "DELETE /comments/:id": linked.comment,
  "POST /recordings/:id/attachments": linked.comment,
  "GET /attachments/:id/media": linked.look,
  "POST /recordings/:id/publish": linked.comment,
  "GET /recordings/:id/feedback": linked.look,
  "POST /recordings/:id/reviewers": linked.comment,
  "PATCH /reviewers/:id": [],
  "POST /reviewers/:id/claim": room.host,
  "POST /recordings/:id/handin": linked.comment,
  "POST /recordings/:id/reveal": room.host,
  "GET /recordings/:id/scores": linked.look,
  "PUT /recordings/:id/scores": linked.comment,
  "GET /recordings/:id/measures": linked.look,
  "GET /recordings/:id/whispers": linked.look,
  "GET /whispers/:id/audio.flac": room.host,
  "GET /recordings/:id/comments.csv": linked.download,
  "GET /recordings/:id/comments.vtt": linked.download,
  "GET /recordings/:id/scores.csv": linked.download,
  "GET /rooms/:id/guide": room.inside,
  "PATCH /rooms/:id/guide": room.host,
  "GET /rooms/:id/rubric.yaml": room.inside,
  "GET /rooms/:id/rubrics": room.inside,
  "GET /scenarios": room.admin,
  "GET /rooms/:id/scenarios": room.host,
  "GET /rooms/:id/scenario": room.inside,
  "PUT /rooms/:id/scenario": room.host,
  "DELETE /rooms/:id/scenario": room.host,
  "GET /rooms/:id/scenario.yaml": room.host,
  "GET /recordings/:id/scenario": linked.look,
  "POST /recordings/:id/scenario/show": room.host,
  "GET /recordings/:id/shares": room.host,
  "POST /recordings/:id/shares": room.host,
  "DELETE /shares/:id": room.host,
  "POST /shares/open": ["commenter", "downloader", "looker"],
};

/** With a key alone, these rights open but the request is no use without a name: 400 says so. */
const bodies: Record<string, unknown> = {
  "POST /recordings/:id/comments": { atMs: 1, body: "x" },
  "POST /recordings/:id/captions": { trackId: null, vtt: "WEBVTT\n\n00:00.000 --> 00:01.000\nx" },
  "POST /recordings/:id/hearings": { trackId: null },
  "PATCH /captions/:id": { body: "y" },
  "POST /recordings/:id/films": { layout: "side-by-side" },
  "PATCH /comments/:id": { resolved: true },
  "POST /recordings/:id/reviewers": { name: "Gwen" },
  "POST /reviewers/:id/claim": { claimedId: "par_01h455vb4pex5vsknk084sn02q", confirmed: true },
  "PUT /recordings/:id/scores": { aboutId: "par_01h455vb4pex5vsknk084sn02q", item: "x", value: null, words: "", evidence: [] },
  "POST /recordings/:id/shares": { label: "", mayComment: false, mayDownload: false, expiresAt: null },
  "POST /shares/open": { passphrase: "wrong" },
  "PUT /rooms/:id/scenario": { shipped: "support-call" },
  "PATCH /rooms/:id": { keepWhispers: true },
};
/** They would end the test; that only the host may is seen in roles.test.ts and shares.test.ts. */
const ending = new Set([
  "DELETE /recordings/:id",
  "POST /rooms",
  "POST /rooms/:id/recordings",
  "DELETE /comments/:id",
  "DELETE /captions/:id",
  "POST /recordings/:id/captions",
  "DELETE /recordings/:id/captions",
  "DELETE /shares/:id",
]);

let shared: { stage: Stage; keys: Record<Somebody, string | null>; ids: Record<string, string> };

beforeAll(async () => {
  const stage = await Stage.share();
  const { api } = stage;
  const mine = await api.createRoom("Mine");
  const other = await api.createRoom("Theirs");
  const sender = await Sender.join(stage.server.url, mine, mine.hostKey, "Asha");
  sender.call.say({ type: "record" });
  const { recording } = await sender.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line, track } = await sender.openTrack(recording.id);
  const { segment } = await sender.sendSegment(line, await makeFootage({ participant: 1, durationMs: 2000, trueMs: startMs }), startMs);
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  await api.stop(recording.id);
  await api.settles(recording.id);
  const share = async (more: object) => {
    const body = { label: "", mayComment: false, mayDownload: false, expiresAt: null, ...more };
    const made = (await (await api.ask("POST", `/recordings/${recording.id}/shares`, body)).json()) as { id: string; url: string };
    return { id: made.id, key: made.url.split("#")[1] ?? "" };
  };
  const revoked = await share({ mayComment: true, mayDownload: true });
  await api.ask("DELETE", `/shares/${revoked.id}`);
  const { id: comment } = await api.as(mine.observerKey).comment(recording.id, { atMs: 5, body: "by an observer" });
  const reviewer = (await (await api.ask("POST", `/recordings/${recording.id}/reviewers`, { name: "Kim" })).json()) as { id: string };
  const said = await makeFootage({ participant: 2, durationMs: 1000, trueMs: startMs, width: 160, height: 90 });
  const sent = await api.as(mine.guestKey).attach(recording.id, said, "video/webm");
  const spoken = await api.as(mine.guestKey).comment(recording.id, { atMs: 5, body: "", attachmentId: sent.id });
  const vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Asha>Hello.";
  await api.ask("POST", `/recordings/${recording.id}/captions`, { trackId: null, vtt });
  const captions = (await (await api.ask("GET", `/recordings/${recording.id}/captions`)).json()) as { items: { id: string }[] };
  // Nothing of it was ever sent, so that whoever may have it is told that it is not there.
  const catalog = new DatabaseSync(join(stage.server.dataFolder, "catalog.sqlite"));
  const whisper = makeId("trk");
  catalog
    .prepare("INSERT INTO tracks SELECT ?, recordingId, participantId, 'whisper:' || participantId, 0, 0 FROM tracks WHERE id = ?")
    .run(whisper, track);
  catalog.close();
  shared = {
    stage,
    keys: {
      admin: api.key,
      host: mine.hostKey,
      guest: mine.guestKey,
      observer: mine.observerKey,
      commenter: (await share({ mayComment: true })).key,
      downloader: (await share({ mayDownload: true })).key,
      looker: (await share({})).key,
      locked: (await share({ mayComment: true, mayDownload: true, passphrase: "open sesame" })).key,
      revoked: revoked.key,
      elsewhere: other.hostKey,
      nobody: null,
    },
    ids: {
      rooms: mine.id,
      recordings: recording.id,
      tracks: track,
      segments: segment,
      comments: comment,
      captions: captions.items[0]?.id ?? "",
      attachments: spoken.attachment?.id ?? "",
      reviewers: reviewer.id,
      shares: revoked.id,
      whispers: whisper,
    },
  };
});
afterAll(() => shared?.stage.close());

const lines = routes({ feedback: {}, roleplay: {} } as never).map(({ method, url }) => `${String(method)} ${url}`);

test("every route is listed, and nothing is listed that is no route", () => {
  expect(lines.toSorted()).toEqual(Object.keys(table).toSorted());
});

test("whoever may gets through, and everybody else is refused, on every route", async () => {
  const { stage, keys, ids } = shared;
  for (const line of lines) {
    const [method = "", url = ""] = line.split(" ");
    const path = url.replace(/^\/(\w+)\/:id/, (_, noun: string) => `/${noun}/${ids[noun]}`).replace(":file", "init.mp4");
    const may = new Set(table[line]);
    const wrong: string[] = [];
    for (const who of people) {
      if (may.has(who) && ending.has(line)) continue;
      const { status } = await stage.api.as(keys[who]).ask(method, path, method === "GET" ? undefined : (bodies[line] ?? {}));
      const refused = status === 401 || status === 403 || status === 410;
      // An observer's own comment is theirs and higher ones'; a link of nobody in particular may resolve it. 400, 404, 409: let through, and no use.
      if (refused === may.has(who)) wrong.push(`${who}: ${status}`);
    }
    expect(wrong, line).toEqual([]);
  }
});

test("a film of one's own is asked for only by whoever may download; the one with whoever speaks large by all who may look", async () => {
  const { stage, keys, ids } = shared;
  const path = `/recordings/${ids["recordings"]}/films`;
  for (const who of ["guest", "downloader", "commenter", "looker"] as const) {
    const ask = async (body: object) => (await stage.api.as(keys[who]).ask("POST", path, body)).status;
    expect([who, await ask({ layout: "speaker" })]).toEqual([who, 200]);
    // That one is never begun here: what is there already costs nothing.
    if (who === "commenter" || who === "looker") expect([who, await ask({ layout: "speaker", names: "false" })]).toEqual([who, 403]);
  }
});

/** The first thing that is said to whoever asks to look on. */
async function lookedOn(base: string, recording: string | undefined, key: string | null): Promise<LookDown["type"]> {
  const socket = new WebSocket(`${base.replace("http", "ws")}/ws/review`, { origin: base });
  try {
    return await new Promise((resolve, reject) => {
      socket.on("open", () =>
        socket.send(JSON.stringify({ type: "look", version: lookVersion, recording, key: key ?? "", reviewer: null })),
      );
      socket.on("message", (data) => resolve((JSON.parse(String(data)) as LookDown).type));
      socket.on("error", reject);
    });
  } finally {
    socket.close();
  }
}

test("whoever may look is told over /ws/review what others write, and nobody else is", async () => {
  const { stage, keys, ids } = shared;
  const may = new Set<Somebody>(linked.look);
  for (const who of people)
    expect(await lookedOn(stage.server.url, ids["recordings"], keys[who]), who).toBe(may.has(who) ? "welcome" : "refused");
});

test("an address that was signed for a link is worth what the link is worth", async () => {
  const { stage, keys, ids } = shared;
  const made = (await (
    await stage.api.ask("POST", `/recordings/${ids["recordings"]}/shares`, {
      label: "",
      mayComment: false,
      mayDownload: false,
      expiresAt: null,
    })
  ).json()) as { id: string; url: string };
  const described = await stage.api.as(made.url.split("#")[1] ?? "").recording(ids["recordings"]!);
  const film = new URL(described.composition.videoUrl ?? "", stage.server.url);
  const track = new URL(described.tracks[0]?.mediaUrl ?? "", stage.server.url);
  const playlist = new URL(described.composition.playlistUrl, stage.server.url);
  expect((await fetch(film, { headers: { range: "bytes=0-1" } })).status).toBe(206);
  expect((await fetch(track)).status).toBe(403);
  const piece = (await (await fetch(playlist)).text()).split("\n").find((one) => one.startsWith("windows/")) ?? "";
  expect((await fetch(new URL(piece, playlist))).status).toBe(200);
  expect((await stage.api.as(keys.guest).ask("DELETE", `/shares/${made.id}`)).status).toBe(403);
  expect((await stage.api.as(keys.host).ask("DELETE", `/shares/${made.id}`)).status).toBe(204);
  for (const url of [film, playlist, new URL(piece, playlist)]) expect((await fetch(url)).status, url.pathname).toBe(403);
});
