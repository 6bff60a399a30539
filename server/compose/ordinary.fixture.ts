// SVT-AV1, the one AV1 encoder at hand, makes the thread that opens it a real-time one where it may (as root), and everything that thread starts
// afterwards: one test then stands before all else that the machine does. Promise: this process runs in its ordinary turn again.
import { spawnSync } from "node:child_process";

/** Linux with util-linux; elsewhere nothing is changed by the encoder either, or it cannot be changed back. */
export function ordinary(): void {
  if (process.platform === "linux") spawnSync("chrt", ["--all-tasks", "--other", "--pid", "0", String(process.pid)]);
}
