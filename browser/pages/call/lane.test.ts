import { expect, test } from "vitest";
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
