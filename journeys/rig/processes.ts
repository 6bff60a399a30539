// A program's processes and threads, from /proc. Linux only.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";

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

/** What a file of /proc says; "" when the process or thread ended in between. */
export function read(path: string): string {
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

/** Of Firefox: what asks its media graph for sound, and the graph; of Chromium: what stands for a microphone and for a camera; of Pulse: what stands for a
 * sound card, and who serves it. */
const mediaThreads = /^(AudioIP~|GraphRunner|FakeAudio|null-sink|pulseaudio|threaded-ml|CaptureThread)/;
/** Of Chromium: what hands packets to the network and takes them from it, and who paces, sorts and times them. */
const packetThreads = /^(Chrome_IOThread|Chrome_ChildIOT|WebRTC_)/;
function threadsOfAll(program: number, named: RegExp): number[] {
  return [program, ...descendantsOf(program)].flatMap((pid) =>
    threadsOf(pid).filter((thread) => named.test(read(`/proc/${pid}/task/${thread}/comm`))),
  );
}

/** Threads begin when a page opens its microphone. */
const lookMs = 500;
/** What rtkit gives at most on a desktop is 20; Pulse takes 5. */
const realtime = "10";

/** Of nice: only when nobody else has anything to do. */
const last = 19;

interface InTurn {
  browsers: readonly number[];
  server: number | undefined;
  /** Packets, too, wait for nobody, from Chromium to Chromium through this program: whoever times them (WebRTC) takes a busy core for a busy network. */
  carrier?: number | undefined;
}

/** From now on cameras, microphones and what carries sound come before everything else, and what the server composes after it. That is how it is where
 * everybody has a machine of their own: devices wait for nobody, rtkit gives a desktop's sound the right to come first (Windows and macOS have the like;
 * Chromium takes it where it may, Firefox only asks), and no browser waits for a film. Here two cores do the work of all, and a graph that is not served in
 * time loses that time: the rig's want, not the browser's. Needs the right to promote threads (root); without it all stays as it was. */
export function inTurn({ browsers, server, carrier }: InTurn): { close(): void } {
  const ofMedia = () => browsers.flatMap((program) => threadsOfAll(program, mediaThreads));
  const ofPackets = () =>
    carrier === undefined ? [] : [...threadsOf(carrier), ...browsers.flatMap((program) => threadsOfAll(program, packetThreads))];
  const seen = new Set<number>();
  const fresh = (threads: number[]) => threads.filter((thread) => !seen.has(thread) && seen.add(thread));
  const look = () => {
    // A thread that ended meanwhile or may not be promoted stays what it is.
    for (const thread of fresh([...ofMedia(), ...ofPackets()]))
      execFile("chrt", ["--rr", "--reset-on-fork", "--pid", realtime, String(thread)], () => undefined);
    for (const thread of fresh(descendantsOf(server).flatMap(threadsOf))) demote(thread);
  };
  look();
  const timer = setInterval(look, lookMs);
  return { close: () => clearInterval(timer) };
}

function demote(thread: number): void {
  try {
    setPriority(thread, last);
  } catch {
    // It ended meanwhile.
  }
}
