import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallDown, CallUp } from "../../protocol/call.ts";
import { closeCode } from "../../protocol/errors.ts";
import type { ClockSample } from "../../protocol/recording.ts";
import { type CallSocket, Signalling } from "./signalling.ts";
import { me, welcome } from "./welcome.fixture.ts";

class FakeSocket implements CallSocket {
  constructor(public readyState: number) {}
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: CallUp[] = [];

  send(data: string): void {
    this.sent.push(JSON.parse(data) as CallUp);
  }

  close(): void {
    this.readyState = 3;
  }

  say(message: CallDown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

function start(known?: Promise<unknown>, readyState = 1) {
  const sockets: FakeSocket[] = [];
  const messages: CallDown[] = [];
  const samples: ClockSample[] = [];
  const refusals: { code: string; message: string }[] = [];
  /** Whether the server answers a probe; null: it is not known yet. */
  const network: { there: boolean | null; probes: number } = { there: null, probes: 0 };
  let lost = 0;
  const signalling = new Signalling({
    connect: () => {
      const socket = new FakeSocket(readyState);
      sockets.push(socket);
      return socket;
    },
    probe: () => {
      network.probes++;
      return network.there === null ? new Promise(() => undefined) : Promise.resolve(network.there);
    },
    nowMs: () => performance.now(),
    join: () => ({ type: "leave" }),
    onMessage: (message) => messages.push(message),
    onSample: (sample) => samples.push(sample),
    onLost: () => lost++,
    onRefused: (refusal) => refusals.push(refusal),
  });
  signalling.open(known);
  const socket = (index: number): FakeSocket => {
    const found = sockets[index];
    if (!found) throw new Error(`no socket ${index}`);
    return found;
  };
  const join = (index: number) => {
    socket(index).onopen?.();
    socket(index).say(welcome);
  };
  return { signalling, sockets, socket, join, messages, samples, refusals, network, lost: () => lost };
}

const pings = (socket: FakeSocket) => socket.sent.filter((message) => message.type === "ping");

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["info", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("five pings come within a second of the welcome, then one every second", () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  for (let fifth = 0; fifth < 4; fifth++) {
    socket(0).say({ type: "left", id: me.id });
    vi.advanceTimersByTime(200);
  }
  expect(pings(socket(0)).length).toBe(5);
  for (let half = 0; half < 12; half++) {
    socket(0).say({ type: "left", id: me.id });
    vi.advanceTimersByTime(500);
  }
  expect(pings(socket(0)).length).toBe(11);
  expect(sockets.length).toBe(1);
  signalling.close();
});

test("while it is found out who one was the socket opens, and nothing is said on it before", async () => {
  let tell: () => void = () => undefined;
  const { signalling, sockets, socket } = start(new Promise<void>((resolve) => (tell = resolve)));
  expect(sockets.length).toBe(1);
  socket(0).onopen?.();
  expect(signalling.send({ type: "consent", given: false })).toBe(false);
  expect(socket(0).sent).toEqual([]);
  tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(signalling.send({ type: "consent", given: false })).toBe(true);
  expect(socket(0).sent).toEqual([{ type: "leave" }, { type: "consent", given: false }]);
  signalling.close();
});

test("beside a socket that leaves a ping unanswered another is opened, and takes over when it is faster", () => {
  const { sockets, socket, join, lost, signalling } = start();
  join(0);
  socket(0).say({ type: "left", id: me.id });
  vi.advanceTimersByTime(1500);
  expect(sockets.length).toBe(2);
  expect(lost()).toBe(0);
  socket(1).onopen?.();
  expect(lost()).toBe(1);
  expect(socket(0).readyState).toBe(3);
  expect(socket(1).sent.length).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a socket in doubt that speaks first stays", () => {
  const { sockets, socket, join, lost, signalling } = start();
  join(0);
  vi.advanceTimersByTime(1500);
  expect(sockets.length).toBe(2);
  socket(0).say({ type: "left", id: me.id });
  expect(socket(1).readyState).toBe(3);
  expect(socket(1).onopen).toBeNull();
  expect(lost()).toBe(0);
  signalling.close();
});

test("a hint that the network changed asks at once, and opens at once where a socket is being waited for", () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  const before = pings(socket(0)).length;
  signalling.hurry();
  expect(pings(socket(0)).length).toBe(before + 1);
  socket(0).drop(1006);
  signalling.hurry();
  expect(sockets.length).toBe(2);
  vi.advanceTimersByTime(9000);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a socket that does not open is given up after two seconds, then four, then eight", () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { sockets, socket, join, signalling } = start(undefined, 0);
  join(0);
  socket(0).drop(1006);
  const counts = [300, 1900, 650, 3900, 1150, 7900, 1150].map((ms) => {
    vi.advanceTimersByTime(ms);
    return sockets.length;
  });
  expect(counts).toEqual([2, 2, 3, 3, 4, 4, 5]);
  signalling.close();
});

test("a hint that the network changed gives up a socket that is being opened for another, which still says who comes", async () => {
  const { sockets, socket, signalling } = start(Promise.resolve(), 0);
  signalling.hurry();
  expect(sockets.length).toBe(2);
  expect(socket(0).readyState).toBe(3);
  socket(1).readyState = 1;
  socket(1).onopen?.();
  expect(socket(1).sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(socket(1).sent).toEqual([{ type: "leave" }]);
  signalling.close();
});

test("a socket beside one in doubt that does not open either gives way to the next", () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  socket(0).say({ type: "left", id: me.id });
  vi.advanceTimersByTime(1500);
  expect(sockets.length).toBe(2);
  vi.advanceTimersByTime(2000);
  expect(sockets.length).toBe(3);
  expect(socket(1).readyState).toBe(3);
  signalling.close();
});

test("in the first ten minutes another socket is opened within a second, later within eight, and none in the same moment as others", () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { sockets, socket, join, signalling } = start();
  join(0);
  const fails = (ms: number) => {
    const before = sockets.length;
    socket(before - 1).drop(1006);
    for (let waited = 0; ; waited += 50) {
      if (sockets.length > before || waited > ms) return waited;
      vi.advanceTimersByTime(50);
    }
  };
  const waits: number[] = [];
  for (let spent = 0; spent < 600_000; spent += waits.at(-1)!) waits.push(fails(9000));
  expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 1000]);
  expect(Math.max(...waits)).toBe(1000);
  expect(fails(9000)).toBe(8000);
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect(fails(9000)).toBe(4000);
  signalling.close();
});

