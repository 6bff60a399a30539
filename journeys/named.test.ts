// In Firefox the rig finds things by its own reading of the page, because Firefox's is dear. What it calls them is what a browser calls them.
import type { SerializedAXNode } from "puppeteer-core";
import { expect, test } from "vitest";
import { named, nativeRoles } from "./rig/named.ts";
import { Stage } from "./rig/stage.ts";

/** Chromium calls some things by other words than ARIA does. */
const roles: Record<string, string> = { img: "image", Disclosure: "group", DisclosureTriangle: "button" };

function* inTree({ role, name, children = [] }: SerializedAXNode): Iterable<[role: string, name: string]> {
  if (name) yield [roles[role] ?? role, name];
  for (const child of children) yield* inTree(child);
}

test("what has a role and a name in Chromium's accessibility tree is found by both, in the lobby and in the call", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Names");
  const asha = await stage.person(await stage.browser("chromium"), 1);
  const missed = async () => {
    const tree = await asha.page.accessibility.snapshot();
    if (!tree) throw new Error("Chromium told no tree");
    const known = [...inTree(tree)].filter(([role]) => nativeRoles.includes(role));
    expect(known.length).toBeGreaterThan(5);
    const found = await Promise.all(
      known.map(async ([role, name]) => ((await asha.page.$(named(role, name))) ? null : `${role} “${name}”`)),
    );
    return found.filter((each) => each !== null);
  };
  await asha.prepare(room.hostUrl, { name: "Asha" });
  await asha.sees("button", "Join");
  expect(await missed()).toEqual([]);
  await asha.enter({ name: "Asha" });
  await asha.sees("button", "Record");
  expect(await missed()).toEqual([]);
  expect(await asha.page.$(named("button", "Recor"))).toBeNull();
  expect(await asha.page.$(named("link", "Record"))).toBeNull();
});
