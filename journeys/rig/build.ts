// Before the first journey: the pages are built once, as `npm start` does, and the server into one file, because journeys start it a hundred times.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./place.ts";
import { buildProgramIn } from "./program.ts";

export default async function build(): Promise<void> {
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
  // Workers inherit it; `TestServer` starts what it names.
  process.env["JOURNEYS_PROGRAM"] = await buildProgramIn(join(root, "journeys/out/program"));
}
