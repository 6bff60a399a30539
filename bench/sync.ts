// How well everybody's pictures and sounds lie beside one another, against a truth that the product does not know: real browsers whose cameras show
// the true time and whose microphones beep on it. `npm run bench:sync -- --help` tells what can be asked for.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import build from "../journeys/rig/build.ts";
import { Duet } from "../journeys/rig/duet.ts";
import { makeReel, type Reel } from "../journeys/rig/reel.ts";
import { Stage } from "../journeys/rig/stage.ts";
import { keep, replay } from "./sync/kept.ts";
import { longRecording } from "./sync/long.ts";
import { type Plan, pairs, planOf, type Scene } from "./sync/plan.ts";
import { markdown, type Row, spoken, summary } from "./sync/report.ts";
import { rigErrors } from "./sync/rig.ts";

/** A take that failed is tried again so often in a scene, from new browsers. */
const secondTries = 2;
/** A scene that is late has at least so many takes all the same. */
const takesMin = 2;

export async function sync(args: string[]): Promise<void> {
  if (args[0] === "--long") return await longRecording(Number(args[1] ?? 60));
  if (args[0] === "--replay" && args[1]) return await replay(args[1]);
  const plan = planOf(args);
  build();
  const startedMs = performance.now();
  console.log(await rigErrors());
  const rows: Row[] = [];
  const reels: Reel[] = [];
  try {
    if (plan.scenes.some(({ camera, pair }) => camera === "file" && pair !== "ff"))
      for (const number of [1, 2]) reels.push(await makeReel(number, plan.size.width, plan.size.height));
    const total = plan.scenes.reduce((sum, { takes }) => sum + takes, 0);
    let planned = 0;
    for (const [index, scene] of plan.scenes.entries()) {
      planned += scene.takes;
      const dueMs = startedMs + (plan.budgetMs * planned) / total;
      console.log(`\n${pairs[scene.pair].says}, ${scene.condition.says}, camera from a ${scene.camera}:`);
      const row = await play(scene, { seed: plan.seed + index, dueMs, reels, keepIn: plan.keep, filmed: plan.filmed, size: plan.size });
      rows.push(row);
      // All of it each time: who stops the bench has what was measured so far.
      if (plan.out) writeFileSync(plan.out, `${markdown(rows)}\n`);
    }
  } finally {
    for (const reel of reels) reel.close();
  }
  console.log(`\n${markdown(rows)}\n\n${summary(rows)}\n${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes`);
}

interface Stagehand {
  seed: number;
  /** When the next scene should begin. */
  dueMs: number;
  reels: readonly Reel[];
  keepIn: string | null;
  filmed: boolean;
  size: Plan["size"];
}

/** What a scene could not do is said, and it goes on from new browsers. */
async function play(scene: Scene, { seed, dueMs, reels, keepIn, filmed, size }: Stagehand): Promise<Row> {
  const row: Row = { scene, takes: [], load: 0 };
  const random = randomOf(seed);
  const loads: number[] = [];
  let count = 0;
  for (let tries = 0; count < scene.takes && tries <= secondTries; tries++) {
    const from = row.takes.length;
    let stage: Stage | null = null;
    let duet: Duet | null = null;
    try {
      const { options, stepMs } = scene.condition;
      stage = await Stage.share(options.weather ? { DOUBLETAKE_HOST: "0.0.0.0" } : {});
      duet = await Duet.open(stage, { kinds: pairs[scene.pair].kinds, camera: scene.camera, reels, size, ...options });
      for (let step = 1; count < scene.takes && (count < takesMin || performance.now() < dueMs); step++) {
        const joinMs = count % 2 === 0 ? null : Math.round(random() * 3000);
        count++;
        const take = await duet.take({ durationMs: scene.durationMs, joinMs, filmed, ...(stepMs ? { stepMs: stepMs * step } : {}) });
        row.takes.push(take);
        loads.push(loadavg()[0] ?? 0);
        console.log(`  ${count}. ${joinMs === null ? "" : `Ben joins after ${joinMs} ms; `}${spoken(take)}`);
      }
      if (count < scene.takes) console.log(`  ${scene.takes - count} takes left out: the time is up`);
      count = scene.takes;
    } catch (error) {
      console.error(`  take ${count} broke off: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`);
    } finally {
      row.load = loads.reduce((sum, load) => sum + load, 0) / Math.max(1, loads.length);
      if (keepIn && stage) keep(keepIn, stage.server.dataFolder, { ...row, takes: row.takes.slice(from) });
      await stage?.close();
      await duet?.close();
    }
  }
  return row;
}

/** Numerical Recipes' generator: the same joins for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
