// Before the first journey: the pages are built once, as `npm start` does.
import { execFileSync } from "node:child_process";
import { root } from "./place.ts";

export default function build(): void {
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
}
