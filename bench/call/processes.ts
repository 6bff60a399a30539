// What a program and everything it started take of the machine: processor time and memory, from /proc. Linux only.
import { descendantsOf, read } from "../../journeys/rig/processes.ts";

/** Of the processor's clock in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor seconds of a program and all that it started, since they began; those of children that ended included. */
export function processorSecondsOf(pid: number | undefined): number {
  const ticks = [...(pid === undefined ? [] : [pid]), ...descendantsOf(pid)].flatMap((each) =>
    read(`/proc/${each}/stat`)
      .replace(/^.*\) /, "")
      .split(" ")
      .slice(11, 15)
      .map(Number),
  );
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

/** Memory of one process that is nobody else's to give back (RssAnon), bytes; 0 when it is gone. */
export function ownMemoryOf(pid: number | undefined): number {
  const [, kilobytes = "0"] = /RssAnon:\s+(\d+)/.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) * 1024;
}
