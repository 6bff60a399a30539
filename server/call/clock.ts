// The server's clock: monotonic, untouched by wall-clock steps, and (where the kernel has a boot id) the same over a restart of this program.
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** Milliseconds, fractional, from an arbitrary zero named by `epoch`. */
export function serverMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Names the zero of `serverMs`: hrtime is CLOCK_MONOTONIC on Linux, which counts from boot; elsewhere only this process knows it. */
export const epoch: string = createHash("sha256").update(bootId()).digest("hex").slice(0, 16);

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}
