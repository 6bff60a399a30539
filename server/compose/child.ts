// The composing process: takes orders from the server that started it, one at a time, and ends when that server does.
// Promise: media are decoded in here and nowhere else; what it writes appears whole or not at all.
import { writeSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import { writeDurably } from "./durable.ts";
import { filmHead, formatOf } from "./film.ts";
import { thumbnailFile } from "./ledger.ts";
import { listen } from "./listen.ts";
import { make } from "./make.ts";
import { initSegment } from "./mp4.ts";
import { Order, type Report } from "./order.ts";
import { Renderer } from "./render.ts";
import { Sizes } from "./sizes.ts";

type Render = Extract<Order, { type: "render" }>;
type Finish = Extract<Order, { type: "finish" }>;

/** Between two moments of reading ahead, a third of a processor at most: there are others to compose and to upload. */
const pauseMs = 8;

/** Of the one recording that this process is for; decoders stay warm. */
let stage: { key: string; renderer: Renderer } | null = null;
const sizes = new Sizes();

function rendererOf({ folder, canvas }: Pick<Render, "folder" | "canvas">): Renderer {
  const key = JSON.stringify([folder, canvas]);
  if (stage?.key !== key) {
    stage?.renderer.close();
    stage = { key, renderer: new Renderer(folder, canvas) };
  }
  return stage.renderer;
}

/** Whose bytes were last looked at, for whoever wants to know of what this process dies. */
let looking: string | undefined;

function look(segment: string): void {
  looking = segment;
  try {
    // Written when this returns: what comes next may be the end.
    writeSync(2, `at ${segment}\n`);
  } catch (error) {
    // The server does not read as fast: then it knows less.
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}

async function render(order: Render): Promise<Omit<Extract<Report, { type: "done" }>, "type" | "id">> {
  const before = process.cpuUsage();
  const renderer = rendererOf(order);
  renderer.onLook = order.careful ? look : null;
  const rendered = renderer.render(order.job, { gains: order.gains ?? [], effort: order.effort ?? 0 });
  const { user, system } = process.cpuUsage(before);
  const folder = join(order.folder, order.windows);
  await mkdir(folder, { recursive: true });
  await writeInit(join(folder, "init.mp4"), initSegment(rendered.format));
  const path = join(folder, order.file);
  await writeSmall(join(folder, thumbnailFile(order.file)), rendered.thumbnail);
  await writeDurably(path, rendered.bytes);
  sizes.keep(path, rendered.bytes);
  const { missing, decoded, voices, loud } = rendered;
  return { bytes: rendered.bytes.length, missing, decoded, voices, loud, cpuMs: (user + system) / 1000 };
}

/** A thumbnail that a power cut takes is missing, no more: it need not be synced. */
async function writeSmall(path: string, bytes: Buffer): Promise<void> {
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

/** The same for every window; another FFmpeg than the one that made the earlier windows would show here. */
async function writeInit(path: string, init: Buffer): Promise<void> {
  const present = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (present?.equals(init)) return;
  if (present) throw Object.assign(new Error("windows need another init segment than the ones before"), { code: "other-init" });
  await writeDurably(path, init);
}

async function finish(order: Finish): Promise<{ bytes: number }> {
  const folder = join(order.folder, order.windows);
  const format = formatOf(await readFile(join(folder, "init.mp4")));
  const head = filmHead(
    format,
    order.files.map((file) => sizes.of(join(folder, file))),
  );
  await writeDurably(join(folder, order.head), head);
  return { bytes: head.length };
}

async function obey(order: Order): Promise<Report> {
  looking = undefined;
  try {
    if (order.type === "render") return { type: "done", id: order.id, ...(await render(order)) };
    if (order.type === "begin") {
      rendererOf(order).begin(order.job, order.toTick);
      return { type: "done", id: order.id, missing: [], cpuMs: 0, decoded: 0, bytes: 0 };
    }
    if (order.type === "listen") {
      const [sound, out] = [join(order.folder, order.sound), join(order.folder, order.out)];
      const heard = await listen({ model: order.model, language: order.language, sound, out });
      return { type: "done", id: order.id, missing: [], cpuMs: 0, decoded: 0, bytes: 0, heard };
    }
    const work = order.type === "finish" ? finish(order) : make(order, async (path) => sizes.of(path));
    return { type: "done", id: order.id, missing: [], cpuMs: 0, decoded: 0, ...(await work) };
  } catch (error) {
    const { code, stack, message: text } = error as NodeJS.ErrnoException;
    // What is meant for people is told as it is.
    const message = error instanceof UserError ? text : (stack ?? text);
    return {
      type: "failed",
      id: order.id,
      code: typeof code === "string" ? code : null,
      message,
      ...(looking ? { segment: looking } : {}),
    };
  }
}

/** Orders that were taken and not answered. */
let orders = 0;
let last: Promise<void> = Promise.resolve();
let pause: NodeJS.Timeout | undefined;

function expectAll({ folder, windows, earlier = [] }: Render): void {
  sizes.expect(earlier.map((file) => join(folder, windows, file)));
}

/** Reads what the film's header will want to know, while nobody waits for anything. */
function lookAhead(): void {
  if (orders === 0 && sizes.readAhead()) pause = setTimeout(lookAhead, pauseMs);
}

process.on("message", (message) => {
  orders += 1;
  clearTimeout(pause);
  last = last.then(async () => {
    const order = Order.parse(message);
    const report = await obey(order);
    // FFmpeg's memory is given back only when the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
    if (process.connected) process.send?.(report);
    orders -= 1;
    if (order.type === "render" && report.type === "done") expectAll(order);
    lookAhead();
  });
});
// The server is gone: whatever was being written is not wanted any more.
process.on("disconnect", () => process.exit(0));
