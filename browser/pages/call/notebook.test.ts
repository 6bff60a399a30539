import { expect, test } from "vitest";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, NewComment } from "../../../protocol/feedback.ts";
import { Notebook } from "./notebook.ts";

/** A server that keeps notes, a clock that is moved by hand, and a device that remembers. */
function desk() {
  const server: Comment[] = [];
  const state = {
    now: null as { recording: string; atMs: number } | null,
    /** What happens to a note on its way. */
    way: "there" as "there" | "lost" | "answer lost",
    shelf: null as string | null,
  };
  const post = async (recording: string, note: NewComment): Promise<Comment> => {
    if (state.way === "lost") throw new UserError("not-ready", "The server cannot be reached.");
    const kept = { ...note, id: `cmt_${server.length}`, recordingId: recording } as Comment;
    server.push(kept);
    if (state.way === "answer lost") throw new UserError("not-ready", "The server cannot be reached.");
    return kept;
  };
  const open = () =>
    new Notebook({
      now: () => state.now,
      post,
      read: async (recording) => server.filter(({ recordingId }) => recordingId === recording),
      shelf: { get: () => state.shelf, set: (text) => Object.assign(state, { shelf: text }) },
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
  for (const text of ["", "{", "[]", '{"draft":{"body":1},"unsent":[{}]}']) {
    state.shelf = text;
    expect(open().body.value).toBe("");
  }
});
