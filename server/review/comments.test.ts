import { expect, test } from "vitest";
import type { Comment } from "../../protocol/feedback.ts";
import { adminKey, feedbackRig } from "./feedback.fixture.ts";

const refused = (code: string) => expect.objectContaining({ code });

test("of two edits of the same version the second is refused and told the first one's text", async () => {
  const { comments, reviewer, recording } = await feedbackRig();
  const olu = await reviewer("Olu");
  const { id, version } = await comments.post(olu, recording, { atMs: 1000, body: "First" });
  const edited = await comments.edit(olu, id, { body: "From the laptop", version });
  expect(edited).toMatchObject({ body: "From the laptop", version: version + 1 });
  const error = await comments.edit(olu, id, { body: "From the phone", version }).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "changed", current: { body: "From the laptop", version: version + 1 } });
  expect(await comments.edit(olu, id, { body: "From the phone", version: version + 1 })).toMatchObject({ body: "From the phone" });
});

test("one's words are changed by oneself and the host, by nobody else with the same key", async () => {
  const { comments, reviewer, recording, by, key } = await feedbackRig();
  const olu = await reviewer("Olu");
  const kim = await reviewer("Kim");
  const { id } = await comments.post(olu, recording, { atMs: 1000, body: "Mine" });
  for (const other of [kim, by(key("guest")), by(key("observer"))]) {
    await expect(comments.edit(other, id, { body: "Yours" })).rejects.toEqual(refused("not-allowed"));
    await expect(comments.remove(other, id)).rejects.toEqual(refused("not-allowed"));
  }
  expect((await comments.edit(kim, id, { resolved: true })).resolvedAt).not.toBeNull();
  await comments.remove(by(key("host")), id);
  expect((await comments.list(olu, recording, undefined)).items).toEqual([]);
});

test("a thread's first comment leaves its place to its replies, and goes with the last of them", async () => {
  const { comments, reviewer, recording } = await feedbackRig();
  const olu = await reviewer("Olu");
  const kim = await reviewer("Kim");
  const first = await comments.post(olu, recording, { atMs: 1000, body: "First" });
  const reply = await comments.post(kim, recording, { atMs: 9999, body: "Reply", parentId: first.id });
  const nested = await comments.post(olu, recording, { atMs: 0, body: "To the reply", parentId: reply.id });
  expect([reply.atMs, nested.parentId]).toEqual([1000, first.id]);
  await comments.remove(olu, first.id);
  const left = (await comments.list(kim, recording, undefined)).items;
  expect(left.find(({ id }) => id === first.id)).toMatchObject({ body: "", author: null });
  await comments.remove(olu, nested.id);
  await comments.remove(kim, reply.id);
  expect((await comments.list(kim, recording, undefined)).items).toEqual([]);
});

test("a list is read to its end page by page, whatever is posted in between", async () => {
  const { comments, catalog, recording, by } = await feedbackRig();
  const admin = by(adminKey);
  for (let index = 0; index < 1100; index++)
    await catalog.feedback.addComment({
      recordingId: recording,
      atMs: Math.floor(index / 3),
      endMs: null,
      participantId: null,
      body: `${index}`,
      marker: null,
      author: null,
      standing: "guest",
      parentId: null,
      reviewerId: null,
    });
  const all: Comment[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await comments.list(admin, recording, cursor ?? undefined);
    all.push(...page.items);
    cursor = page.cursor;
    await comments.post(admin, recording, { atMs: 0, body: "earlier" });
  } while (cursor);
  expect(new Set(all.map(({ id }) => id)).size).toBe(1100);
});

test("what a key alone posts is changed by that standing or a higher one, as before there were reviewers", async () => {
  const { comments, recording, by, key } = await feedbackRig();
  const { id } = await comments.post(by(key("guest")), recording, { atMs: 5, body: "By link", author: "Ben" });
  await expect(comments.edit(by(key("observer")), id, { body: "No" })).rejects.toEqual(refused("not-allowed"));
  expect(await comments.edit(by(key("guest")), id, { body: "Yes", endMs: 50 })).toMatchObject({ body: "Yes", endMs: 50, author: "Ben" });
  await expect(comments.edit(by(key("guest")), id, { endMs: 1 })).rejects.toEqual(refused("bad-request"));
});

test("in secret nobody writes without a name, for whoever has none would read it", async () => {
  const { comments, guide, room, reviewer, recording, by, key } = await feedbackRig();
  await guide.edit(by(key("host")), room.id, { independent: true });
  for (const nameless of [key("guest"), key("host"), adminKey])
    await expect(comments.post(by(nameless), recording, { atMs: 5, body: "Whose?", author: "Ben" })).rejects.toEqual(
      refused("bad-request"),
    );
  expect((await comments.list(by(key("observer")), recording, undefined)).items).toEqual([]);
  expect((await comments.post(await reviewer("Ben"), recording, { atMs: 5, body: "Mine" })).author).toBe("Ben");
});
