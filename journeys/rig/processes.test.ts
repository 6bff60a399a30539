// What comes first and what last on a machine that does everybody's work, seen in what the kernel says of the threads.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { place } from "./place.ts";
import { poll } from "./poll.ts";
import { descendantsOf, inTurn } from "./processes.ts";

const folder = place("processes");
const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) process.kill(pid, "SIGKILL");
});
afterAll(() => folder.close());

/** A program of this name, which sleeps, below another one. */
async function sleeping(name: string): Promise<{ parent: number; child: number }> {
  const file = join(folder.path, name);
  copyFileSync("/bin/sleep", file);
  const shell = spawn("/bin/sh", ["-c", `"${file}" 60 & echo $!; wait`], { stdio: ["ignore", "pipe", "ignore"] });
  const child = await new Promise<number>((resolve) => shell.stdout!.once("data", (text) => resolve(Number(text))));
  // The shell ends with it.
  started.push(child);
  await poll(() => readFileSync(`/proc/${child}/comm`, "utf8").startsWith(name), { what: "it has its name", limitMs: 10_000 });
  return { parent: shell.pid!, child };
}

/** proc(5): fields 19 and 41, counted from behind the name. */
function rankOf(pid: number): { nice: number; policy: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return { nice: Number(fields[16]), policy: Number(fields[38]) };
}
const roundRobin = 2;

test("what a program started is found, and what that started", async () => {
  const { parent, child } = await sleeping("asleep");
  expect(descendantsOf(parent)).toContain(child);
  expect(descendantsOf(process.pid)).toEqual(expect.arrayContaining([parent, child]));
  expect(descendantsOf(undefined)).toEqual([]);
});

test("threads that carry sound come first and what the server started last; others stay as they are", async () => {
  const [graph, page, composer] = [await sleeping("GraphRunner"), await sleeping("page"), await sleeping("composer")];
  const usual = rankOf(page.child);
  const order = inTurn({ browsers: [graph.parent, page.parent], server: composer.parent });
  try {
    await poll(() => rankOf(composer.child).nice === 19, { what: "what composes is last", limitMs: 10_000 });
    // Without the right to promote it stays as it was: nothing to be seen then.
    if (spawnSync("chrt", ["--rr", "10", "true"]).status === 0)
      await poll(() => rankOf(graph.child).policy === roundRobin, { what: "sound is first", limitMs: 10_000 });
    expect(rankOf(page.child)).toEqual(usual);
    expect(rankOf(composer.parent)).toEqual(usual);
  } finally {
    order.close();
  }
});

test("where a wire's carrier is named, packets come first too, on their way and in the browser; elsewhere they do not", async () => {
  const [carrier, network, other] = [await sleeping("carrier"), await sleeping("WebRTC_W_and_N"), await sleeping("page")];
  const usual = rankOf(other.child);
  const browsers = [network.parent, other.parent];
  const without = inTurn({ browsers, server: undefined });
  without.close();
  expect(rankOf(network.child)).toEqual(usual);
  const order = inTurn({ browsers, server: undefined, carrier: carrier.child });
  try {
    if (spawnSync("chrt", ["--rr", "10", "true"]).status === 0)
      for (const { child } of [carrier, network])
        await poll(() => rankOf(child).policy === roundRobin, { what: "packets are first", limitMs: 10_000 });
    expect(rankOf(other.child)).toEqual(usual);
  } finally {
    order.close();
  }
});
