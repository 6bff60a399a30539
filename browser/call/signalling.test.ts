import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeCode } from "../../protocol/errors.ts";
import { pings, start } from "./signalling.fixture.ts";
import { me } from "./welcome.fixture.ts";

beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["info", "error"] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("five pings come within a second of the welcome, then one every second", async () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  await vi.advanceTimersByTimeAsync(400);
  socket(0).say({ type: "left", id: me.id });
  await vi.advanceTimersByTimeAsync(400);
  expect(pings(socket(0)).length).toBe(5);
  for (let half = 0; half < 12; half++) {
    socket(0).say({ type: "left", id: me.id });
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(pings(socket(0)).length).toBe(11);
  expect(sockets.length).toBe(1);
  signalling.close();
});

test("while it is found out who one was the socket opens, and nothing is said on it before", async () => {
  let tell: () => void = () => undefined;
  const { signalling, sockets, socket } = start(new Promise<void>((resolve) => (tell = resolve)));
  expect(sockets.length).toBe(1);
  socket(0).open();
  expect(signalling.send({ type: "consent", given: false })).toBe(false);
  expect(socket(0).sent).toEqual([]);
  tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(signalling.send({ type: "consent", given: false })).toBe(true);
  expect(socket(0).sent).toEqual([{ type: "leave" }, { type: "consent", given: false }]);
  signalling.close();
});

test("beside a socket that leaves a ping unanswered another is opened, and takes over when it is faster", async () => {
  const { sockets, socket, join, lost, signalling } = start();
  join(0);
  socket(0).say({ type: "left", id: me.id });
  // A ping within a second, and six tenths without an answer.
  await vi.advanceTimersByTimeAsync(1600);
  expect(sockets.length).toBe(2);
  expect(lost()).toBe(0);
  socket(1).open();
  expect(lost()).toBe(1);
  expect(socket(0).readyState).toBe(3);
  expect(socket(1).sent.length).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a socket in doubt that speaks first stays", async () => {
  const { sockets, socket, join, lost, signalling } = start();
  join(0);
  await vi.advanceTimersByTimeAsync(1600);
  expect(sockets.length).toBe(2);
  socket(0).say({ type: "left", id: me.id });
  expect(socket(1).readyState).toBe(3);
  expect(socket(1).onopen).toBeNull();
  expect(lost()).toBe(0);
  signalling.close();
});

test("where answers take their time a ping is waited for longer", async () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  socket(0).say({ type: "pong", sentMs: performance.now() - 500, serverMs: 1, epoch: "e" });
  await vi.advanceTimersByTimeAsync(1600);
  expect(sockets.length).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a page that was busy itself blames the network only when it was late three times", async () => {
  let behindMs = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + behindMs);
  const { sockets, socket, join, signalling } = start();
  join(0);
  socket(0).say({ type: "left", id: me.id });
  const late = async (ms: number) => {
    // The clock goes on, and no timer is served.
    behindMs += 200;
    await vi.advanceTimersByTimeAsync(ms);
    await vi.advanceTimersByTimeAsync(1);
  };
  await vi.advanceTimersByTimeAsync(200);
  for (const expected of [1, 1, 2]) {
    await late(600);
    expect(sockets.length).toBe(expected);
  }
  signalling.close();
});

test("a hint that the network changed asks at once, and opens at once where a socket is being waited for", async () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  const before = pings(socket(0)).length;
  signalling.hurry();
  expect(pings(socket(0)).length).toBe(before + 1);
  socket(0).drop(1006);
  signalling.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(2);
  join(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a socket that does not open is given up after eight seconds", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { sockets, socket, join, signalling } = start();
  join(0);
  socket(0).drop(1006);
  const counts: number[] = [];
  for (const ms of [300, 7900, 650, 7900, 1150]) {
    await vi.advanceTimersByTimeAsync(ms);
    counts.push(sockets.length);
  }
  expect(counts).toEqual([2, 2, 3, 3, 4]);
  signalling.close();
});

