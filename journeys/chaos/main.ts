// `npm run chaos -- --seed N --minutes M`: rounds of random faults until the time is up, each with the seed after the last one's.
// Also --rounds K instead of --minutes, --faults 36,45 to choose, --storm 500 for fault 32 alone (with --bytes 20000: so many a second from
// each), --outage 600 for ten minutes without a network between real browsers and the server, --power 45 for a power cut at a participant's,
// --hidden 30 for half an hour in a tab that nobody looks at, --slow 150 for so many seconds in which composing is slower than the call. A round that fails is told with the command that repeats it, and the next one begins.
import { parseArgs } from "node:util";
import build from "../rig/build.ts";
import { faults, leftOut } from "./faults.ts";
import { hidden } from "./hidden.ts";
import { outage } from "./outage.ts";
import { patience } from "./patience.ts";
import { power } from "./power.ts";
import { round, type Told } from "./round.ts";
import { slow } from "./slow.ts";
import { storm } from "./storm.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    minutes: { type: "string", default: "5" },
    rounds: { type: "string" },
    faults: { type: "string" },
    storm: { type: "string" },
    bytes: { type: "string" },
    outage: { type: "string" },
    power: { type: "string" },
    hidden: { type: "string" },
    slow: { type: "string" },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  // The uploaders of drones tell of every break; here breaks are the point.
  console.error = () => undefined;
  console.warn = () => undefined;
  await build();
  if (values.power) return say(JSON.stringify(await power(Number(values.power))));
  if (values.hidden) return say(JSON.stringify(await hidden(Number(values.hidden), say)));
  if (values.slow) return say(JSON.stringify(await slow(Number(values.slow), say)));
  if (values.outage) return say(JSON.stringify(await outage(Number(values.outage))));
  if (values.storm) return say(JSON.stringify(await storm(Number(values.storm), values.bytes ? Number(values.bytes) : undefined)));
  const numbers = values.faults?.split(",").map(Number) ?? null;
  for (const number of numbers ?? []) if (!faults.some((fault) => fault.number === number)) throw new Error(`chaos: no fault ${number}`);
  for (const { number, what } of leftOut) say(`without root, fault ${number} is left out: ${what}`);
  const until = performance.now() + Number(values.minutes) * 60_000;
  const held: Told[] = [];
  const failed: { seed: number; error: Error }[] = [];
  for (let seed = Number(values.seed); ; seed++) {
    const rounds = held.length + failed.length;
    if (rounds > 0 && (values.rounds ? rounds >= Number(values.rounds) : performance.now() > until)) break;
    const clock = new Date().toTimeString().slice(0, 8);
    say(`round ${rounds + 1}, seed ${seed}, ${clock}, ${patience().toFixed(1)} processes want each core`);
    try {
      const told = await round(seed, numbers, say);
      held.push(told);
      say(`  ready: ${Math.round(told.durationMs / 1000)} s, ${told.tracks} tracks, every invariant held`);
    } catch (error) {
      failed.push({ seed, error: error as Error });
      say((error as Error).message);
    }
  }
  for (const line of summary(held, failed)) say(line);
  if (failed.length > 0) throw new Error(`${failed.length} of ${held.length + failed.length} rounds failed`);
}

/** By fault: how often, and how long until everybody's bytes were safe again. */
function summary(held: readonly Told[], failed: readonly { seed: number; error: Error }[]): string[] {
  const rows = new Map<string, { number: number; ms: number[] }>();
  for (const { number, what, recoveredMs } of held.flatMap(({ faults }) => faults)) {
    const row = rows.get(what) ?? { number, ms: [] };
    row.ms.push(recoveredMs);
    rows.set(what, row);
  }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    "",
    `${held.length} rounds held, ${failed.length} failed`,
    ...[...rows]
      .toSorted(([, a], [, b]) => a.number - b.number)
      .map(
        ([what, { number, ms }]) =>
          `  fault ${number}: ${ms.length} ×, safe again after ${seconds(Math.min(...ms))} to ${seconds(Math.max(...ms))}: ${what}`,
      ),
    ...failed.map(({ seed, error }) => `  FAILED seed ${seed}: ${error.message.split("\n")[0]}`),
  ];
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
