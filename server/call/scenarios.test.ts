// A scenario's file, honest and hostile; and who may choose, look at and take along which.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { cardOf } from "../../protocol/scenariofile.ts";
import { Access, type Credentials } from "../store/access.ts";
import { callRig } from "./call.fixture.ts";
import { Scenarios, scenarioFrom } from "./scenarios.ts";

const folder = join(import.meta.dirname, "../../scenarios");
const refused = (code: string) => expect.objectContaining({ code });

const honest = `title: Talk
goals:
  - Listen
minutes: 2.5
roles:
  - id: one
    title: One
    card: |
      You begin.
      Take your time.
  - { id: two, title: Two, card: You answer. }
personas:
  - title: Quiet
    cards: { two: You say little. }
`;

test("a scenario is read as it was written, its cards as text", () => {
  const hostile = `<img src=x onerror="alert(1)"> **bold** {{name}} \u202Eevil`;
  const scenario = scenarioFrom(honest.replace("You answer.", JSON.stringify(hostile)));
  expect(scenario.roles.map(({ card }) => card)).toEqual(["You begin.\nTake your time.", hostile]);
  expect(cardOf(scenario, "two", 0)).toEqual({ role: "two", words: hostile, persona: { title: "Quiet", words: "You say little." } });
  expect(cardOf(scenario, "one", 0).persona).toBeNull();
  expect(cardOf(scenario, "two", null).persona).toBeNull();
  expect(cardOf(scenario, "constructor", 0).persona).toBeNull();
  expect(scenarioFrom(stringify(scenario))).toEqual(scenario);
});

test.each<[string, string, RegExp]>([
  ["a word that is not known", honest.replace("goals:", "goal:"), /line 2: goal: Unrecognized key/],
  ["text where a number belongs", honest.replace("2.5", "soon"), /line 4: minutes: Invalid input: expected number/],
  ["a number where text belongs", honest.replace("title: One", "title: 1"), /line 7: roles → 0 → title: Invalid input: expected string/],
  ["a role without a card", honest.replace(", card: You answer.", ""), /line 11: roles → 1 → card/],
  ["a list where a map belongs", "- a\n- b\n", /line 1: the file: Invalid input/],
  ["nothing at all", "", /the file: Invalid input/],
  ["a time that never ends", honest.replace("2.5", "1e9"), /line 4: minutes: Too big/],
  ["a card that is too long", honest.replace("You answer.", "x".repeat(4001)), /line 11: roles → 1 → card: Too big/],
  ["a control character", honest.replace("You answer.", '"bell \\a"'), /line 11: roles → 1 → card: Invalid/],
  ["two roles with one id", honest.replace("id: two", "id: one"), /line 11: roles → 1 → id: two roles have the same id, “one”/],
  [
    "a persona of a role that is not there",
    honest.replace("{ two:", "{ three:"),
    /line 14: personas → 0 → cards → three: there is no role/,
  ],
  ["a key that stands twice", honest.replace("minutes:", "title:"), /not YAML.*line 4: “title” stands here twice/],
  ["what is not YAML", "title: [", /not YAML.*line 1/],
  ["a tab for indentation", "roles:\n\t- id: one\n", /not YAML.*line 2/],
  ["two documents", `${honest}---\n${honest}`, /not YAML/],
  ["an alias", "title: &a Talk\nroles: *a\n", /not YAML.*line 2: \*a/],
  ["a merge of what stands elsewhere", `%YAML 1.1\n---\nbase: &b { title: T }\nmore:\n  <<: *b\n`, /not YAML.*line 5: \*b/],
  ["a date where text belongs", honest.replace("title: Talk", "title: !!timestamp 2026-11-26"), /line 1: title/],
])("%s is refused with the line it stands in", (_, text, words) => {
  expect(() => scenarioFrom(text)).toThrow(words);
  expect(() => scenarioFrom(text)).toThrow(expect.objectContaining({ code: "bad-request" }));
});

/** Each doubles the one before: 2^30 of the first. */
const laughs = Array.from({ length: 30 }, (_, n) => `l${n}: &l${n} [${n === 0 ? "ha" : `*l${n - 1}, *l${n - 1}`}]`).join("\n");

