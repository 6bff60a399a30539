// A slice of `npm run fuzz:media`: hostile files through what looks at uploads, and through a real composing process behind its fences.
import { expect, test } from "vitest";
import { Fences } from "../server/compose/fence.ts";
import { program } from "../server/compose/program.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { Gauntlet } from "./fuzz/gauntlet.ts";
import { handmade } from "./fuzz/handmade.ts";
import { canTrace, escapes, traced } from "./fuzz/strace.ts";

test("there are more than two hundred hostile files made by hand, each with a name of its own", () => {
  const names = handmade("/nowhere").map(({ name }) => name);
  expect(names.length).toBeGreaterThan(200);
  expect(new Set(names).size).toBe(names.length);
});

test("hostile files are refused or composed as far as they are good; nothing is opened, no socket made, and the neighbour's film stays the same", async () => {
  const gauntlet = new Gauntlet(canTrace() ? traced(new Fences(program())) : undefined);
  let got: string[] = [];
  const close = gauntlet.close.bind(gauntlet);
  gauntlet.close = async () => {
    if (canTrace()) got = escapes(gauntlet.folder, program().needs);
    await close();
  };
  const tally = await fuzz({ seed: 20_261_126, count: 96, every: 5 }, () => undefined, gauntlet);
  expect(got).toEqual([]);
  expect(tally.files).toBeGreaterThan(150);
  expect(tally.refused).toBeGreaterThan(20);
  expect(tally.composed).toBeGreaterThan(80);
  // Far below what it may have: nothing grows.
  expect(tally.composingMb).toBeLessThan(600);
});
