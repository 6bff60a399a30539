import { expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (slot: string) => kept.get(slot) ?? null,
  setItem: (slot: string, text: string) => void kept.set(slot, text),
});
const { Who, peopleOn } = await import("./who.ts");
const { signal } = await import("@preact/signals");

const people = (...names: string[]) => signal(names.map((name, index) => ({ id: `par_${index}`, name })));
const said = async (who: InstanceType<typeof Who>) => {
  const all: unknown[] = [];
  await who.say(async (...one) => all.push(one));
  return all;
};

test("whoever is remembered by the name of one on the film is shown as that one, and sent as that one", async () => {
  const who = new Who(people("Asha", "Ben"), "Ben");
  expect(who.shown.value).toBe("par_1");
  expect(await said(who)).toEqual([["Ben", "par_1"]]);
});

test("whoever says that they are not on the film is not, whatever they are called", async () => {
  const who = new Who(people("Asha", "Ben"), "Ben");
  who.self.value = "";
  expect(await said(who)).toEqual([["Ben", null]]);
});

test("nobody is guessed from a name that two have, or that was first typed here", async () => {
  expect(new Who(people("Ben", "Ben"), "Ben").shown.value).toBe("");
  const stranger = new Who(people("Asha", "Ben"), "");
  stranger.author.value = " Ben ";
  expect(await said(stranger)).toEqual([["Ben", null]]);
  expect(stranger.shown.value).toBe("");
});

test("without a name nothing is said", async () => {
  expect(await said(new Who(people("Asha"), " "))).toEqual([]);
});

test("somebody with a camera and a screen is one person", () => {
  const participant = { id: "par_1", name: "Asha" };
  const tracks = [{ participant }, { participant }, { participant: { id: "par_2", name: "Asha" } }];
  expect(peopleOn({ tracks } as never)).toEqual([participant, { id: "par_2", name: "Asha" }]);
});
