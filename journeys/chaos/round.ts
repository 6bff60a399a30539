// One round of chaos: a recording, a fault of each kind (or those asked for) in the order of the seed, and after each the invariants.
// Promise: a failure says which fault it was and the command that does the very same again.
import { setTimeout as lasts } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { choose } from "./faults.ts";
import { Random } from "./random.ts";
import { World } from "./world.ts";

export interface Told {
  seed: number;
  faults: { number: number; what: string; strikeMs: number; recoveredMs: number }[];
  durationMs: number;
  tracks: number;
}

/** `numbers`: only these, once each. */
export async function round(seed: number, numbers: readonly number[] | null, say: (line: string) => void): Promise<Told> {
  const random = new Random(seed);
  const chosen = choose(random, numbers);
  let at = "before the first fault";
  const world = await World.open();
  try {
    await world.begin();
    const told: Told = { seed, faults: [], durationMs: 0, tracks: 0 };
    for (const fault of chosen) {
      at = `fault ${fault.number}, ${fault.what}`;
      await lasts(random.between(0, 2000));
      told.faults.push(await struck(world, fault, random));
      const { number, what, strikeMs, recoveredMs } = told.faults.at(-1)!;
      say(`  fault ${number}: ${what}: ${strikeMs} ms, then ${recoveredMs} ms until everybody's bytes were safe again`);
    }
    at = "after Stop";
    Object.assign(told, await world.end());
    return told;
  } catch (error) {
    const only = numbers ? ` --faults ${numbers.join(",")}` : "";
    const repeat = `npm run chaos -- --seed ${seed} --rounds 1${only}`;
    const seen = `  the tab: ${(await world.tab.seen()).slice(0, 500)}`;
    throw new Error(`chaos: ${at}: ${(error as Error).message}\n  again: ${repeat}\n${seen}\n${lastOf(world.server.log)}`, {
      cause: error,
    });
  } finally {
    await world.close();
  }
}

async function struck(world: World, fault: Fault, random: Random): Promise<Told["faults"][number]> {
  world.bystander?.silenceMs();
  world.pulse.longestMs();
  const from = performance.now();
  await fault.strike(world, random);
  const strikeMs = Math.round(performance.now() - from);
  const recoveredMs = fault.last === "end" ? 0 : Math.round(await world.recovers(`after fault ${fault.number}`));
  world.ackedIsThere();
  if (fault.kind !== "server" && fault.kind !== "people") world.bystanderIsWell();
  return { number: fault.number, what: fault.what, strikeMs, recoveredMs };
}

function lastOf(log: string): string {
  return log.split("\n").slice(-12).join("\n");
}
