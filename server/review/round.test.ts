import { expect, test } from "vitest";
import type { UserError } from "../../protocol/errors.ts";
import { adminKey, feedbackRig } from "./feedback.fixture.ts";
import { rubricOf } from "./guide.ts";

const refused = (code: string) => expect.objectContaining({ code });
const bodies = ({ items }: { items: { body: string }[] }) => items.map(({ body }) => body);

test("independent feedback is hidden from everybody else, the host included, until all have handed in; then who saw what first is kept", async () => {
  const { comments, round, guide, reviewer, recording, room, people, by, key } = await feedbackRig();
  await guide.edit(by(key("host")), room.id, { independent: true });
  const asha = await reviewer("Asha", people[0]);
  const ben = await reviewer("Ben", people[1], "host");
  const secret = await comments.post(asha, recording, { atMs: 10, body: "Asha's" });
  await comments.post(ben, recording, { atMs: 20, body: "Ben's" });
  expect(bodies(await comments.list(asha, recording, undefined))).toEqual(["Asha's"]);
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual(["Ben's"]);
  for (const other of [by(key("host")), by(adminKey), by(key("guest"))])
    expect(bodies(await comments.list(other, recording, undefined))).toEqual([]);
  await expect(comments.edit(ben, secret.id, { resolved: true })).rejects.toEqual(refused("not-allowed"));
  await expect(comments.post(ben, recording, { atMs: 0, body: "?", parentId: secret.id })).rejects.toEqual(refused("not-allowed"));
  await expect(comments.remove(ben, secret.id)).rejects.toEqual(refused("not-allowed"));
  expect((await comments.all(ben, recording)).comments).toHaveLength(1);

  expect(await round.handIn(asha, recording)).toMatchObject({ hidden: true, revealedAt: null });
  expect(bodies(await comments.list(asha, recording, undefined))).toEqual(["Asha's"]);
  expect((await round.handIn(ben, recording)).hidden).toBe(false);
  expect(bodies(await comments.list(asha, recording, undefined))).toEqual(["Asha's", "Ben's"]);
  const { sights, reviewers } = await round.look(asha, recording);
  expect(sights).toEqual([{ reviewerId: asha.id, ofId: ben.id, seenAt: expect.any(String) }]);
  expect(reviewers.map(({ name, handedInAt }) => [name, handedInAt !== null])).toEqual([
    ["Asha", true],
    ["Ben", true],
  ]);
});

test("one person who hands in first reveals nothing; the host may", async () => {
  const { comments, round, guide, reviewer, recording, room, by, key } = await feedbackRig();
  await guide.edit(by(key("host")), room.id, { independent: true });
  const asha = await reviewer("Asha");
  await comments.post(asha, recording, { atMs: 10, body: "Asha's" });
  await round.handIn(asha, recording);
  const late = await reviewer("Late");
  expect(bodies(await comments.list(late, recording, undefined))).toEqual([]);
  await expect(round.reveal(asha, recording)).rejects.toEqual(refused("not-allowed"));
  await round.reveal(by(key("host")), recording);
  expect(bodies(await comments.list(late, recording, undefined))).toEqual(["Asha's"]);
});

test("who hands in before somebody who was recorded has opened the page reveals nothing, and nor does one person twice", async () => {
  const { comments, round, reviewer, recording, guide, room, people, by, key } = await feedbackRig();
  await guide.edit(by(key("host")), room.id, { independent: true });
  const asha = await reviewer("Asha", people[0]);
  await comments.post(asha, recording, { atMs: 10, body: "Asha's" });
  for (const one of [asha, await reviewer("Olu", null, "observer"), await reviewer("Asha", people[0])])
    expect((await round.handIn(one, recording)).hidden).toBe(true);
  const ben = await reviewer("Ben", people[1]);
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual([]);
  expect(await round.handIn(ben, recording)).toMatchObject({ hidden: false, revealedAt: expect.any(String) });
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual(["Asha's"]);
});

test("what everybody could read stays readable when a room turns to writing in secret, and only what comes after is hidden", async () => {
  const { comments, round, guide, reviewer, recording, catalog, room, by, key } = await feedbackRig();
  const asha = await reviewer("Asha");
  await comments.post(asha, recording, { atMs: 10, body: "In the open" });
  const later = await catalog.addRecording({ roomId: room.id, startedAt: 2, zeroMs: 0, epoch: "test" });
  await guide.edit(by(key("host")), room.id, { independent: true });
  expect(bodies(await comments.list(by(key("guest")), recording, undefined))).toEqual(["In the open"]);
  expect((await round.look(asha, recording)).hidden).toBe(false);
  expect((await round.look(by(key("guest")), later.id)).hidden).toBe(true);
});

