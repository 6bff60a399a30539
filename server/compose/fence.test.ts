import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bareEnvironment, Fences, limits, nodeFlags, writable } from "./fence.ts";
import { unfurnished } from "./jail.ts";
import { Death, fences, type Task, Worker } from "./worker.ts";

const timeout = 60_000;
const root = realpathSync(mkdtempSync(join(tmpdir(), "fence-test-")));
const folder = join(root, "mine");
const other = join(root, "other");
const code = join(root, "code");
let server: Server;
let connections = 0;

beforeAll(async () => {
  for (const path of [join(folder, writable), join(folder, "tracks"), join(other, writable), code]) mkdirSync(path, { recursive: true });
  for (const path of [folder, other]) writeFileSync(join(path, "secret"), "secret");
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

/** Runs native code behind the fences, where JavaScript's own fence means nothing. */
function native(script: string, around: Fences = fences()) {
  const [program, ...args] = around.behind(folder, ["/bin/sh", "-c", script]);
  const { stdout, stderr, status } = spawnSync(program!, args, { encoding: "utf8", env: bareEnvironment(), timeout: 30_000 });
  return { stdout: stdout.trim(), stderr: stderr.trim(), status };
}

/** Node as it composes, with other code; answers what that throws. */
function script(text: string, around: Fences = fences()): string {
  const flags = around.node(folder).slice(1, -1);
  const body = `try { ${text}; console.log("did it"); } catch (error) { console.log(error.code ?? error.message); }`;
  const [program, ...args] = around.behind(folder, [process.execPath, ...flags, "-e", `const r = require; ${body}`]);
  return spawnSync(program!, args, { encoding: "utf8", env: bareEnvironment(), timeout: 30_000 }).stdout.trim();
}

/** Whether this machine lets a program make namespaces; where it does not, that has to be said. */
function jailed(): boolean {
  const { told } = fences();
  expect(told.down.some((line) => line.startsWith("network, other files"))).toBe(!fences().jailed);
  return fences().jailed;
}

test("what is up and what is not is told in words", () => {
  const { up, down } = fences().told;
  expect([...up, ...down].join()).toMatch(/limits/);
  const without = new Fences({ file: "/x", needs: [] });
  without.giveUpJail("as a test wants it");
  expect(without.told.down).toContain("network, other files and processes are open to native code (as a test wants it)");
});

test("native code sees the files of its recording and of nothing else, and writes only where windows go", { timeout }, () => {
  expect(native(`cat ${folder}/secret`).stdout).toBe("secret");
  if (!jailed()) return;
  const seen = native(`ls ${root}; cat ${other}/secret /etc/passwd; ls /home /root /var /etc`);
  expect(seen.stdout.split("\n").filter(Boolean)).toEqual(["mine", "/etc:", "ld.so.cache"]);
  const places = [folder, `${folder}/tracks`, root, "/", "/tmp", "/usr", "/dev", "/proc", `${folder}/${writable}`];
  const wrote = native(`for at in ${places.join(" ")}; do touch $at/made 2>/dev/null && echo $at; done`);
  expect(wrote.stdout).toBe(`${folder}/${writable}`);
});

test("native code reaches no network, no process but its own, and can make no further namespaces", { timeout }, () => {
  const port = (server.address() as { port: number }).port;
  const connect = `require("net").connect(${port}, "127.0.0.1").on("error", (e) => console.log(e.code)).on("connect", () => console.log("connected"))`;
  const [program, ...args] = fences().behind(folder, [process.execPath, "-e", connect]);
  const { stdout } = spawnSync(program!, args, { encoding: "utf8", env: bareEnvironment() });
  if (!jailed()) return;
  expect(stdout.trim()).toMatch(/ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL/);
  expect(connections).toBe(0);
  const { stdout: did } = native(
    `kill -0 ${process.pid} && echo reached; unshare --user true && echo nested; grep CapEff /proc/self/status`,
  );
  expect(did).toBe("CapEff:\t0000000000000000");
});

test("processes, memory, processor time, open files and file sizes have limits", { timeout }, () => {
  const told = native("ulimit -Ht; ulimit -Hn; ulimit -Hc; ulimit -Hf; ulimit -Hd").stdout.split("\n").map(Number);
  expect(told).toEqual([limits.processorSeconds, limits.openFiles, 0, limits.fileBytes / 512, limits.memoryBytes / 1024]);
  const large = native(`truncate -s ${limits.fileBytes + 1} ${folder}/${writable}/large && echo made`);
  expect(large.stdout).toBe("");
  const [program, ...args] = fences().behind(folder, [
    process.execPath,
    "-e",
    "const kept = []; for (let i = 0; i < 64; i++) kept.push(Buffer.allocUnsafeSlow(64 * 2 ** 20)); console.log('has it')",
  ]);
  const hungry = spawnSync(program!, args, { encoding: "utf8", env: bareEnvironment() });
  expect(hungry.stdout).toBe("");
  if (!jailed()) return;
  const many = native("i=0; while [ $i -lt 600 ]; do sleep 5 & i=$((i+1)); done; echo all");
  expect(many.stdout).not.toContain("all");
});

test("JavaScript opens no other files, programs or threads, with and without namespaces", { timeout }, () => {
  const without = new Fences({ file: join(code, "child.mjs"), needs: [] });
  without.giveUpJail("as a test wants it");
  for (const around of [fences(), without]) {
    const denied = /ERR_ACCESS_DENIED|ENOENT|EROFS/;
    expect(script(`r("fs").readFileSync("${folder}/secret")`, around)).toBe("did it");
    expect(script(`r("fs").writeFileSync("${folder}/${writable}/w", "x")`, around)).toBe("did it");
    expect(script(`r("fs").readFileSync("/etc/passwd")`, around)).toMatch(denied);
    expect(script(`r("fs").readFileSync("${other}/secret")`, around)).toMatch(denied);
    expect(script(`r("fs").writeFileSync("${folder}/tracks/w", "x")`, around)).toMatch(denied);
    expect(script(`r("child_process").spawnSync("/bin/true")`, around)).toMatch(denied);
    expect(script(`new (r("worker_threads").Worker)("1", { eval: true })`, around)).toMatch(denied);
  }
});

test("Node's fence has another name since 23.5", () => {
  const flag = (version: string) => nodeFlags(folder, { file: "/x", needs: [] }, version)[0];
  expect([flag("20.19.0"), flag("23.4.0"), flag("23.5.0"), flag("24.0.0")]).toEqual([
    "--experimental-permission",
    "--experimental-permission",
    "--permission",
    "--permission",
  ]);
});

/** A composing process that has been taken over: does this when an order comes. */
function taken(does: string): Fences {
  const file = join(code, "taken.mjs");
  writeFileSync(file, `import { writeFileSync } from "node:fs";\nprocess.on("message", (order) => { ${does} });\n`);
  return new Fences({ file, needs: [[code, code]] });
}

const task: Task = { type: "finish", folder, windows: "windows/x", files: [], head: "head" };
const options = { log: pino({ level: "silent" }), deadlineMs: 4000, idleMs: 60_000 };

test("a process that spins for ever is ended at its deadline, and one that eats memory ends by itself", { timeout }, async () => {
  const file = join(folder, writable, "began");
  const spinning = new Worker({ ...options, fences: taken(`writeFileSync("${file}", "x"); for (;;);`) });
  const dying = spinning.send(task);
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 20_000, interval: 20 });
  await expect(dying).rejects.toThrow("no report within 4000 ms");
  expect(spinning.pid).toBeNull();
  const eating = new Worker({
    ...options,
    deadlineMs: 30_000,
    fences: taken("const all = []; for (;;) all.push(Buffer.allocUnsafeSlow(2 ** 26));"),
  });
  await expect(eating.send(task)).rejects.toBeInstanceOf(Death);
  await Promise.all([spinning.close(), eating.close()]);
});

