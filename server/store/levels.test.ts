import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendLevels, levelsFile, readLevels } from "./levels.ts";

const fresh = () => mkdtempSync(join(tmpdir(), "doubletake-levels-"));

test("levels are found again by segment, and a line that was torn is left out", async () => {
  const folder = fresh();
  await appendLevels(folder, [{ segment: "a", fromMediaMs: 0, levels: [127, 30, 0] }]);
  appendFileSync(join(folder, levelsFile), '\n[{"segment":"a","fromMe');
  await appendLevels(folder, [
    { segment: "a", fromMediaMs: 30, levels: [31] },
    { segment: "b", fromMediaMs: 5.5, levels: [] },
  ]);
  expect(Object.fromEntries(await readLevels(folder))).toEqual({
    a: [
      { segment: "a", fromMediaMs: 0, levels: [127, 30, 0] },
      { segment: "a", fromMediaMs: 30, levels: [31] },
    ],
    b: [{ segment: "b", fromMediaMs: 5.5, levels: [] }],
  });
});

test("a window composed again is measured once", async () => {
  const folder = fresh();
  await appendLevels(folder, [{ segment: "a", fromMediaMs: 0, levels: [40, 40] }]);
  await appendLevels(folder, [{ segment: "a", fromMediaMs: 0, levels: [50, 51] }]);
  expect((await readLevels(folder)).get("a")).toEqual([{ segment: "a", fromMediaMs: 0, levels: [50, 51] }]);
});

test("nothing measured is nothing found", async () => {
  expect((await readLevels(fresh())).size).toBe(0);
});
