// `npm run bench -- <name> [arguments]`: measurements, each beside the bare thing it is compared with.
import { back } from "./back.ts";
import { behind } from "./behind.ts";
import { calibrate } from "./calibrate.ts";
import { comments } from "./comments.ts";
import { compose } from "./compose.ts";
import { ingest } from "./ingest.ts";
import { join } from "./join.ts";
import { kill } from "./kill.ts";
import { long } from "./long.ts";
import { manners } from "./manners.ts";
import { mesh } from "./mesh.ts";
import { ready } from "./ready.ts";
import { sync } from "./sync.ts";
import { webcodecs } from "./webcodecs.ts";

const benches: Record<string, (args: string[]) => Promise<void>> = {
  back,
  behind,
  calibrate,
  comments,
  ready,
  compose,
  ingest,
  join,
  kill,
  long,
  manners,
  mesh,
  sync,
  webcodecs,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`There is no bench “${name}”. There are: ${Object.keys(benches).join(", ")}.`);
  process.exit(1);
}
await bench(args);