test("a process ends with the server, also in the middle of an endless loop", { timeout }, async () => {
  const began = join(folder, writable, "orphan");
  const [program, ...args] = taken("").behind(folder, [process.execPath, "-e", `require("fs").writeFileSync("${began}", "x"); for (;;);`]);
  // Stands for the server: starts it, and is killed.
  const parent = `const { spawn } = require("child_process"); const child = spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}, { detached: true, stdio: "ignore" }); require("fs").writeFileSync("${began}.pid", String(child.pid)); setTimeout(() => {}, 60000)`;
  const standIn = spawn(process.execPath, ["-e", parent], { stdio: "ignore" });
  await vi.waitFor(() => expect(existsSync(began)).toBe(true), { timeout: 20_000, interval: 20 });
  const group = Number(readFileSync(`${began}.pid`, "utf8"));
  standIn.kill("SIGKILL");
  await vi.waitFor(() => expect(() => process.kill(-group, 0)).toThrow("ESRCH"), { timeout: 20_000, interval: 50 });
});

test("where a namespace cannot be furnished after all, it is said, and composing goes on without", { timeout }, async () => {
  const around = taken(`process.send({ type: "done", id: order.id, bytes: 0, missing: [], cpuMs: 0, decoded: 0 })`);
  if (!around.jailed) return expect(around.told.down.length).toBeGreaterThan(0);
  const warned: unknown[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void warned.push(JSON.parse(line)) });
  const behind = around.behind.bind(around);
  around.behind = (at) => (around.jailed ? ["/bin/sh", "-c", `exit ${unfurnished}`] : behind(at));
  const worker = new Worker({ ...options, log, deadlineMs: 30_000, fences: around });
  await expect(worker.send(task)).rejects.toBeInstanceOf(Death);
  expect(around.jailed).toBe(false);
  expect(warned).toMatchObject([{ msg: "composing with fewer fences than before" }]);
  expect((await worker.send(task)).bytes).toBe(0);
  await worker.close();
});