test.each<[string, string]>([
  ["a billion laughs", laughs],
  ["brackets in brackets", "[".repeat(32_000)],
  ["maps in maps", "{a: ".repeat(8000)],
  ["lists in lists", "- ".repeat(3000)],
  ["many lists in lists", "- ".repeat(16_000)],
  ["keys of keys", "? ".repeat(5000)],
  ["thousands of keys", Array.from({ length: 8000 }, (_, n) => `k${n}: 1`).join("\n")],
  ["thousands of quotes", '"'.repeat(32_000)],
  ["thousands of anchors", "&a ".repeat(10_000)],
  ["indentation without end", Array.from({ length: 250 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")],
  ["a prototype", `__proto__: { roles: [] }\nconstructor: 1\n${honest}`],
  ["a tag that would make something", `${honest.replace("You answer.", "!!js/function 'x'")}\nx: 1`],
  ["bytes", "\u0000\u0001\uFFFD".repeat(1000)],
])("%s is refused in words", (_, text) => {
  expect(() => scenarioFrom(text)).toThrow(refused("bad-request"));
  expect(({} as { roles?: unknown }).roles).toBeUndefined();
});

test("every scenario that comes with the program is one, and goes through YAML unchanged", async () => {
  const files = readdirSync(folder);
  expect(files.toSorted()).toEqual(["breaking-bad-news.yaml", "job-interview.yaml", "motivational-interviewing.yaml", "support-call.yaml"]);
  const rubrics = readdirSync(join(folder, "../rubrics"));
  for (const file of files) {
    const scenario = scenarioFrom(readFileSync(join(folder, file), "utf8"));
    expect(scenarioFrom(stringify(scenario))).toEqual(scenario);
    expect(rubrics).toContain(`${scenario.rubric}.yaml`);
    expect(scenario.roles).toHaveLength(2);
    expect(scenario.personas?.length).toBeGreaterThan(1);
  }
});

async function shelf() {
  const rig = await callRig();
  const { id } = await rig.catalog.addRoom("Practice");
  const named: string[] = [];
  const scenarios = new Scenarios({
    catalog: rig.catalog,
    access: new Access(rig.catalog, rig.keys),
    shipped: folder,
    onRubric: async (_, name) => void named.push(name),
    onChosen: (roomId) => rig.signalling.plays.chosen(roomId),
  });
  const by = (role: "host" | "guest" | "observer" | "admin"): Credentials => ({
    key: role === "admin" ? rig.keys.admin : rig.keys.room(id, role, 1),
    token: null,
  });
  return { ...rig, id, scenarios, by, named };
}

test("the host and the admin choose and take along, guests and observers see no more than the outline", async () => {
  const { scenarios, id, by, named, close } = await shelf();
  const { items } = await scenarios.shipped(by("admin"), null);
  expect(JSON.stringify(items)).not.toMatch(/counselling centre|tissue sample|twenty cigarettes/);
  expect((await scenarios.shipped(by("host"), id)).items).toEqual(items);
  for (const role of ["guest", "observer"] as const) {
    await expect(scenarios.shipped(by(role), id)).rejects.toEqual(refused("not-allowed"));
    await expect(scenarios.choose(by(role), id, { shipped: "support-call" })).rejects.toEqual(refused("not-allowed"));
    await expect(scenarios.remove(by(role), id)).rejects.toEqual(refused("not-allowed"));
    await expect(scenarios.yaml(by(role), id)).rejects.toEqual(refused("not-allowed"));
  }
  await expect(scenarios.shipped(by("host"), null)).rejects.toEqual(refused("not-allowed"));
  expect(await scenarios.look(by("guest"), id)).toEqual({ scenario: null });
  const { scenario } = await scenarios.choose(by("host"), id, { shipped: "support-call" });
  expect(named).toEqual(["support-call"]);
  expect(await scenarios.look(by("guest"), id)).toEqual({ scenario });
  expect(JSON.stringify(scenario)).not.toMatch(/Router replaced|two weeks|leaving/);
  expect(scenarioFrom((await scenarios.yaml(by("host"), id)).text)).toEqual(await scenarios.read({ shipped: "support-call" }));
  await expect(scenarios.choose(by("host"), id, { yaml: "title: [" })).rejects.toEqual(refused("bad-request"));
  await expect(scenarios.choose(by("host"), id, { shipped: "nothing" })).rejects.toEqual(refused("not-found"));
  expect(await scenarios.look(by("guest"), id)).toEqual({ scenario });
  await scenarios.remove(by("admin"), id);
  expect(await scenarios.look(by("guest"), id)).toEqual({ scenario: null });
  await close();
});

test("while the room records its scenario stays", async () => {
  const { scenarios, id, by, recordings, close } = await shelf();
  await scenarios.choose(by("host"), id, { yaml: honest });
  const { id: recording } = await recordings.start(id);
  await expect(scenarios.choose(by("host"), id, { shipped: "support-call" })).rejects.toEqual(refused("already-recording"));
  await expect(scenarios.remove(by("host"), id)).rejects.toEqual(refused("already-recording"));
  await recordings.stop(recording);
  expect((await scenarios.choose(by("host"), id, { shipped: "support-call" })).scenario?.title).toBe("Support call");
  await close();
});