test("while nothing answers over HTTP no socket is opened, and one is as soon as something does", async () => {
  let reached = false;
  const { sockets, socket, join, lost, signalling } = start(undefined, 1, () => Promise.resolve(reached));
  join(0);
  socket(0).drop(1006);
  await vi.advanceTimersByTimeAsync(300_000);
  expect([sockets.length, lost()]).toEqual([1, 1]);
  reached = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("a socket in doubt has no other beside it while nothing answers over HTTP, and is left after ten seconds", async () => {
  let reached = false;
  const { sockets, socket, join, lost, signalling } = start(undefined, 1, () => Promise.resolve(reached));
  join(0);
  await vi.advanceTimersByTimeAsync(9900);
  expect([sockets.length, lost()]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(1500);
  expect([sockets.length, lost(), socket(0).readyState]).toEqual([1, 1, 3]);
  reached = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets.length).toBe(2);
  signalling.close();
});

test("silence between two people asks whether the socket is still good, and leaves alone one that is being opened", async () => {
  const { sockets, socket, join, signalling } = start();
  signalling.ask();
  expect(sockets.length).toBe(1);
  socket(0).readyState = 1;
  join(0);
  const before = pings(socket(0)).length;
  signalling.ask();
  expect(pings(socket(0)).length).toBe(before + 1);
  socket(0).drop(1006);
  signalling.ask();
  expect(sockets.length).toBe(1);
  signalling.close();
});

/** An address that is told of once, as soon as it `came`. */
function address() {
  const here = { came: false };
  const moved = () => {
    const now = here.came;
    here.came = false;
    return Promise.resolve(now);
  };
  return { here, moved };
}

test("a machine that has moved opens another socket at once, and waits for no answer over what it had before", async () => {
  const { here, moved } = address();
  const { sockets, socket, join, lost, signalling } = start(undefined, 0, () => new Promise(() => undefined), moved);
  join(0);
  signalling.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(1);
  here.came = true;
  signalling.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect([sockets.length, lost()]).toEqual([2, 0]);
  // Nothing is asked of where there are two of them already.
  here.came = true;
  signalling.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(2);
  socket(1).readyState = 1;
  join(1);
  expect([lost(), socket(0).readyState, socket(1).sent[0]]).toEqual([1, 3, { type: "leave" }]);
  signalling.close();
});

test("the socket of a machine that has moved has time before another is opened, and not for ever", async () => {
  const { here, moved } = address();
  let answer: (reached: boolean) => void = () => undefined;
  const { sockets, join, signalling } = start(undefined, 0, () => new Promise((resolve) => (answer = resolve)), moved);
  join(0);
  await vi.advanceTimersByTimeAsync(700);
  here.came = true;
  signalling.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(2);
  // Asked before it was known.
  answer(true);
  await vi.advanceTimersByTimeAsync(500);
  expect(sockets.length).toBe(2);
  await vi.advanceTimersByTimeAsync(500);
  answer(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(3);
  signalling.close();
});

test("a ping without an answer, a socket that is lost and a hint each have it looked whether this machine has moved", async () => {
  const { here, moved } = address();
  const { sockets, socket, join, signalling } = start(undefined, 1, () => new Promise(() => undefined), moved);
  join(0);
  here.came = true;
  await vi.advanceTimersByTimeAsync(700);
  expect(sockets.length).toBe(2);
  join(1);
  here.came = true;
  socket(1).drop(1006);
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(3);
  socket(2).drop(1006);
  await vi.advanceTimersByTimeAsync(100);
  expect(sockets.length).toBe(3);
  here.came = true;
  signalling.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(4);
  signalling.close();
  here.came = true;
  signalling.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(4);
});

test("a hint that the network changed gives up a socket that is being opened for another, which still says who comes", async () => {
  const { sockets, socket, signalling } = start(Promise.resolve(), 0);
  signalling.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(2);
  expect(socket(0).readyState).toBe(3);
  socket(1).readyState = 1;
  socket(1).open();
  expect(socket(1).sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(socket(1).sent).toEqual([{ type: "leave" }]);
  signalling.close();
});

test("a socket that opened before the hint was answered is kept", async () => {
  let answer: (reached: boolean) => void = () => undefined;
  const { sockets, socket, signalling } = start(undefined, 0, () => new Promise((resolve) => (answer = resolve)));
  signalling.hurry();
  await vi.advanceTimersByTimeAsync(0);
  socket(0).readyState = 1;
  socket(0).open();
  answer(true);
  await vi.advanceTimersByTimeAsync(500);
  expect([sockets.length, socket(0).readyState]).toEqual([1, 1]);
  signalling.close();
});

test("beside a socket in doubt only one other is opened, however long it takes", async () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  await vi.advanceTimersByTimeAsync(9000);
  expect(sockets.length).toBe(2);
  expect(socket(1).readyState).toBe(0);
  signalling.close();
});

test("where the socket beside one in doubt is refused, the next ping that is not answered opens another", async () => {
  const { sockets, socket, join, signalling } = start();
  join(0);
  socket(0).say({ type: "left", id: me.id });
  await vi.advanceTimersByTimeAsync(1600);
  expect(sockets.length).toBe(2);
  socket(1).drop(1006);
  await vi.advanceTimersByTimeAsync(1600);
  expect(sockets.length).toBe(3);
  signalling.close();
});

test("sockets that break follow one another ever more slowly, within eight seconds, and none in the same moment as others'", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { sockets, socket, join, signalling } = start();
  join(0);
  const fails = async (ms: number) => {
    const before = sockets.length;
    socket(before - 1).drop(1006);
    for (let waited = 0; ; waited += 50) {
      if (sockets.length > before || waited > ms) return waited;
      await vi.advanceTimersByTimeAsync(50);
    }
  };
  const waits: number[] = [];
  for (let count = 0; count < 8; count++) waits.push(await fails(9000));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect(await fails(9000)).toBe(4000);
  signalling.close();
});

test("a pong becomes a clock sample on the browser's clock", async () => {
  const { socket, join, samples, signalling } = start();
  join(0);
  await vi.advanceTimersByTimeAsync(40);
  socket(0).say({ type: "pong", sentMs: 1, serverMs: 99, epoch: "e" });
  expect(samples).toEqual([{ sentMs: 1, receivedMs: performance.now(), serverMs: 99, epoch: "e" }]);
  signalling.close();
});

test("a dropped socket is replaced for as long as it takes", async () => {
  const { sockets, socket, lost, signalling } = start();
  for (let attempt = 0; attempt < 12; attempt++) {
    socket(sockets.length - 1).drop(1006);
    await vi.advanceTimersByTimeAsync(8000);
  }
  expect(sockets.length).toBe(13);
  expect(lost()).toBe(12);
  signalling.close();
});

test("a link without a word for ten seconds is left", async () => {
  const { sockets, join, signalling } = start();
  join(0);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(sockets.length).toBeGreaterThan(1);
  signalling.close();
});

test("what the server refuses for good ends it, in the server's sentence", async () => {
  const { sockets, socket, refusals } = start();
  socket(0).say({ type: "refused", code: "room-full", message: "This room is full." });
  socket(0).drop(closeCode.forbidden, "This room is full.");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refusals).toEqual([{ code: "room-full", message: "This room is full." }]);
  expect(sockets.length).toBe(1);
});

test("an earlier refusal is not taken for the reason of a later end", async () => {
  const { socket, join, refusals } = start();
  join(0);
  socket(0).say({ type: "refused", code: "already-recording", message: "It records already." });
  socket(0).drop(closeCode.conflict, "You joined from another tab, so this one left.");
  expect(refusals).toEqual([{ code: "replaced", message: "You joined from another tab, so this one left." }]);
});

test("a message that does not parse costs the socket, not the call", async () => {
  const { sockets, socket, join, messages, signalling } = start();
  join(0);
  socket(0).onmessage?.({ data: '{"type":"nonsense"}' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets.length).toBe(2);
  expect(messages.map((message) => message.type)).toEqual(["welcome"]);
  signalling.close();
});
