// Before the first journey: everything is built once, as `npm start` does, and journeys start what was built, a hundred times.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./place.ts";

/** The file that Node is to run. */
export const program = join(root, "dist/main.mjs");

export default function build(): void {
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
  // Workers inherit it; `TestServer` starts what it names.
  process.env["JOURNEYS_PROGRAM"] = program;
}