test("when a room turns from writing in secret what was hidden shows, when it did is kept, and it never hides again", async () => {
  const { comments, round, guide, reviewer, recording, catalog, room, by, key } = await feedbackRig();
  const independent = (on: boolean) => guide.edit(by(key("host")), room.id, { independent: on });
  await independent(true);
  await comments.post(await reviewer("Asha"), recording, { atMs: 10, body: "Asha's" });
  const later = await catalog.addRecording({ roomId: room.id, startedAt: 2, zeroMs: 0, epoch: "test" });
  await independent(false);
  const { revealedAt } = await round.look(by(key("guest")), recording);
  expect(revealedAt).not.toBeNull();
  await independent(true);
  expect(bodies(await comments.list(by(key("guest")), recording, undefined))).toEqual(["Asha's"]);
  expect(await round.look(by(key("guest")), recording)).toMatchObject({ hidden: false, revealedAt });
  // Nobody had written anything there.
  expect(await round.look(by(key("guest")), later.id)).toMatchObject({ hidden: true, revealedAt: null });
});

test("whoever shows who they were in the call is that person on the film, whatever they say", async () => {
  const { round, recording, keys, people, by, key } = await feedbackRig();
  const ashas = { ...by(key("guest")), participant: `${people[0]}.${keys.participant(people[0])}` };
  expect((await round.join(ashas, recording, { name: "Asha" })).participantId).toBe(people[0]);
  const made = await round.join(ashas, recording, { name: "Asha", participantId: people[1] });
  expect(made.participantId).toBe(people[0]);
  const forged = { ...ashas, participant: `${people[0]}.${keys.participant(people[1])}` };
  expect((await round.join(forged, recording, { name: "Ben", participantId: people[1] })).participantId).toBe(people[1]);
});

test("where nothing is hidden nothing is handed in, and nothing counts as revealed by it", async () => {
  const { round, guide, reviewer, recording, room, people, by, key } = await feedbackRig();
  const both = [await reviewer("Asha", people[0]), await reviewer("Ben", people[1])];
  for (const one of both) await expect(round.handIn(one, recording)).rejects.toEqual(refused("not-hidden"));
  const { revealedAt, reviewers } = await round.look(by(key("host")), recording);
  expect([revealedAt, ...reviewers.map(({ handedInAt }) => handedInAt)]).toEqual([null, null, null]);
  await guide.edit(by(key("host")), room.id, { independent: true });
  for (const one of both) await round.handIn(one, recording);
  await expect(round.handIn(both[0]!, recording)).rejects.toEqual(refused("not-hidden"));
});

test("by a link to the recording nobody becomes somebody of the film by saying so, only by showing it", async () => {
  const { round, shares, recording, keys, people, by, key } = await feedbackRig();
  const link = { label: "", mayComment: true, mayDownload: false, expiresAt: null };
  const { url } = await shares.create(by(key("host")), recording, link, "http://test");
  const guest = by(url.split("#")[1] ?? "");
  const gwen = await round.join(guest, recording, { name: "Asha", participantId: people[0] });
  expect(gwen.participantId).toBeNull();
  const named = await round.rename({ ...guest, reviewer: gwen.identity }, gwen.id, { participantId: people[0] });
  expect(named.participantId).toBeNull();
  const proof = `${people[0]}.${keys.participant(people[0])}`;
  const shown = await round.rename({ ...guest, reviewer: gwen.identity, participant: proof }, gwen.id, { participantId: people[0] });
  expect(shown.participantId).toBe(people[0]);
  expect((await round.look(by(key("host")), recording)).reviewers.map(({ participantId }) => participantId)).toEqual([people[0]]);
});

