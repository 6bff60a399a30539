import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallDown, Participant } from "../../protocol/call.ts";
import { Call } from "./call.ts";
import type { Plane } from "./plane.ts";

const id = (last: string) => `par_${last.padStart(26, "0")}`;
const me: Participant = {
  id: id("1"),
  name: "Asha",
  role: "guest",
  hosting: false,
  instance: "instance-1234",
  recorded: false,
  microphone: false,
  camera: false,
  screen: null,
  handMs: null,
};
const welcome: CallDown & { type: "welcome" } = {
  type: "welcome",
  me: { id: me.id, secret: "s", role: "guest" },
  room: { id: `room_${"0".repeat(26)}`, name: "Monday" },
  participants: [me],
  countdownMs: null,
  rules: { locked: false, observersSpeak: false, keepWhispers: false },
  chat: [],
  bookmarks: [],
  recording: null,
  iceServers: [],
  relayOnly: false,
};

class Socket {
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: { type: string; instance?: string }[] = [];
  constructor() {
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
  vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
  vi.stubGlobal("navigator", {});
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
  await back(500, { ...welcome, me: { ...welcome.me, id: id("2") }, participants: [{ ...me, id: id("2") }] });
  expect(deeds).toContain("clear");
  one.close();
});

test("what the server declines is kept with its code, for pages in other languages, until something else is asked for", async () => {
  const { one } = await call();
  sockets[0]!.say({ type: "refused", code: "too-fast", message: "That was too much at once." });
  expect(one.view.notice).toEqual({ code: "too-fast", message: "That was too much at once." });
  one.ask({ type: "hand", up: true });
  expect(one.view.notice).toBeNull();
  one.close();
});
