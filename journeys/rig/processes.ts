// A program's processes and threads, from /proc. Linux only.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** All that a program started, and what those started, by id; whichever of its threads started them. */
export function descendantsOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const children = threadsOf(pid).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number));
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** None when the process is gone. */
function threadsOf(pid: number): number[] {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).map(Number);
  } catch (error) {
    return gone(error, []);
  }
}

/** "" when the process or thread ended in between. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    return gone(error, "");
  }
}

function gone<T>(error: unknown, instead: T): T {
  if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return instead;
  throw error;
}

/** Of Firefox: what asks its media graph for sound, and the graph; of Chromium: what stands for a microphone; of Pulse: the sink. */
const soundThreads = /^(AudioIP~|GraphRunner|FakeAudio|null-sink|pulseaudio|threaded-ml)/;
function carrySound(program: number): number[] {
  return [program, ...descendantsOf(program)].flatMap((pid) =>
    threadsOf(pid).filter((thread) => soundThreads.test(read(`/proc/${pid}/task/${thread}/comm`))),
  );
}

/** Threads begin when a page opens its microphone. */
const lookMs = 500;
/** What rtkit gives at most on a desktop is 20; Pulse takes 5. */
const realtime = "10";

/** From now on sound comes first, as it does on a desktop, where rtkit gives the threads that carry it the right to (Windows and macOS have the like). Here
 * two cores do everybody's work, the server's and the rig's, and a graph that is not served in time loses that time: the rig's want, not the browser's.
 * Needs the right to promote threads (root); without it all stays as it was. */
export function soundFirst(programs: readonly number[]): { close(): void } {
  const promoted = new Set<number>();
  const look = () => {
    for (const thread of programs.flatMap(carrySound)) {
      if (promoted.has(thread)) continue;
      promoted.add(thread);
      // One that ended or may not be promoted stays what it is.
      execFile("chrt", ["--rr", "--reset-on-fork", "--pid", realtime, String(thread)], () => undefined);
    }
  };
  look();
  const timer = setInterval(look, lookMs);
  return { close: () => clearInterval(timer) };
}
