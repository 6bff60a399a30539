import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, NewComment } from "../../../protocol/feedback.ts";
import { Notebook } from "./notebook.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that keeps notes, a clock that is moved by hand, and a device that remembers. */
function desk() {
  const server: Comment[] = [];
  const state = {
    now: null as { recording: string; atMs: number } | null,
    /** What happens to a note on its way. */
    way: "there" as "there" | "lost" | "answer lost",
    shelf: null as string | null,
    device: null as string | null,
    deleted: null as string | null,
  };
  const post = async (recording: string, note: NewComment): Promise<Comment> => {
    if (recording === state.deleted) throw new UserError("not-found", "There is no such recording.");
    if (state.way === "lost") throw new UserError("unreachable", "The server cannot be reached.");
    const kept = { ...note, id: `cmt_${server.length}`, recordingId: recording } as Comment;
    server.push(kept);
    if (state.way === "answer lost") throw new UserError("unreachable", "The server cannot be reached.");
    return kept;
  };
  const open = () =>
    new Notebook({
      now: () => state.now,
      post,
      read: async (recording) => server.filter(({ recordingId }) => recordingId === recording),
      shelf: { get: () => state.shelf, set: (text) => Object.assign(state, { shelf: text }) },
      device: { get: () => state.device, set: (text) => Object.assign(state, { device: text }) },
      sentence: (error) => (error as Error).message,
    });
  return { server, state, open };
}

const kept = (server: Comment[]) => server.map(({ recordingId, atMs, body }) => [recordingId, atMs, body]);

test("a note stands at its first letter, however long it took to write", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  state.now = { recording: "rec_a", atMs: 61_499.6 };
  notebook.write("I");
  state.now = { recording: "rec_a", atMs: 75_000 };
  notebook.write("Interrupts");
  expect(notebook.moment.value?.atMs).toBe(61_499.6);
  expect(notebook.keep()).toBe(true);
  await notebook.send();
  expect(server).toMatchObject([{ atMs: 61_500, body: "Interrupts", private: true }]);
  expect([notebook.body.value, notebook.unsent.value, notebook.kept.value.length]).toEqual(["", [], 1]);
});

test("emptied and begun anew, it stands where it was begun anew", () => {
  const { state, open } = desk();
  const notebook = open();
  state.now = { recording: "rec_a", atMs: 1000 };
  notebook.write("x");
  notebook.write(" ");
  state.now = { recording: "rec_a", atMs: 9000 };
  notebook.write("y");
  expect(notebook.moment.value?.atMs).toBe(9000);
});

test("before anything is recorded a note waits, and then stands at the beginning", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  notebook.write("Look at the greeting");
  expect([notebook.moment.value, notebook.keep(), notebook.body.value]).toEqual([null, false, "Look at the greeting"]);
  state.now = { recording: "rec_a", atMs: 4000 };
  expect(notebook.keep()).toBe(true);
  await notebook.send();
  expect(kept(server)).toEqual([["rec_a", 0, "Look at the greeting"]]);
});

test("a note begun while it recorded can be kept after Stop, at its moment", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  state.now = { recording: "rec_a", atMs: 5000 };
  notebook.write("Closing");
  state.now = null;
  expect(notebook.keep()).toBe(true);
  await notebook.send();
  expect(kept(server)).toEqual([["rec_a", 5000, "Closing"]]);
});

test("over a reload the draft and what was not sent are still there, and arrive once", async () => {
  const { server, state, open } = desk();
  const before = open();
  state.now = { recording: "rec_a", atMs: 1000 };
  state.way = "lost";
  before.write("First");
  before.keep();
  await before.send();
  expect(before.failure.value).toBe("The server cannot be reached.");
  state.now = { recording: "rec_a", atMs: 2000 };
  before.write("Second, half wri");
  state.way = "there";
  const after = open();
  expect([after.body.value, after.moment.value?.atMs, after.unsent.value.length]).toEqual(["Second, half wri", 2000, 1]);
  await after.send();
  after.write("Second");
  after.keep();
  await after.send();
  expect(kept(server)).toEqual([
    ["rec_a", 1000, "First"],
    ["rec_a", 2000, "Second"],
  ]);
  expect([after.failure.value, open().unsent.value]).toEqual([null, []]);
});

test("a note whose answer was lost is not kept twice", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  state.now = { recording: "rec_a", atMs: 1000 };
  state.way = "answer lost";
  notebook.write("Once");
  notebook.keep();
  await notebook.send();
  state.way = "there";
  await notebook.send();
  expect([kept(server), notebook.unsent.value, notebook.kept.value.length]).toEqual([[["rec_a", 1000, "Once"]], [], 1]);
});

test("what another version of the page left is no reason to fail", () => {
  const { state, open } = desk();
  for (const text of [
    "",
    "{",
    "[]",
    '{"draft":{"body":1},"unsent":[{}]}',
    '{"body":1,"moment":{}}',
    "[null,{}]",
    '[{"body":"a","atMs":1}]',
  ]) {
    state.shelf = text;
    state.device = text;
    expect([open().body.value, open().unsent.value]).toEqual(["", []]);
  }
});

test("what could not be sent is tried again by itself, whatever is open, until it is there", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  state.now = { recording: "rec_a", atMs: 1000 };
  state.way = "lost";
  notebook.write("Patience");
  notebook.keep();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([kept(server), notebook.failure.value]).toEqual([[], "The server cannot be reached."]);
  state.way = "there";
  await vi.advanceTimersByTimeAsync(4000);
  expect([kept(server), notebook.failure.value, vi.getTimerCount()]).toEqual([[["rec_a", 1000, "Patience"]], null, 0]);
});

test("what was not sent when the page was closed is sent the next time, once, although its answer was lost; what was half written is not there", async () => {
  const { server, state, open } = desk();
  const before = open();
  state.now = { recording: "rec_a", atMs: 1000 };
  state.way = "answer lost";
  before.write("Arrived");
  before.keep();
  await before.send();
  state.way = "lost";
  before.write("Did not");
  before.keep();
  await before.send();
  before.write("Half");
  vi.clearAllTimers();
  state.shelf = null;
  state.way = "there";
  const after = open();
  await after.send();
  expect(kept(server)).toEqual([
    ["rec_a", 1000, "Arrived"],
    ["rec_a", 1000, "Did not"],
  ]);
  expect([after.body.value, state.device]).toEqual(["", null]);
});

test("a note on a recording that is gone holds up no other, and a device is not filled with such", async () => {
  const { server, state, open } = desk();
  const notebook = open();
  state.deleted = "rec_gone";
  state.now = { recording: "rec_gone", atMs: 0 };
  for (let count = 0; count < 300; count++) {
    notebook.write(`${count}`);
    notebook.keep();
  }
  state.now = { recording: "rec_a", atMs: 7 };
  notebook.write("Here");
  notebook.keep();
  await notebook.send();
  expect(kept(server)).toEqual([["rec_a", 7, "Here"]]);
  expect(notebook.unsent.value).toHaveLength(300);
  expect(open().unsent.value.map(({ body }) => body)).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 100}`));
});
