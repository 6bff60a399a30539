// Everybody knows: what the tiles, the title and the end of a call say of what is safe; consent taken back; a page older than the server.
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { difference } from "./rig/code.ts";
import { readFilm } from "./rig/film.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };

/** Would the browser ask before this tab is closed? */
const asks = (person: Person) =>
  person.page.evaluate(() => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  });

const ringOf = async (person: Person, name: string) =>
  await poll(() => person.page.$eval(`.tile[aria-label="${name}"] .ring`, (ring) => ring.getAttribute("aria-label")).catch(() => null), {
    what: `${name}'s ring`,
  });

test("each tile says how much of that person is safe, consent can be taken back in the call, and at the end everybody has a receipt", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Known");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const ben = await stage.person(browser, 2, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  expect(await asks(asha)).toBe(false);
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  expect(await ringOf(asha, "Ben")).toMatch(/^\d+ % of Ben's recording is safe on the server, .+ so far$/);
  expect(await ringOf(asha, "Asha (you)")).toMatch(/^\d+ % of your recording is safe on the server/);
  expect(await asks(asha)).toBe(true);

  // The recorder is stopped by the press itself; the limit only leaves room for a busy machine.
  const pressed = `addEventListener("click", () => { globalThis.pressedMs = performance.timeOrigin + performance.now(); }, { capture: true })`;
  await ben.page.evaluate(pressed);
  await ben.click("button", "Stop recording me");
  const pressedMs = (await ben.page.evaluate("pressedMs")) as number;
  await poll(async () => (await ben.written())[0]?.stopped, { what: "Ben's recorder stops", limitMs: 5000, everyMs: 20 });
  const trackOf = async (name: string) => (await stage.api.recording(id)).tracks.find(({ participant }) => participant.name === name);
  await poll(async () => (await trackOf("Ben"))?.state === "safe", { what: "Ben's track has ended, in the middle of the call" });
  const told = (await trackOf("Ben"))?.bytes;
  await asha.reads("Not recorded");
  await asha.watches("Ben");
  expect(await asks(ben)).toBe(false);
  const now = (await stage.api.recording(id)).composition.watermarkMs;
  await stage.filmed(id, now + 3200);
  expect((await trackOf("Ben"))?.bytes, "not a byte after that").toBe(told);

  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  await asha.reads(/You: 0:\d\d recorded, 0:\d\d safe, no gaps/);
  await asha.sees("list", "Everybody's recording");
  await asha.reads(/Ben\s+0:\d\d recorded, 0:\d\d safe, no gaps/);
  expect(await asha.page.title()).toBe("Everything is safe · Known");
  expect(await asks(asha)).toBe(false);
  await asha.click("button", "Leave");
  await asha.readsSafe();
  await asha.reads(/You: 0:\d\d recorded, 0:\d\d safe, no gaps/);
  await asha.reads(/Ben\s+0:\d\d recorded, 0:\d\d safe, no gaps/);
  const ready = await stage.api.settles(id);
  expect(ready.problems).toEqual([]);
  const his = ready.tracks.find(({ participant }) => participant.name === "Ben");
  const media = await stage.api.download(`/segments/${his?.segments[0]?.id}/media`, join(stage.server.place.path, "ben.webm"));
  const shown = (await readFilm(media, "whole")).pictures.flatMap(({ codes }) => codes[0]?.[0]?.trueMs ?? []);
  const latest = Math.max(...shown.map((trueMs) => difference(trueMs, pressedMs)));
  expect(shown.length).toBeGreaterThan(30);
  expect(latest, "nothing that happened more than a second after the press is in what arrived").toBeLessThanOrEqual(1000);
});

test("whoever reloads and joins again without agreeing reads after Stop that everything of theirs is safe, not that they were not recorded", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Again");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.page.goto("about:blank");
  await asha.join(room.hostUrl, { name: "Asha", consent: false });
  await asha.reads("You are not recorded");
  await asha.click("button", "Stop recording");
  await asha.sees("status", "Everything is safe. You can close this tab.");
  await asha.reads(/You: 0:0\d recorded, 0:0\d safe/);
  await asha.click("button", "Leave");
  await asha.sees("status", "Everything is safe. You can close this tab.");
});

test("a page older than the server is asked for a reload, loses nothing, and the upload goes on after it", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Deploy");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await stage.server.stop("SIGTERM");

  const newer = await NewerServer.open(stage.server.port);
  try {
    await asha.sees("button", "Reload the page");
    await asha.reads("This page is out of date");
    await poll(() => newer.refused.has("/ws/upload"), { what: "the upload is refused, too" });
    await asha.sees("button", "Save file");
    expect(await asks(asha), "everything is on this device").toBe(false);
  } finally {
    await newer.close();
  }
  const [written] = await asha.written();
  await stage.server.start();
  await asha.click("button", "Reload the page");
  await asha.sees("button", "Join");
  await poll(
    async () => {
      const track = (await stage.api.recording(id)).tracks[0];
      if (track?.segments[0]?.sha256 === written?.sha256) return true;
      const resume = await asha.page.$('a[href="/upload"]');
      if (resume) {
        await resume.click();
        await asha.click("button", "Resume");
      }
      return false;
    },
    { what: "the upload goes on" },
  );
});

/** Speaks only the next version: whoever comes with this one is told so and closed with 4426. */
class NewerServer {
  /** Paths on which somebody was refused. */
  readonly refused = new Set<string>();

  private constructor(
    readonly http: ReturnType<typeof createServer>,
    readonly sockets: WebSocketServer,
  ) {
    sockets.on("connection", (socket, request) => {
      socket.on("message", () => {
        this.refused.add(request.url ?? "");
        const message = "This page and the server are of different versions. Reload the page.";
        socket.send(JSON.stringify({ type: "refused", code: "wrong-version", message }));
        socket.close(4426, message);
      });
    });
  }

  static async open(port: number): Promise<NewerServer> {
    const http = createServer(({ url }, answer) => answer.writeHead(url === "/healthz" ? 200 : 503).end());
    const newer = new NewerServer(http, new WebSocketServer({ server: http }));
    await new Promise<void>((resolve) => http.listen(port, "localhost", resolve));
    return newer;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
