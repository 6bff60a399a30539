import pino from "pino";
import { expect, test } from "vitest";
import type { Done } from "./order.ts";
import { type Hand, Pool, type Standing } from "./pool.ts";
import { Death, type Task } from "./worker.ts";

const done: Done = { type: "done", id: 1, bytes: 1, missing: [], cpuMs: 0, decoded: 0 };
const log = pino({ level: "silent" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Stands for a process: an order is done when the test says so. */
class Puppet implements Hand {
  pid: number | null = null;
  starts = 0;
  readonly asked: string[] = [];
  #settle: { done: () => void; die: () => void } | null = null;

  get busy(): boolean {
    return this.#settle !== null;
  }

  warm(): void {
    if (this.pid === null) this.starts += 1;
    this.pid = 1;
  }

  send(task: Task): Promise<Done> {
    this.warm();
    this.asked.push(task.folder);
    return new Promise((resolve, reject) => {
      this.#settle = { done: () => resolve(done), die: () => reject(new Death("ended")) };
    });
  }

  finish(how: "done" | "die" = "done"): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.[how]();
  }

  async close(): Promise<void> {
    this.pid = null;
    this.finish("die");
  }
}

function troupe(atOnce: number, most: number) {
  const puppets: Puppet[] = [];
  const hand = () => {
    const puppet = new Puppet();
    puppets.push(puppet);
    return puppet;
  };
  const pool = new Pool({ log, deadlineMs: 1000, atOnce, most, hand });
  const order = (recording: string): Task => ({ type: "finish", folder: recording, windows: "w", files: [], head: "h" });
  const send = (recording: string, standing: Standing = "growing") => pool.send(recording, () => standing, order(recording));
  const busy = () => puppets.filter((puppet) => puppet.busy);
  /** One order after the other is done, until nothing is under way; answers in which order they were begun. */
  const play = async () => {
    const begun: string[] = [];
    for (await turn(); busy().length > 0; await turn()) {
      expect(busy().length).toBeLessThanOrEqual(atOnce);
      for (const puppet of busy()) {
        begun.push(puppet.asked.at(-1)!);
        puppet.finish();
      }
    }
    return begun;
  };
  return { pool, puppets, send, busy, play };
}

test("forty recordings that grow at once share the processes there are, and each is served in its turn", async () => {
  const { puppets, send, play } = troupe(2, 4);
  const names = Array.from({ length: 40 }, (_, index) => `recording ${index}`);
  const sent = names.flatMap((name) => [send(name), send(name)]);
  const begun = await play();
  await Promise.all(sent);
  expect(puppets.length).toBe(4);
  expect(begun).toEqual(names.flatMap((name) => [name, name]));
});

test("one or two recordings keep the process that knows them", async () => {
  const { pool, puppets, send, play } = troupe(2, 4);
  for (let window = 0; window < 5; window++) {
    for (const name of ["a", "b"]) pool.warm(name, name);
    const sent = [send("b"), send("a")];
    await play();
    await Promise.all(sent);
  }
  expect(puppets.map(({ asked, starts }) => [new Set(asked).size, starts])).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("a process that is warm for another recording is taken from whoever was served longest ago", async () => {
  const { puppets, send, play } = troupe(1, 2);
  for (const name of ["a", "b", "a", "c"]) {
    const sent = send(name);
    await play();
    await sent;
  }
  expect(puppets.map(({ asked }) => asked)).toEqual([
    ["a", "a"],
    ["b", "c"],
  ]);
});

test("what has stopped goes before what grows, and what grows is not forgotten meanwhile", async () => {
  const { send, play } = troupe(1, 2);
  const sent = [
    ...Array.from({ length: 4 }, () => send("growing")),
    ...Array.from({ length: 20 }, () => send("stopped", "stopped")),
    send("troubled", "troubled"),
  ];
  const begun = await play();
  await Promise.all(sent);
  const positions = (name: string) => begun.flatMap((one, index) => (one === name ? [index] : []));
  expect(positions("stopped").filter((index) => index < 9).length).toBeGreaterThanOrEqual(5);
  expect(positions("growing").at(-1)).toBeLessThan(20);
  expect(positions("troubled")[0]).toBeLessThan(12);
});

test("recordings whose processes hang never hold all there are", async () => {
  const { send, busy, pool } = troupe(2, 4);
  const hanging = Array.from({ length: 5 }, (_, index) => send(`bad ${index}`, "troubled").catch((error: unknown) => error));
  await turn();
  expect(busy().map(({ asked }) => asked.at(-1))).toEqual(["bad 0"]);
  const good = send("good");
  await turn();
  busy()
    .find(({ asked }) => asked.at(-1) === "good")
    ?.finish();
  expect(await good).toEqual(done);
  await pool.close();
  expect((await Promise.all(hanging)).slice(1)).toEqual([null, null, null, null]);
});

test("a recording that is dropped waits for nothing and is worked at by nobody; the others go on", async () => {
  const { pool, puppets, send, busy } = troupe(1, 2);
  const under = send("a").catch((error: unknown) => error);
  const waiting = send("a");
  const other = send("b");
  await turn();
  await pool.drop("a");
  expect(await under).toBeInstanceOf(Death);
  expect(await waiting).toBeNull();
  await turn();
  expect(busy().map(({ asked }) => asked.at(-1))).toEqual(["b"]);
  busy()[0]?.finish();
  expect(await other).toEqual(done);
  await pool.leave("b");
  expect(puppets.filter(({ pid }) => pid !== null)).toEqual([]);
  await pool.close();
  await pool.close();
  expect(await send("c")).toBeNull();
});

test("a recording that is behind does several windows in its turn when others would have to start a process, and not all of them", async () => {
  const { pool } = troupe(1, 2);
  const order: Task = { type: "finish", folder: "a", windows: "w", files: [], head: "h" };
  const first = (await pool.borrow("a", () => "growing"))!;
  expect(first.over).toBe(false);
  const waiting = pool.borrow("b", () => "growing");
  let done = 0;
  for (; !first.over; done++) first.send(order).catch((error: unknown) => expect(error).toBeInstanceOf(Death));
  expect(done).toBeGreaterThan(1);
  expect(done).toBeLessThan(20);
  first.giveBack();
  const second = (await waiting)!;
  const again = pool.borrow("a", () => "growing");
  // Its process is there already: no reason to let it wait.
  expect(second.over).toBe(true);
  second.giveBack();
  (await again)!.giveBack();
  await pool.close();
});
