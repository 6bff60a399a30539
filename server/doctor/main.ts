// `npm run doctor`: looks at the machine with the settings the server would have, and says what works, what does not and what to do.
// Ends with 1 when Doubletake would not work like this, with 0 otherwise.
import { UserError } from "../../protocol/errors.ts";
import { type Config, readConfig } from "../config.ts";
import { address, captions, data, type Finding, ffmpeg, node, ports, relay } from "./trials.ts";

const signs = { ok: "✓", warn: "!", bad: "✗" };

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  const all: Finding[] = [];
  for (const [topic, look] of topics(config)) {
    console.log(`\n${topic}`);
    for (const finding of [await look()].flat()) {
      console.log(`  ${signs[finding.look]} ${finding.words}`);
      all.push(finding);
    }
  }
  const [bad, warned] = (["bad", "warn"] as const).map((look) => all.filter((finding) => finding.look === look).length);
  console.log(
    bad ? `\nDoubletake does not work like this: see ✗ above.\n` : warned ? "\nDoubletake works; see ! above.\n" : "\nAll is well.\n",
  );
  process.exitCode = bad ? 1 : 0;
}

function topics(config: Config): [string, () => Finding[] | Finding | Promise<Finding[] | Finding>][] {
  return [
    ["Program", async () => [node(), await ffmpeg(), ...(await captions(config))]],
    ["Data folder", () => data(config)],
    ["Ports", () => ports(config)],
    ["Address", () => address(config)],
    ["Relay", () => relay(config)],
  ];
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
});
