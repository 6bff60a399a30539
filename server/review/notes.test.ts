import { expect, test } from "vitest";
import type { Credentials } from "../store/access.ts";
import { adminKey, feedbackRig, type Socket } from "./feedback.fixture.ts";

const refused = (code: string) => expect.objectContaining({ code });
const bodies = ({ items }: { items: { body: string }[] }) => items.map(({ body }) => body);

async function setting() {
  const rig = await feedbackRig();
  const cleo = await rig.reviewer("Cleo", null, "observer");
  const ben = await rig.reviewer("Ben");
  const host = await rig.reviewer("Asha", null, "host");
  /** Everybody who must learn nothing, the highest included. */
  const others: Credentials[] = [ben, host, rig.by(adminKey), rig.by(rig.key("observer")), rig.by(rig.key("host"))];
  const note = await rig.comments.post(cleo, rig.recording, { atMs: 61_500, body: "Interrupts her twice", private: true });
  return { ...rig, cleo, ben, host, others, note };
}

test("a note is in its writer's list and in nobody else's, nor in any count or file", async () => {
  const { comments, round, exports, recording, cleo, ben, others, note } = await setting();
  await comments.post(ben, recording, { atMs: 1000, body: "For all" });
  expect(note.private).toBe(true);
  expect(bodies(await comments.list(cleo, recording, undefined))).toEqual(["For all", "Interrupts her twice"]);
  for (const other of others) {
    expect(bodies(await comments.list(other, recording, undefined))).toEqual(["For all"]);
    expect((await round.look(other, recording)).reviewers.map(({ name, comments: count }) => [name, count])).toContainEqual(["Cleo", 0]);
  }
  // A file is handed on: notes are not even in their writer's own.
  for (const who of [cleo, ...others]) {
    expect((await exports.commentsCsv(who, recording)).text).not.toContain("Interrupts");
    expect((await exports.commentsVtt(who, recording)).text).not.toContain("Interrupts");
  }
});

test("to everybody but its writer a note is as if it were not, whatever they try with its id", async () => {
  const { comments, recording, by, key, cleo, others, note } = await setting();
  for (const other of others) {
    const absent = await comments.edit(other, "cmt_01h455vb4pex5vsknk084sn02q", { body: "x" }).catch((error: Error) => error.message);
    for (const attempt of [
      comments.edit(other, note.id, { body: "Taken" }),
      comments.edit(other, note.id, { private: false }),
      comments.edit(other, note.id, { resolved: true }),
      comments.remove(other, note.id),
    ])
      expect(await attempt.catch((error: Error) => error.message)).toBe(absent);
    await expect(comments.post(other, recording, { atMs: 0, body: "?", parentId: note.id })).rejects.toEqual(refused("not-found"));
  }
  expect(bodies(await comments.list(cleo, recording, undefined))).toEqual(["Interrupts her twice"]);
  // With a key that everybody has there is no writer to keep it for.
  await expect(comments.post(by(key("observer")), recording, { atMs: 0, body: "x", private: true })).rejects.toEqual(
    refused("bad-request"),
  );
  await expect(comments.publish(by(key("observer")), recording)).rejects.toEqual(refused("bad-request"));
});

test("over the live line a note is told to its writer alone, and to all the moment it is published", async () => {
  const { comments, recording, cleo, ben, host, note, listen } = await setting();
  const mine = await listen(cleo);
  const theirs = [await listen(ben), await listen(host)];
  const told = (socket: Socket) => socket.heard.map((down) => (down.type === "comment" ? down.comment.body : down.type));
  await comments.edit(cleo, note.id, { body: "Interrupts her three times" });
  const other = await comments.post(cleo, recording, { atMs: 5, body: "Another", private: true });
  await comments.remove(cleo, other.id);
  expect(told(mine)).toEqual(["Interrupts her three times", "Another", "deleted"]);
  expect(theirs.flatMap(told)).toEqual([]);
  const published = await comments.edit(cleo, note.id, { private: false });
  expect(published).toMatchObject({ private: false, atMs: 61_500, body: "Interrupts her three times" });
  expect(theirs.map(told)).toEqual([["Interrupts her three times"], ["Interrupts her three times"]]);
  await expect(comments.edit(cleo, note.id, { private: true })).rejects.toEqual(refused("bad-request"));
});

test("all notes become comments at once, the writer's and no others', at their seconds", async () => {
  const { comments, recording, cleo, ben } = await setting();
  await comments.post(cleo, recording, { atMs: 2000, body: "Second", private: true });
  await comments.post(ben, recording, { atMs: 3000, body: "Ben's own", private: true });
  expect(await comments.publish(cleo, recording)).toEqual({ published: 2 });
  expect(await comments.publish(cleo, recording)).toEqual({ published: 0 });
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual(["Second", "Ben's own", "Interrupts her twice"]);
  expect((await comments.list(cleo, recording, undefined)).items.map(({ atMs }) => atMs)).toEqual([2000, 61_500]);
});

test("where feedback is hidden until all have handed in, what was a note is hidden with it", async () => {
  const { comments, guide, room, recording, by, key, cleo, ben, note } = await setting();
  await guide.edit(by(key("host")), room.id, { independent: true });
  await comments.edit(cleo, note.id, { private: false });
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual([]);
});