test("a pong becomes a clock sample on the browser's clock", () => {
  const { socket, join, samples, signalling } = start();
  join(0);
  vi.advanceTimersByTime(40);
  socket(0).say({ type: "pong", sentMs: 1, serverMs: 99, epoch: "e" });
  expect(samples).toEqual([{ sentMs: 1, receivedMs: performance.now(), serverMs: 99, epoch: "e" }]);
  signalling.close();
});

test("a dropped socket is replaced for as long as it takes", () => {
  const { sockets, socket, lost, signalling } = start();
  for (let attempt = 0; attempt < 12; attempt++) {
    socket(sockets.length - 1).drop(1006);
    vi.advanceTimersByTime(9000);
  }
  expect(sockets.length).toBe(13);
  expect(lost()).toBe(12);
  signalling.close();
});

test("a link without a word for ten seconds is left", () => {
  const { sockets, join, signalling } = start();
  join(0);
  vi.advanceTimersByTime(16_000);
  expect(sockets.length).toBeGreaterThan(1);
  signalling.close();
});

test("what the server refuses for good ends it, in the server's sentence", () => {
  const { sockets, socket, refusals } = start();
  socket(0).say({ type: "refused", code: "room-full", message: "This room is full." });
  socket(0).drop(closeCode.forbidden, "This room is full.");
  vi.advanceTimersByTime(60_000);
  expect(refusals).toEqual([{ code: "room-full", message: "This room is full." }]);
  expect(sockets.length).toBe(1);
});

test("an earlier refusal is not taken for the reason of a later end", () => {
  const { socket, join, refusals } = start();
  join(0);
  socket(0).say({ type: "refused", code: "already-recording", message: "It records already." });
  socket(0).drop(closeCode.conflict, "You joined from another tab, so this one left.");
  expect(refusals).toEqual([{ code: "replaced", message: "You joined from another tab, so this one left." }]);
});

test("a message that does not parse costs the socket, not the call", () => {
  const { sockets, socket, join, messages, signalling } = start();
  join(0);
  socket(0).onmessage?.({ data: '{"type":"nonsense"}' });
  vi.advanceTimersByTime(1000);
  expect(sockets.length).toBe(2);
  expect(messages.map((message) => message.type)).toEqual(["welcome"]);
  signalling.close();
});

/** Sockets hang while there is no network, as they do behind a router that drops everything; what was sent meanwhile is lost. Milliseconds from the end of
 * such an outage to the next socket that is opened. */