/** A round of which one has handed in, and a link to its recording. */
async function waiting() {
  const rig = await feedbackRig();
  const { comments, round, guide, reviewer, shares, recording, room, people, by, key } = rig;
  const host = by(key("host"));
  await guide.edit(host, room.id, { independent: true });
  const asha = await reviewer("Asha", people[0]);
  await comments.post(asha, recording, { atMs: 10, body: "Asha's" });
  await round.handIn(asha, recording);
  const link = { label: "", mayComment: true, mayDownload: false, expiresAt: null };
  const { url } = await shares.create(host, recording, link, "http://test");
  const byLink = async (participantId: string | null) => {
    const { identity, id } = await round.join(by(url.split("#")[1] ?? ""), recording, { name: "B", participantId });
    return { ...by(url.split("#")[1] ?? "", identity), id };
  };
  const hidden = async () => (await round.look(host, recording)).hidden;
  return { ...rig, host, asha, byLink, hidden };
}

test("whoever came by a link counts as who they say they are once the host confirms it, and a round that waited for that appears", async () => {
  const { round, comments, recording, people, host, byLink, hidden } = await waiting();
  const ben = await byLink(people[1]);
  expect((await round.look(host, recording)).reviewers.at(-1)).toMatchObject({ participantId: null, claimedId: people[1] });
  await round.handIn(ben, recording);
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual([]);
  const answered = await round.answer(host, ben.id, { claimedId: people[1], confirmed: true });
  expect(answered).toMatchObject({ participantId: people[1], claimedId: null, handedInAt: expect.any(String) });
  expect(await hidden()).toBe(false);
  expect(bodies(await comments.list(ben, recording, undefined))).toEqual(["Asha's"]);
});

test("confirmed before they hand in, their hand-in opens the round by itself", async () => {
  const { round, recording, people, host, byLink, hidden } = await waiting();
  const ben = await byLink(people[1]);
  await round.answer(host, ben.id, { claimedId: people[1], confirmed: true });
  expect(await hidden()).toBe(true);
  expect((await round.handIn(ben, recording)).hidden).toBe(false);
});

test("nobody opens a round by saying who they are, however many they say they are, and nobody but the host confirms it", async () => {
  const { round, recording, people, host, asha, byLink, hidden } = await waiting();
  for (const claim of [people[0], people[1]]) {
    const mallory = await byLink(claim);
    await round.handIn(mallory, recording);
    const answer = { claimedId: claim, confirmed: true };
    for (const one of [mallory, asha]) await expect(round.answer(one, mallory.id, answer)).rejects.toEqual(refused("not-allowed"));
    expect((await round.answer(host, mallory.id, { ...answer, confirmed: false })).claimedId).toBeNull();
  }
  expect(await hidden()).toBe(true);
});

test("what the host confirms is what they saw claimed, and whoever then says that they are somebody else counts as nobody", async () => {
  const { round, recording, people, host, byLink, hidden } = await waiting();
  const mallory = await byLink(people[0]);
  await round.rename(mallory, mallory.id, { participantId: people[1] });
  const stale = { claimedId: people[0], confirmed: true };
  await expect(round.answer(host, mallory.id, stale)).rejects.toEqual(refused("changed"));
  await round.answer(host, mallory.id, { claimedId: people[1], confirmed: true });
  // The same again, as when only the name is mended, stays confirmed.
  expect(await round.rename(mallory, mallory.id, { name: "M", participantId: people[1] })).toMatchObject({ participantId: people[1] });
  expect(await round.rename(mallory, mallory.id, { participantId: people[0] })).toMatchObject({
    participantId: null,
    claimedId: people[0],
  });
  expect((await round.handIn(mallory, recording)).hidden).toBe(true);
  expect(await hidden()).toBe(true);
  await expect(round.answer(host, "rev_nobody", stale)).rejects.toEqual(refused("not-allowed"));
});

test("after a thousand reviewers of one recording nobody else becomes one, and another recording is not touched by it", async () => {
  const { catalog, round, reviewer, recording, room, by, key } = await feedbackRig();
  const filled = Array.from({ length: 1000 }, () =>
    catalog.feedback.addReviewer({ recordingId: recording, name: "Again", participantId: null, claimedId: null, shareId: null }),
  );
  await Promise.all(filled);
  await expect(reviewer("Olu")).rejects.toEqual(refused("too-often"));
  const other = await catalog.addRecording({ roomId: room.id, startedAt: 2, zeroMs: 0, epoch: "test" });
  expect((await round.join(by(key("guest")), other.id, { name: "Olu" })).name).toBe("Olu");
});

