// `npm run chaos -- --seed N --minutes M`: rounds of random faults until the time is up, each with the seed after the last one's.
// Also --rounds K instead of --minutes, --faults 36,45 to choose, --storm 500 for fault 32 alone (with --bytes 20000: so many a second from
// each), --outage 600 for ten minutes without a network between real browsers and the server, --power 45 for a power cut at a participant's.
import { parseArgs } from "node:util";
import build from "../rig/build.ts";
import { faults, leftOut } from "./faults.ts";
import { outage } from "./outage.ts";
import { power } from "./power.ts";
import { round } from "./round.ts";
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
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  // The uploaders of drones tell of every break; here breaks are the point.
  console.error = () => undefined;
  console.warn = () => undefined;
  build();
  if (values.power) return say(JSON.stringify(await power(Number(values.power))));
  if (values.outage) return say(JSON.stringify(await outage(Number(values.outage))));
  if (values.storm) return say(JSON.stringify(await storm(Number(values.storm), values.bytes ? Number(values.bytes) : undefined)));
  const numbers = values.faults?.split(",").map(Number) ?? null;
  for (const number of numbers ?? []) if (!faults.some((fault) => fault.number === number)) throw new Error(`chaos: no fault ${number}`);
  for (const { number, what } of leftOut) say(`without root, fault ${number} is left out: ${what}`);
  const until = performance.now() + Number(values.minutes) * 60_000;
  let rounds = 0;
  for (let seed = Number(values.seed); ; seed++) {
    say(`round ${rounds + 1}, seed ${seed}`);
    const { durationMs, tracks } = await round(seed, numbers, say);
    say(`  ready: ${Math.round(durationMs / 1000)} s, ${tracks} tracks, every invariant held`);
    rounds++;
    if (values.rounds ? rounds >= Number(values.rounds) : performance.now() > until) break;
  }
  say(`${rounds} rounds, no invariant broken`);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
