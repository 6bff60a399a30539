import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import type { Fences } from "./fence.ts";
import { red, segmentOf, timelineWith, webmOf } from "./footage.fixture.ts";
import { windowOf } from "./window.ts";
import { Death, Failure, NotStarted, type Task, Worker } from "./worker.ts";

const folder = mkdtempSync(join(tmpdir(), "worker-"));
const bytes = webmOf({ seconds: 4, colour: () => red });
writeFileSync(join(folder, "a.webm"), bytes);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const canvas = { width: 320, height: 180 };
const job = windowOf(timelineWith(3200, { Ann: [segmentOf("a.webm", bytes.length, 0, 3200)] }), canvas, 0)!;
const task: Task = { type: "render", folder, windows: "windows", file: "0.m4s", canvas, job };
const options = { log: pino({ level: "silent" }), deadlineMs: 30_000, idleMs: 60_000 };

test("a process that is killed in the middle is a death, and the next order starts another one", { timeout: 60_000 }, async () => {
  const worker = new Worker(options);
  const dying = worker.send(task);
  const pid = worker.pid!;
  process.kill(pid, "SIGKILL");
  await expect(dying).rejects.toBeInstanceOf(Death);
  const done = await worker.send(task);
  expect(done.missing).toEqual([]);
  expect(done.bytes).toBeGreaterThan(1000);
  expect(worker.pid).not.toBe(pid);
  await worker.close();
  await worker.close();
  expect(worker.pid).toBeNull();
});

test("a process that does not answer in time is ended", { timeout: 60_000 }, async () => {
  const worker = new Worker({ ...options, deadlineMs: 1 });
  await expect(worker.send(task)).rejects.toThrow("no report within 1 ms");
  expect(worker.pid).toBeNull();
  await worker.close();
});

test("an order that makes no sense is refused by the process, which then ends", { timeout: 60_000 }, async () => {
  const worker = new Worker(options);
  const outside = { ...task, job: { ...job, sources: job.sources.map((source) => ({ ...source, file: "../../etc/passwd" })) } };
  await expect(worker.send(outside)).rejects.toThrow(/ended code=1/);
  await worker.close();
});

test("a missing file is a failure with the system's code", { timeout: 60_000 }, async () => {
  const worker = new Worker(options);
  const missing = { ...task, job: { ...job, sources: job.sources.map((source) => ({ ...source, file: "b.webm" })) } };
  const failure = await worker.send(missing).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).code).toBe("ENOENT");
  await worker.close();
});

test("a process that cannot be started is a failure at once, also when it was to be kept warm, and the next order tries again", {
  timeout: 60_000,
}, async () => {
  const worker = new Worker(options);
  const { execPath } = process;
  process.execPath = join(folder, "no-such-program");
  try {
    await expect(worker.send(task)).rejects.toThrow("ENOENT");
    worker.warm(folder);
    expect(worker.pid).toBeNull();
    await new Promise((resolve) => setImmediate(resolve));
    await worker.close();
    worker.warm(folder);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.execPath = execPath;
  }
  expect((await worker.send(task)).missing).toEqual([]);
  await worker.close();
});

test("what keeps a process from starting is told with the system's code, at once and afterwards, and is nobody's death", async () => {
  const refused = async (behind: () => string[]) => {
    const worker = new Worker({ ...options, fences: { behind } as unknown as Fences });
    const error = await worker.send(task).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(NotStarted);
    expect(worker.pid).toBeNull();
    await worker.close();
    return (error as NotStarted).code;
  };
  const full = () => {
    throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
  };
  expect(await refused(full)).toBe("EMFILE");
  // No program: the system says so once it is asked to run it.
  expect(await refused(() => [join(folder, "a.webm")])).toBe("EACCES");
});