test("scores stay on their item's scale, are one per reviewer, person and item, and hide like comments", async () => {
  const { scores, guide, reviewer, recording, room, people, by, key } = await feedbackRig();
  const [shipped] = (await guide.shipped(by(key("guest")), room.id)).items;
  await guide.edit(by(key("host")), room.id, { rubric: shipped!, independent: true });
  const item = shipped!.items[0]!;
  const score = { aboutId: people[0], item: item.id, value: item.scale[0]!.value, words: "", evidence: [{ atMs: 5, endMs: null }] };
  const asha = await reviewer("Asha", people[0]);
  const olu = await reviewer("Olu");
  await scores.score(asha, recording, score);
  await scores.score(asha, recording, { ...score, value: item.scale[1]!.value });
  await scores.score(olu, recording, score);
  expect((await scores.list(asha, recording)).items).toEqual([
    expect.objectContaining({ reviewerId: asha.id, value: item.scale[1]!.value }),
  ]);
  await expect(scores.score(asha, recording, { ...score, value: 99 })).rejects.toEqual(refused("bad-request"));
  await expect(scores.score(asha, recording, { ...score, item: "nothing" })).rejects.toEqual(refused("bad-request"));
  await expect(scores.score(asha, recording, { ...score, aboutId: "par_01h455vb4pex5vsknk084sn02q" })).rejects.toEqual(
    refused("bad-request"),
  );
  await expect(scores.score(by(key("host")), recording, score)).rejects.toEqual(refused("bad-request"));
});

test("somebody else's identity, or one of another recording, is refused", async () => {
  const { comments, reviewer, recording, by, key } = await feedbackRig();
  const other = await feedbackRig();
  const olu = await reviewer("Olu");
  const theirs = await other.reviewer("Olu");
  const forged = `${olu.id}.${"a".repeat(32)}`;
  for (const identity of [forged, theirs.reviewer!, olu.id, "."])
    await expect(comments.list(by(key("guest"), identity), recording, undefined)).rejects.toEqual(refused("not-allowed"));
});

test("every rubric that comes with the program is one, and goes through YAML unchanged", async () => {
  const { guide, room, by, key } = await feedbackRig();
  const { items } = await guide.shipped(by(key("guest")), room.id);
  expect(items.length).toBeGreaterThanOrEqual(4);
  for (const rubric of items) {
    await guide.edit(by(key("host")), room.id, { rubric });
    expect(rubricOf((await guide.yaml(by(key("guest")), room.id)).text)).toEqual(rubric);
  }
});

test("what is no rubric is refused in words, and a file that grows by aliases is not read", async () => {
  expect(() => rubricOf("a: [")).toThrow(/not YAML/);
  expect(() => rubricOf("title: X\nitems: []")).toThrow(/not a rubric: line 2: items/);
  expect(() => rubricOf("a: &a [x]\nb: [*a, *a]\n")).toThrow(/not YAML/);
  const twice = "{ id: a, title: A, scale: [{ value: 0, anchor: a }, { value: 1, anchor: b }] }";
  expect(() => rubricOf(`title: X\nitems: [${twice}, ${twice}]`)).toThrow(/same id/);
});

/** Why a rubric's text is refused, as facts. */
function whyOf(text: string): unknown {
  try {
    return rubricOf(text);
  } catch (error) {
    return (error as UserError).why;
  }
}

test("what is no rubric is refused as facts, too: which sentence, the line and the place", () => {
  expect(whyOf("a: [")).toEqual({ reason: "yaml-syntax", line: 1, at: "" });
  expect(whyOf("title: X\nitems: []")).toEqual({ reason: "yaml-size", line: 2, at: "items" });
  expect(whyOf("title: X")).toEqual({ reason: "yaml-lacking", line: 1, at: "items" });
  expect(whyOf("a: &a [x]\nb: [*a]\n")).toEqual({ reason: "yaml-alias", line: 2, at: "a" });
  expect(whyOf("title: X\ntitle: Y")).toEqual({ reason: "yaml-double", line: 2, at: "title" });
  expect(whyOf("")).toEqual({ reason: "yaml-empty" });
  expect(whyOf("[".repeat(30))).toEqual({ reason: "yaml-much" });
  const item = "{ id: a, title: A, scale: [{ value: 0, anchor: a }, { value: 1, anchor: b }] }";
  expect(whyOf(`title: X\nitems: [${item}, ${item}]`)).toEqual({ reason: "yaml-twice", line: 2, at: "items → 1 → id" });
});
