import { expect, test } from "vitest";
import type { Scenario } from "../../protocol/scenariofile.ts";
import { adminKey, feedbackRig } from "./feedback.fixture.ts";
import { Scenes, sceneOf } from "./scenes.ts";

const scenario: Scenario = {
  title: "Talk",
  goals: ["Listen"],
  minutes: 2.5,
  roles: [
    { id: "one", title: "One", card: "SECRET-ONE" },
    { id: "two", title: "Two", card: "SECRET-TWO" },
    { id: "three", title: "Three", card: "SECRET-THREE" },
  ],
  personas: [{ title: "PERSONA", cards: { two: "SECRET-PERSONA" } }],
};

test("whoever may look sees who played what, and only the host, the admin and observers the cards", async () => {
  const { catalog, access, audience, recording, people, by, key, shares } = await feedbackRig();
  const scenes = new Scenes(catalog, access, audience);
  await expect(scenes.look(by(key("host")), recording)).rejects.toEqual(expect.objectContaining({ code: "not-found" }));
  const cast = { one: { id: people[0], name: "Asha" }, two: { id: people[1], name: "Ben" } };
  const row = { recordingId: recording, scenario: JSON.stringify(scenario), persona: 0, cast: JSON.stringify(cast) };
  await catalog.plays.saveScene(row);
  for (const reader of [key("host"), key("observer"), adminKey])
    expect((await scenes.look(by(reader), recording)).cards).toEqual([
      { role: "one", words: "SECRET-ONE", persona: null },
      { role: "two", words: "SECRET-TWO", persona: { title: "PERSONA", words: "SECRET-PERSONA" } },
      { role: "three", words: "SECRET-THREE", persona: null },
    ]);
  const { url } = await shares.create(
    by(key("host")),
    recording,
    { label: "", mayComment: true, mayDownload: true, expiresAt: null },
    "http://localhost",
  );
  for (const onlooker of [key("guest"), url.split("#")[1] ?? ""]) {
    const seen = await scenes.look(by(onlooker), recording);
    expect(seen).toMatchObject({ title: "Talk", goals: ["Listen"], limitMs: 150_000, cards: null });
    expect(seen.roles.map(({ participant }) => participant?.name)).toEqual(["Asha", "Ben", undefined]);
    expect(JSON.stringify(seen)).not.toMatch(/SECRET|PERSONA/);
  }
  expect(JSON.stringify(sceneOf({ ...row, shownAt: null }))).not.toMatch(/SECRET|PERSONA/);
  expect(sceneOf({ ...row, shownAt: null })).toMatchObject({
    title: "Talk",
    roles: [{ title: "One", participant: { name: "Asha" } }, { title: "Two" }, {}],
  });
});

test("once the host has shown them everybody reads the cards, and whoever changes roles meanwhile hides none", async () => {
  const { catalog, access, audience, recording, people, by, key } = await feedbackRig();
  const scenes = new Scenes(catalog, access, audience);
  await expect(scenes.show(by(key("host")), recording)).rejects.toEqual(expect.objectContaining({ code: "not-found" }));
  const row = { recordingId: recording, scenario: JSON.stringify(scenario), persona: null, cast: "{}" };
  await catalog.plays.saveScene(row);
  for (const one of ["guest", "observer"] as const)
    await expect(scenes.show(by(key(one)), recording)).rejects.toEqual(expect.objectContaining({ code: "not-allowed" }));
  expect(await scenes.look(by(key("guest")), recording)).toMatchObject({ shown: false, cards: null });
  expect(await scenes.show(by(key("host")), recording)).toMatchObject({ shown: true });
  await catalog.plays.saveScene({ ...row, cast: JSON.stringify({ one: { id: people[0], name: "Asha" } }) });
  expect((await scenes.look(by(key("guest")), recording)).cards?.map(({ words }) => words)).toEqual([
    "SECRET-ONE",
    "SECRET-TWO",
    "SECRET-THREE",
  ]);
});