async function afterOutage(ms: number): Promise<number> {
  const { sockets, socket, join, network, signalling } = start(undefined, 0);
  network.there = false;
  join(0);
  socket(0).readyState = 1;
  await vi.advanceTimersByTimeAsync(ms);
  network.there = true;
  const before = sockets.length;
  let waitedMs = 0;
  for (; sockets.length === before && waitedMs < 30_000; waitedMs += 25) await vi.advanceTimersByTimeAsync(25);
  signalling.close();
  return waitedMs;
}

test("whenever an outage ends that no event tells of, a fresh socket is opened within a second and a tenth", async () => {
  const waits: number[] = [];
  for (let ms = 1500; ms < 60_000; ms += 777) waits.push(await afterOutage(ms));
  expect(Math.max(...waits)).toBeLessThanOrEqual(1100);
});

test("a socket that looks open over a network that is gone is in doubt within a second and a half, whenever it went", async () => {
  for (let ms = 1000; ms < 3000; ms += 70) {
    const { sockets, socket, join, signalling } = start();
    join(0);
    socket(0).send = (data) => {
      const message = JSON.parse(data) as CallUp;
      if (message.type !== "ping" || socket(0).readyState !== 1 || performance.now() > goneMs) return;
      setTimeout(() => socket(0).say({ type: "pong", sentMs: message.sentMs, serverMs: 0, epoch: "e" }), 50);
    };
    const goneMs = performance.now() + ms;
    await vi.advanceTimersByTimeAsync(ms);
    expect(sockets.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1525);
    expect(sockets.length, `gone after ${ms} ms`).toBe(2);
    signalling.close();
  }
});

test("on a way that takes two seconds there and back nothing is in doubt, once that is known", async () => {
  const { sockets, socket, join, signalling } = start();
  socket(0).send = (data) => {
    const message = JSON.parse(data) as CallUp;
    if (message.type === "ping") setTimeout(() => socket(0).say({ type: "pong", sentMs: message.sentMs, serverMs: 0, epoch: "e" }), 2000);
  };
  await vi.advanceTimersByTimeAsync(4000);
  join(0);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(sockets.length).toBe(1);
  signalling.close();
});

test("where one answer in five is late by a packet that was lost, a socket that was fast before is not in doubt for it", async () => {
  const { sockets, socket, join, signalling } = start();
  let count = 0;
  socket(0).send = (data) => {
    const message = JSON.parse(data) as CallUp;
    const lateMs = ++count % 20 === 0 ? 640 : count % 5 === 0 ? 340 : 40;
    if (message.type === "ping") setTimeout(() => socket(0).say({ type: "pong", sentMs: message.sentMs, serverMs: 0, epoch: "e" }), lateMs);
  };
  join(0);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(sockets.length).toBe(1);
  signalling.close();
});

test("a hint opens another rival at once where there is one already, and a second answer of a probe gives up no second socket", async () => {
  const { sockets, socket, join, network, signalling } = start(undefined, 0);
  join(0);
  socket(0).readyState = 1;
  await vi.advanceTimersByTimeAsync(1500);
  expect(sockets.length).toBe(2);
  signalling.hurry();
  expect([sockets.length, socket(1).readyState]).toEqual([3, 3]);
  socket(0).drop(1006);
  network.there = true;
  await vi.advanceTimersByTimeAsync(1300);
  const opened = sockets.length;
  await vi.advanceTimersByTimeAsync(1600);
  expect([sockets.length, socket(opened - 1).readyState]).toEqual([opened, 0]);
  signalling.close();
});

test("while the server answers, and after the last word, nothing is probed", async () => {
  const { socket, join, network, signalling } = start();
  join(0);
  const talk = setInterval(() => socket(0).say({ type: "left", id: me.id }), 300);
  await vi.advanceTimersByTimeAsync(20_000);
  clearInterval(talk);
  expect(network.probes).toBe(0);
  socket(0).drop(1006);
  await vi.advanceTimersByTimeAsync(3000);
  expect(network.probes).toBeGreaterThan(1);
  signalling.close();
  const { probes } = network;
  await vi.advanceTimersByTimeAsync(20_000);
  expect([network.probes, vi.getTimerCount()]).toEqual([probes, 0]);
});

test("where nothing answers over HTTP either sockets are not made to fail every second: browsers would hold back the one that counts", async () => {
  const { sockets, socket, join, network, signalling } = start();
  network.there = false;
  join(0);
  for (let spentMs = 0; spentMs < 60_000; spentMs += 100) {
    const last = socket(sockets.length - 1);
    if (last.readyState === 1) last.drop(1006);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(sockets.length).toBeLessThan(12);
  network.there = true;
  const before = sockets.length;
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets.length).toBe(before + 1);
  signalling.close();
});
