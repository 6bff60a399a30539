// How well everybody's pictures and sounds lie beside one another, against a truth that the product does not know: real browsers whose cameras show
// the true time and whose microphones beep on it. `npm run bench:sync -- --help` tells what can be asked for.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import build from "../journeys/rig/build.ts";
import { Duet } from "../journeys/rig/duet.ts";
import { Stage } from "../journeys/rig/stage.ts";
import { longRecording } from "./sync/long.ts";
import { pairs, planOf, type Scene } from "./sync/plan.ts";
import { markdown, type Row, spoken } from "./sync/report.ts";
import { rigErrors } from "./sync/rig.ts";

export async function sync(args: string[]): Promise<void> {
  if (args[0] === "--long") return await longRecording(Number(args[1] ?? 60));
  const plan = planOf(args);
  build();
  console.log(await rigErrors());
  const rows: Row[] = [];
  for (const [index, scene] of plan.scenes.entries()) {
    console.log(`\n${pairs[scene.pair].says}, ${scene.condition.says}, camera from a ${scene.camera}:`);
    const row = await play(scene, plan.seed + index);
    rows.push(row);
    // All of it each time: who stops the bench has what was measured so far.
    if (plan.out) writeFileSync(plan.out, `${markdown(rows)}\n`);
  }
  console.log(`\n${markdown(rows)}`);
}

/** What a scene could not do is said, and the others go on. */
async function play(scene: Scene, seed: number): Promise<Row> {
  const row: Row = { scene, takes: [], load: 0 };
  const random = randomOf(seed);
  const { options, stepMs } = scene.condition;
  const stage = await Stage.share(options.weather ? { DOUBLETAKE_HOST: "0.0.0.0" } : {});
  let duet: Duet | null = null;
  try {
    duet = await Duet.open(stage, { kinds: pairs[scene.pair].kinds, camera: scene.camera, ...options });
    for (let count = 0; count < scene.takes; count++) {
      const joinMs = count % 2 === 0 ? null : Math.round(random() * 3000);
      const take = await duet.take({ durationMs: scene.durationMs, joinMs, ...(stepMs ? { stepMs: stepMs * (count + 1) } : {}) });
      row.takes.push(take);
      console.log(`  ${count + 1}. ${joinMs === null ? "" : `Ben joins after ${joinMs} ms; `}${spoken(take)}`);
    }
  } catch (error) {
    console.error(`  broke off: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    row.load = loadavg()[0] ?? 0;
    await stage.close();
    await duet?.close();
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
