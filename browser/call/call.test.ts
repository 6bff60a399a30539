import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallDown } from "../../protocol/call.ts";
import { Call } from "./call.ts";
import type { Plane } from "./plane.ts";
import { idOf, me, welcome } from "./welcome.fixture.ts";

class Socket extends EventTarget {
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: ({ type: string } & Record<string, unknown>)[] = [];
  constructor() {
    super();
    sockets.push(this);
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.readyState = 3;
  }
  say(message: CallDown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: Socket[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("location", { origin: "http://localhost" });
  for (const target of ["window", "document"]) vi.stubGlobal(target, new EventTarget());
  vi.stubGlobal("navigator", { connection: new EventTarget() });
  vi.stubGlobal("fetch", () => Promise.resolve({ status: 200 }));
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A call whose media go nowhere: what it was told to do with them. */
async function call() {
  const deeds: string[] = [];
  const plane = new Proxy({} as Plane, {
    get: (_, deed: string) => () => {
      deeds.push(deed);
      return deed === "list" || deed === "ears" ? [] : undefined;
    },
  });
  const one = new Call({
    room: "room",
    key: "key",
    name: "Asha",
    consent: false,
    stream: null,
    // In which no connection can be made.
    frame: () => ({ window: {} as typeof globalThis, close: () => undefined }),
    onChange: () => undefined,
    onClockSample: () => undefined,
    onMuted: () => undefined,
    onLinks: () => undefined,
    plane: () => plane,
  });
  one.start();
  await vi.advanceTimersByTimeAsync(10);
  sockets[0]!.onopen?.();
  await vi.advanceTimersByTimeAsync(10);
  sockets[0]!.say(welcome);
  /** The server is away for so long. */
  const back = async (ms: number, answer: CallDown) => {
    sockets.at(-1)!.onclose?.({ code: 1006, reason: "" });
    await vi.advanceTimersByTimeAsync(ms);
    sockets.at(-1)!.onopen?.();
    await vi.advanceTimersByTimeAsync(10);
    sockets.at(-1)!.say(answer);
  };
  return { one, deeds, back };
}

test("connections outlast a server that was away for longer than it remembers anybody", async () => {
  const { one, deeds, back } = await call();
  await back(15_000, welcome);
  expect(one.view.state).toBe("joined");
  expect(deeds).not.toContain("clear");
  const instances = sockets.flatMap(({ sent }) => sent.flatMap(({ type, instance }) => (type === "join" ? [instance] : [])));
  expect(new Set(instances).size).toBe(1);
  one.close();
});

test("whoever was forgotten while the room lived on gives up every connection before it meets the others again", async () => {
  const { one, deeds, back } = await call();
  await back(500, { ...welcome, forgotten: true });
  expect(deeds.filter((deed) => deed === "clear" || deed === "meet")).toEqual(["meet", "clear", "meet"]);
  one.close();
});

test("whoever comes back as somebody else begins every connection anew", async () => {
  const { one, deeds, back } = await call();
  await back(500, { ...welcome, me: { ...welcome.me, id: idOf("par", "2") }, participants: [{ ...me, id: idOf("par", "2") }] });
  expect(deeds).toContain("clear");
  one.close();
});

const recording = { id: idOf("rec", "1"), serverMs: 0, elapsedMs: 60_000, pausedMs: null, pausesMs: 0 };
const said = (type: string) => sockets.map(({ sent }) => sent.filter((up) => up.type === type));

test("what is written or marked on a socket that has just died is said again on the next one under the same name, until it has arrived", async () => {
  const { one, back } = await call();
  sockets[0]!.say({ type: "recording", recording });
  one.say({ type: "chat", body: "hello" });
  one.say({ type: "chat", body: "there" });
  one.say({ type: "bookmark", recording: recording.id });
  const [hello, there, mark] = one.view.unsaid;
  const { id, name } = me;
  const message = { participant: { id, name }, body: "hello", sentMs: 0, atMs: null };
  await back(15_000, { ...welcome, recording, chat: [{ ...message, id: hello!.id }] });
  expect(one.view.unsaid).toEqual([there, mark]);
  const [before, , after] = [said("chat").flat(), null, said("chat").at(-1)];
  expect(before.slice(0, 2).map((up) => up["id"])).toEqual([hello!.id, there!.id]);
  expect(after).toEqual([{ type: "chat", id: there!.id, body: "there" }]);
  const [first, last] = [said("bookmark")[0]![0]!, said("bookmark").at(-1)![0]!];
  expect([first["agoMs"], last["id"], last["recording"]]).toEqual([0, mark!.id, recording.id]);
  expect(last["agoMs"]).toBeGreaterThanOrEqual(15_000);
  // The second time it may come both to everybody and as an answer.
  const down = { type: "chat", message: { ...message, id: there!.id, body: "there" } } as const;
  for (const word of [down, down]) sockets.at(-1)!.say(word);
  const marked = {
    type: "bookmark",
    recording: recording.id,
    bookmark: { id: mark!.id, participant: { id, name }, atMs: 60_000 },
  } as const;
  for (const word of [marked, marked]) sockets.at(-1)!.say(word);
  expect(one.view.chat.map(({ body }) => body)).toEqual(["hello", "there"]);
  expect([one.view.bookmarks.length, one.view.unsaid]).toEqual([1, []]);
  one.close();
});

test("what is written without a connection waits for one, and what is refused by its name waits no longer", async () => {
  const { one, back } = await call();
  sockets[0]!.onclose?.({ code: 1006, reason: "" } as never);
  one.say({ type: "chat", body: "are you there?" });
  expect(said("chat").flat()).toEqual([]);
  await back(500, welcome);
  const [waiting] = one.view.unsaid;
  expect(said("chat").at(-1)).toEqual([{ type: "chat", id: waiting!.id, body: "are you there?" }]);
  sockets.at(-1)!.say({ type: "refused", code: "too-fast", message: "Wait.", about: "another" });
  expect(one.view.unsaid).toEqual([waiting]);
  sockets.at(-1)!.say({ type: "refused", code: "too-fast", message: "Wait.", about: waiting!.id });
  expect([one.view.unsaid, one.view.notice?.about]).toEqual([[], waiting!.id]);
  one.close();
});

test("a mark that waited for an earlier recording does not stand among those of the next", async () => {
  const { one } = await call();
  sockets[0]!.say({ type: "recording", recording: { ...recording, id: idOf("rec", "2") } });
  const bookmark = { id: idOf("bmk", "1"), participant: { id: me.id, name: me.name }, atMs: 0 };
  sockets[0]!.say({ type: "bookmark", recording: recording.id, bookmark });
  expect(one.view.bookmarks).toEqual([]);
  one.close();
});

test("whoever joins shows whom else this browser was in the room, so that another name is no way back for who was removed", async () => {
  const dan = { id: idOf("par", "9"), secret: "d" };
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify([{ ...dan, name: "Dan" }]), setItem: () => undefined });
  const { one } = await call();
  expect(said("join")).toEqual([[expect.objectContaining({ name: "Asha", others: [dan] })]]);
  one.close();
});

test("a screen that was put away while the connection was gone is told to be gone", async () => {
  const { one, back } = await call();
  await back(500, { ...welcome, participants: [{ ...me, screen: "a-screen" }] });
  expect(said("media").at(-1)).toEqual([{ type: "media", microphone: false, camera: false, screen: null }]);
  expect(one.view.me?.screen).toBeNull();
  one.close();
});

test("whatever hints at another network has the socket asked at once, for as long as the call lasts", async () => {
  const { one } = await call();
  const asked = () => said("ping").flat().length;
  const hint = () => {
    window.dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    (navigator as unknown as { connection: EventTarget }).connection.dispatchEvent(new Event("change"));
  };
  const before = asked();
  hint();
  expect(asked()).toBe(before + 3);
  one.close();
  hint();
  expect(asked()).toBe(before + 3);
});

test("what the server declines is kept with its code, for pages in other languages, until something else is asked for", async () => {
  const { one } = await call();
  sockets[0]!.say({ type: "refused", code: "too-fast", message: "That was too much at once." });
  expect(one.view.notice).toEqual({ code: "too-fast", message: "That was too much at once." });
  one.ask({ type: "hand", up: true });
  expect(one.view.notice).toBeNull();
  one.close();
});
