import { expect, test } from "vitest";
import type { Marker, Rubric } from "../../protocol/feedback.ts";
import { feedbackRig } from "./feedback.fixture.ts";

const item = (id: string, title = id): Rubric["items"][number] => ({
  id,
  title,
  scale: [
    { value: 1, anchor: `${title}: hardly` },
    { value: 2, anchor: `${title}: well` },
  ],
});
const listening = { title: "Listening", items: [item("calm", "Calm"), item("open", "Open questions")] };
const speaking = { title: "Speaking", items: [item("clear", "Clear")] };
const own: Marker[] = [{ id: "Gold", name: "Gold", colour: "amber" }];

/** A debrief with a score and a marked comment, and a later recording with nothing. */
async function debriefed() {
  const rig = await feedbackRig();
  const host = rig.by(rig.key("host"));
  await rig.guide.edit(host, rig.room.id, { rubric: listening });
  const olu = await rig.reviewer("Olu");
  const score = { aboutId: rig.people[0], item: "calm", value: 2, words: "", evidence: [] };
  await rig.scores.score(olu, rig.recording, score);
  await rig.comments.post(olu, rig.recording, { atMs: 5, body: "Well done", marker: "strength" });
  const { id: later } = await rig.catalog.addRecording({ roomId: rig.room.id, startedAt: 2, zeroMs: 0, epoch: "test" });
  return { ...rig, host, olu, score, later };
}

test("scores keep the rubric they were given by, on the page and in the file, whatever the room asks later", async () => {
  const { guide, host, room, round, exports, recording, later, olu, scores, score } = await debriefed();
  for (const rubric of [speaking, null]) {
    await guide.edit(host, room.id, { rubric });
    expect((await round.look(olu, recording)).rubric).toEqual(listening);
    expect((await exports.scoresCsv(olu, recording)).text).toContain(`"Calm","2","Calm: well"`);
    expect((await round.look(host, later)).rubric).toEqual(rubric);
    expect((await guide.look(host, room.id)).rubric).toEqual(rubric);
  }
  expect(await scores.score(olu, recording, { ...score, item: "open" })).toMatchObject({ item: "open", value: 2 });
  await expect(scores.score(olu, recording, { ...score, item: "clear" })).rejects.toThrow("no such item");
});

test("a scenario that brings another rubric leaves the scores of earlier recordings theirs", async () => {
  const { guide, host, room, round, recording, later, olu, scores, score } = await debriefed();
  await scores.score(olu, recording, { ...score, value: null });
  const [first] = (await guide.shipped(host, room.id)).items;
  await guide.edit(host, room.id, { rubric: first! });
  const { id, scale } = first!.items[0]!;
  await scores.score(olu, recording, { ...score, item: id, value: scale[0]!.value });
  await guide.suggest(room.id, first!.title === "Job interview" ? "support-call" : "job-interview");
  expect((await round.look(olu, recording)).rubric).toEqual(first);
  expect((await round.look(host, later)).rubric?.title).not.toBe(first!.title);
});

test("a recording without scores goes with its room, and so does one whose scored items stay as they were", async () => {
  const { guide, host, room, round, recording, later } = await debriefed();
  const more = { title: "Listening, longer", items: [...listening.items, item("warm", "Warm")] };
  await guide.edit(host, room.id, { rubric: more });
  for (const one of [recording, later]) expect((await round.look(host, one)).rubric).toEqual(more);
  await guide.edit(host, room.id, { rubric: { ...more, items: [item("calm", "Calmness")] } });
  expect((await round.look(host, recording)).rubric).toEqual(more);
  expect((await round.look(host, later)).rubric?.items).toEqual([item("calm", "Calmness")]);
});

test("a score that was taken back keeps no rubric", async () => {
  const { guide, host, room, round, recording, olu, scores, score } = await debriefed();
  await scores.score(olu, recording, { ...score, value: null });
  await guide.edit(host, room.id, { rubric: speaking });
  expect((await round.look(olu, recording)).rubric).toEqual(speaking);
});

test("a comment keeps its marker's name when the room takes markers of its own, and when it gives those up", async () => {
  const { guide, host, room, round, comments, exports, recording, later, olu } = await debriefed();
  await guide.edit(host, room.id, { markers: own });
  expect(await round.look(olu, recording)).toMatchObject({ ownMarkers: false });
  expect((await exports.commentsCsv(olu, recording)).text).toContain(`"Strength"`);
  expect((await round.look(host, later)).markers).toEqual(own);
  await comments.post(host, later, { atMs: 5, body: "Like this", marker: "Gold" });
  await guide.edit(host, room.id, { markers: null });
  expect(await round.look(host, later)).toMatchObject({ markers: own, ownMarkers: true });
});
