import { expect, onTestFinished, test, vi } from "vitest";
import type { TrackUpload } from "../../upload/uploads.ts";
import { Lane, type LaneOptions } from "./lane.ts";

const stream = (name: string) => ({ name }) as unknown as MediaStream;
const one = stream("one");

function rig(change: Partial<LaneOptions> = {}) {
  const log: string[] = [];
  const upload = (recording: string): TrackUpload => ({
    segment: () => ({ append: () => undefined, clock: () => undefined, finish: () => undefined }),
    end: () => log.push(`end ${recording}`),
    safe: Promise.resolve(),
  });
  let captures = 0;
  const lane = new Lane({
    source: "camera",
    ticket: async (recording) => ({ recording, track: "trk", token: "token" }),
    open: (ticket) => {
      log.push(`open ${ticket.recording}`);
      return upload(ticket.recording);
    },
    capture: (_stream, _upload, _source, reason) => {
      const n = ++captures;
      if (n > 1) log.push(reason);
      return { start: async () => void log.push(`start ${n}`), stop: async () => void log.push(`stop ${n}`) };
    },
    onError: (error) => log.push(`error ${(error as Error).message}`),
    ...change,
  });
  return { lane, log };
}

test("the same recording asked for twice starts one capture", async () => {
  const { lane, log } = rig();
  void lane.want("rec", one);
  await lane.want("rec", one);
  await lane.want("rec", one);
  expect(log).toEqual(["open rec", "start 1"]);
});

test("Stop ends the capture before the track", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one);
  await lane.want(null, one);
  expect(log).toEqual(["open rec", "start 1", "stop 1", "end rec"]);
});

test("Stop in the same moment as a wish that is already met is not lost", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one);
  void lane.want("rec", one);
  await lane.want(null, null);
  expect(log).toEqual(["open rec", "start 1", "stop 1", "end rec"]);
});

test("a stream that comes back goes on in the same track", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one);
  await lane.want("rec", null);
  await lane.want("rec", stream("two"));
  expect(log).toEqual(["open rec", "start 1", "stop 1", "device", "start 2"]);
});

test("a pause ends the capture, and the next one in the same track was begun because of it", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one);
  await lane.want("rec", one, true);
  await lane.want("rec", stream("another camera meanwhile"), true);
  await lane.want("rec", one);
  expect(log).toEqual(["open rec", "start 1", "stop 1", "paused", "start 2"]);
});

test("who comes in during a pause begins as anybody does", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one, true);
  expect(log).toEqual([]);
  await lane.want("rec", one);
  expect(log).toEqual(["open rec", "start 1"]);
});

test("a new recording gets its own track", async () => {
  const { lane, log } = rig();
  await lane.want("rec", one);
  await lane.want("next", one);
  expect(log).toEqual(["open rec", "start 1", "stop 1", "end rec", "open next", "start", "start 2"]);
});

test("Stop while the ticket is still on its way opens nothing", async () => {
  let give: () => void = () => undefined;
  const { lane, log } = rig({
    ticket: (recording) => new Promise((resolve) => (give = () => resolve({ recording, track: "trk", token: "token" }))),
  });
  const wish = lane.want("rec", one);
  void lane.want(null, one);
  give();
  await wish;
  expect(log).toEqual([]);
});

test("a ticket that failed is asked for again by the next wish", async () => {
  let tries = 0;
  const { lane, log } = rig({
    ticket: async (recording) => {
      if (++tries === 1) throw new Error("dropped");
      return { recording, track: "trk", token: "token" };
    },
  });
  await lane.want("rec", one);
  await lane.want("rec", one);
  expect(log).toEqual(["error dropped", "open rec", "start 1"]);
});

test("a stream that cannot be recorded is reported once", async () => {
  const { lane, log } = rig({ capture: () => ({ start: () => Promise.reject(new Error("no encoder")), stop: async () => undefined }) });
  await lane.want("rec", one);
  await lane.want("rec", one);
  expect(log).toEqual(["open rec", "error no encoder"]);
});

test("a stream that cannot be recorded is tried again, less and less often, and told of once; when it is recorded after all that is told, too", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let tries = 0;
  const reasons: string[] = [];
  const { lane, log } = rig({
    capture: (_stream, _upload, _source, reason) => {
      reasons.push(reason);
      if (++tries < 5) throw new Error("encoder busy");
      return { start: async () => void log.push("start"), stop: async () => undefined };
    },
    onMended: () => log.push("mended"),
  });
  await lane.want("rec", one);
  expect(lane.capture).toBeNull();
  await vi.advanceTimersByTimeAsync(6900);
  expect(tries).toBe(3);
  await vi.advanceTimersByTimeAsync(8000);
  expect(tries).toBe(4);
  await vi.advanceTimersByTimeAsync(300);
  expect(log).toEqual(["open rec", "error encoder busy", "start", "mended"]);
  expect(reasons).toEqual(["start", "start", "start", "start", "start"]);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(tries).toBe(5);
});

test("a stream that could not be recorded and is wanted no more is not tried again", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let tries = 0;
  const { lane } = rig({
    capture: () => {
      tries++;
      throw new Error("encoder busy");
    },
  });
  await lane.want("rec", one);
  await lane.want(null, null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tries).toBe(1);
});

/** Recorders that say when they stop only when they are let. */
function slow() {
  const stopped: (() => void)[] = [];
  let captures = 0;
  const made = rig({
    capture: () => {
      const n = ++captures;
      return { start: async () => void made.log.push(`start ${n}`), stop: () => new Promise((resolve) => stopped.push(resolve)) };
    },
  });
  return { ...made, stopped };
}

const turns = () => new Promise((resolve) => setTimeout(resolve));

test("the next recording does not wait for the last word of the one before, whose track ends with it", async () => {
  const { lane, log, stopped } = slow();
  await lane.want("rec", one);
  const stop = lane.want(null, one);
  await turns();
  await lane.want("next", one);
  expect(log).toEqual(["open rec", "start 1", "open next", "start 2"]);
  stopped[0]?.();
  await stop;
  expect(log).toEqual(["open rec", "start 1", "open next", "start 2", "end rec"]);
});

test("Stop is over only when the last word was heard", async () => {
  const { lane, log, stopped } = slow();
  await lane.want("rec", one);
  let over = false;
  const stop = lane.want(null, one).then(() => {
    over = true;
  });
  await turns();
  expect(over).toBe(false);
  stopped[0]?.();
  await stop;
  expect(log).toEqual(["open rec", "start 1", "end rec"]);
});

test("a recording that is taken up again before the last word was heard is not ended by it", async () => {
  const { lane, log, stopped } = slow();
  await lane.want("rec", one);
  const stop = lane.want(null, one);
  await turns();
  await lane.want("rec", one);
  stopped[0]?.();
  await stop;
  expect(log).toEqual(["open rec", "start 1", "open rec", "start 2"]);
  const end = lane.want(null, one);
  await turns();
  stopped[1]?.();
  await end;
  expect(log.at(-1)).toBe("end rec");
});
