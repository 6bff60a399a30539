// `npm run fuzz:media -- --seed N --count M`: every file made by hand and M mutations of good recordings; what fails says how to see it again.
// Also --from K for the first mutation's number, --handmade 0 to leave those out, --trace to watch the composing process by strace.
import { parseArgs } from "node:util";
import { Fences } from "../../server/compose/fence.ts";
import { program } from "../../server/compose/program.ts";
import { fuzz } from "./fuzz.ts";
import { Gauntlet } from "./gauntlet.ts";
import { canTrace, escapes, traced } from "./strace.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "10000" },
    from: { type: "string", default: "0" },
    handmade: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  if (values.trace && !canTrace()) throw new Error("strace is missing: apt-get install strace");
  const gauntlet = new Gauntlet(values.trace ? traced(new Fences(program())) : undefined);
  const close = gauntlet.close.bind(gauntlet);
  if (values.trace)
    gauntlet.close = async () => {
      const found = escapes(gauntlet.folder, program().needs);
      await close();
      if (found.length > 0) throw new Error(`it got out:\n${found.slice(0, 20).join("\n")}`);
      say("nothing but its recording was opened, and no socket made");
    };
  const slice = { seed: Number(values.seed), from: Number(values.from), count: Number(values.count), every: Number(values.handmade) };
  say(JSON.stringify(await fuzz(slice, say, gauntlet)));
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
