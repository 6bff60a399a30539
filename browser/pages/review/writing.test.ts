import { expect, test, vi } from "vitest";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, EditComment, NewComment } from "../../../protocol/feedback.ts";
import type { Debrief } from "./debrief.ts";

vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("window", { localStorage: { getItem: () => null, setItem: () => undefined }, setTimeout: () => 0 });
const { Writings } = await import("./writing.ts");
const { Spoken } = await import("../attach/spoken.ts");

const id = (kind: string, letter: string) => `${kind}_${letter.repeat(26)}`;
const comment = (letter: string, more: Partial<Comment> = {}): Comment =>
  ({
    id: id("cmt", letter),
    recordingId: id("rec", "0"),
    atMs: 1000,
    endMs: null,
    participantId: null,
    body: letter,
    marker: null,
    author: "Olu",
    createdAt: "2026-01-01T00:00:00Z",
    parentId: null,
    reviewerId: null,
    resolvedAt: null,
    editedAt: null,
    deletedAt: null,
    version: 1,
    private: false,
    attachment: null,
    ...more,
  }) as Comment;

/** A server on which somebody else may have been faster. */
function desk() {
  const edits: EditComment[] = [];
  const posted: NewComment[] = [];
  const joined: number[] = [];
  const now = { theirs: null as Comment | null };
  const desk = {
    post: async (one: NewComment) => void posted.push(one),
    edit: async (_: string, edit: EditComment) => {
      if (now.theirs && edit.version !== now.theirs.version)
        throw new UserError("changed", "Somebody was faster.", { current: now.theirs });
      edits.push(edit);
    },
    send: async () => "att_1",
    introduce: async () => void joined.push(posted.length),
  } as unknown as Debrief;
  return { writings: new Writings(desk), edits, posted, joined, now };
}

test("what is being written is the same however often its row is drawn anew, and its thread is named as long as it is", () => {
  const { writings } = desk();
  const [first, answer] = [comment("a"), comment("b", { parentId: id("cmt", "a") })];
  writings.reply(first);
  writings.replyTo(first)!.body.value = "Half a sent";
  writings.edit(answer);
  writings.reply(comment("a", { version: 2 }));
  expect(writings.replyTo(comment("a", { version: 2 }))?.body.value).toBe("Half a sent");
  expect([...writings.threads.value]).toEqual([first.id, answer.id]);
  writings.end(writings.replyTo(first)!);
  expect([writings.replyTo(first), writings.threads.value.has(first.id)]).toEqual([null, true]);
  writings.end(writings.editOf(answer)!);
  expect(writings.threads.value.size).toBe(0);
});

test("what was spoken is let go of when it is given up, and when the page is left", () => {
  const { writings } = desk();
  const letGo = vi.spyOn(URL, "revokeObjectURL");
  for (const letter of ["a", "b"]) {
    writings.reply(comment(letter));
    writings.replyTo(comment(letter))!.held.value = new Spoken({ kind: "voice", durationMs: 1, blob: new Blob() });
  }
  writings.end(writings.replyTo(comment("a"))!);
  expect(letGo).toHaveBeenCalledTimes(1);
  writings.close();
  expect(letGo).toHaveBeenCalledTimes(2);
  letGo.mockRestore();
});

test("when somebody else was faster both texts are there, mine waits, and the second press is of their version", async () => {
  const { writings, edits, now } = desk();
  writings.edit(comment("a"));
  const edit = writings.editOf(comment("a"))!;
  edit.body.value = "mine";
  now.theirs = comment("a", { body: "theirs", version: 5 });
  expect(await edit.send()).toBe(false);
  expect([edit.theirs.value?.body, edit.body.value, edit.failure.value, edits]).toEqual(["theirs", "mine", null, []]);
  edit.both();
  expect(edit.body.value).toBe("theirs\n\nmine");
  now.theirs = comment("a", { body: "theirs again", version: 6 });
  expect(await edit.send()).toBe(false);
  expect([edit.theirs.value?.body, edit.body.value]).toEqual(["theirs again", "theirs\n\nmine"]);
  expect(await edit.send()).toBe(true);
  expect(edits).toEqual([{ body: "theirs\n\nmine", version: 6 }]);
});

test("moment, end, marker and addressee are mended as well, and what was left as it was is left to whoever changed it", async () => {
  const { writings, edits, now } = desk();
  writings.edit(comment("a", { endMs: 5000, marker: "strength" }));
  const edit = writings.editOf(comment("a"))!;
  edit.begin(2000);
  edit.change({ marker: null });
  expect(edit.about.value).toMatchObject({ atMs: 2000, endMs: 5000, marker: null, participantId: null });
  edit.end(1500);
  expect(edit.about.value).toMatchObject({ atMs: 1500, endMs: 2000 });
  now.theirs = comment("a", { endMs: 5000, marker: "reflection", participantId: id("par", "b") as never, version: 2 });
  expect(await edit.send()).toBe(false);
  expect(edit.about.value).toMatchObject({ atMs: 1500, endMs: 2000, marker: null, participantId: id("par", "b") });
  await edit.send();
  expect(edits).toEqual([{ body: "a", version: 2, atMs: 1500, endMs: 2000, marker: null }]);
});

test("an end that would not lie behind the beginning goes", () => {
  const { writings } = desk();
  writings.edit(comment("a", { endMs: 5000 }));
  const edit = writings.editOf(comment("a"))!;
  edit.begin(6000);
  expect(edit.about.value).toMatchObject({ atMs: 6000, endMs: null });
  edit.end(6000);
  expect(edit.about.value.endMs).toBeNull();
});

test("a refused reply keeps its words; nothing empty, and nothing while it is recorded, is sent", async () => {
  const { writings, posted, joined } = desk();
  writings.reply(comment("a"));
  const reply = writings.replyTo(comment("a"))!;
  const { post } = reply.desk;
  Object.assign(reply.desk, { post: () => Promise.reject(new UserError("disk-full", "The server's disk is full.")) });
  expect(await reply.send()).toBe(false);
  reply.body.value = " Thank you ";
  reply.speaking.value = true;
  expect([await reply.send(), reply.failure.value]).toEqual([false, null]);
  reply.speaking.value = false;
  expect(await reply.send()).toBe(false);
  expect([reply.body.value, reply.failure.value]).toEqual([" Thank you ", "The server's disk is full. Your words are still here."]);
  Object.assign(reply.desk, { post });
  expect(await reply.send()).toBe(true);
  expect(posted).toEqual([{ atMs: 1000, body: "Thank you", parentId: id("cmt", "a") }]);
  // Who writes is said before it is posted.
  expect(joined).toEqual([0, 0]);
});
