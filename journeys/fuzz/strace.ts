// A look at a composing process from outside: which files it opened and which sockets it made while hostile media went through it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fences, writable } from "../../server/compose/fence.ts";

const strace = "/usr/bin/strace";
const calls =
  "open,openat,openat2,creat,socket,connect,bind,execve,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat";

export const canTrace = (): boolean => existsSync(strace);

/** The same fences, with somebody who writes down what goes through them. */
export function traced(around: Fences): Fences {
  const behind = around.behind.bind(around);
  around.behind = (folder, program) => {
    const argv = behind(folder, program);
    const at = argv.lastIndexOf(process.execPath);
    return [...argv.slice(0, at), strace, "-f", "-qq", "-e", `trace=${calls}`, "-o", traceFile(folder), "--", ...argv.slice(at)];
  };
  return around;
}

const traceFile = (folder: string) => join(folder, writable, "trace");

/** What it may open: the recording, what it needs to run, and what every program of this system reads. */
export function escapes(folder: string, needs: readonly (readonly [string, string])[]): string[] {
  const own = [
    folder,
    ...needs.flat(),
    "/usr/",
    "/lib",
    "/etc/ld.so.cache",
    "/proc/self/",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/sys/",
    "/sys/",
    "/dev/null",
    "/dev/urandom",
  ];
  const lines = readFileSync(traceFile(folder), "utf8").split("\n");
  let programs = 0;
  return lines.filter((line) => {
    const [, call = "", rest = ""] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    if (call === "" || / = -1 E/.test(line)) return false;
    if (call === "execve") return ++programs > 1;
    if (["socket", "connect", "bind"].includes(call)) return true;
    const path = /"([^"]*)"/.exec(rest)?.[1] ?? "";
    return path.startsWith("/") ? !own.some((start) => path.startsWith(start)) : !/^(AT_FDCWD, )?"/.test(rest);
  });
}
