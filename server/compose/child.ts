// The composing process: takes orders from the server that started it, one at a time, and ends when that server does.
// Promise: media are decoded in here and nowhere else; what it writes appears whole or not at all.
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import { writeDurably } from "./durable.ts";
import { filmHead, formatOf, indexOf, type WindowIndex } from "./film.ts";
import { thumbnailFile } from "./ledger.ts";
import { listen } from "./listen.ts";
import { make } from "./make.ts";
import { initSegment } from "./mp4.ts";
import { Order, type Report } from "./order.ts";
import { Renderer } from "./render.ts";

type Render = Extract<Order, { type: "render" }>;
type Finish = Extract<Order, { type: "finish" }>;

/** More than any moof of ours: 96 pictures and 150 frames of sound take about 3 kB. */
const moofBytes = 16 * 1024;

/** Of the one recording that this process is for; decoders stay warm. */
let stage: { key: string; renderer: Renderer } | null = null;
const indices = new Map<string, WindowIndex>();
/** Some kilobytes each, ten hours of them: for the film's header at the end. What was forgotten is read again. */
const mostIndices = 12_000;

function rendererOf({ folder, canvas }: Render): Renderer {
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

function remember(path: string, index: WindowIndex): WindowIndex {
  if (indices.size >= mostIndices) indices.clear();
  indices.set(path, index);
  return index;
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
  remember(path, indexOf(rendered.bytes, rendered.bytes.length));
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
  const windows: WindowIndex[] = [];
  for (const file of order.files) windows.push(indexFor(join(folder, file)));
  const head = filmHead(format, windows);
  await writeDurably(join(folder, order.head), head);
  return { bytes: head.length };
}

/** Whoever is told of this window need not wait for it. */
function lookBack({ folder, windows, earlier = [] }: Render): void {
  try {
    for (const file of earlier) indexFor(join(folder, windows, file));
  } catch (error) {
    // It is looked at again when the header is made, and told then.
    process.stderr.write(`a window that cannot be read: ${error}\n`);
  }
}

function indexFor(path: string): WindowIndex {
  const known = indices.get(path);
  if (known) return known;
  // At once: eight hours have nine thousand of them, and nothing else is to be done in here.
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(Math.min(moofBytes, size));
    return remember(path, indexOf(head.subarray(0, readSync(file, head, 0, head.length, 0)), size));
  } finally {
    closeSync(file);
  }
}

async function obey(order: Order): Promise<Report> {
  looking = undefined;
  try {
    if (order.type === "render") return { type: "done", id: order.id, ...(await render(order)) };
    if (order.type === "listen") {
      const [sound, out] = [join(order.folder, order.sound), join(order.folder, order.out)];
      const heard = await listen({ model: order.model, language: order.language, sound, out });
      return { type: "done", id: order.id, missing: [], cpuMs: 0, decoded: 0, bytes: 0, heard };
    }
    const work = order.type === "finish" ? finish(order) : make(order, async (path) => indexFor(path));
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

let last: Promise<void> = Promise.resolve();
process.on("message", (message) => {
  last = last.then(async () => {
    const order = Order.parse(message);
    const report = await obey(order);
    // FFmpeg's memory is given back only when the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
    if (process.connected) process.send?.(report);
    if (order.type === "render") lookBack(order);
  });
});
// The server is gone: whatever was being written is not wanted any more.
process.on("disconnect", () => process.exit(0));
