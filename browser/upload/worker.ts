// The one worker that owns the outbox and the upload sockets: a page that is busy or blocked does not hold up either.
// Promise: orders for one track are carried out in the order they came; a failed one is reported, never dropped in silence.
import "../../protocol/jitless.ts";
import { Holder } from "./holder.ts";
import { HttpSocket } from "./http.ts";
import { hold } from "./lock.ts";
import { OpfsShelf } from "./opfs.ts";
import type { Order, Report, UploadStatus } from "./orders.ts";
import { type About, listTracks, readAbout, Track } from "./outbox.ts";
import { type OpenableSocket, Route } from "./route.ts";
import { MemoryShelf, type Shelf } from "./shelf.ts";

/** The page's picture of the uploads is renewed at most this often. */
const statusMs = 200;
/** Most of a segment in memory at once while it is saved to a file. */
const readBytes = 4 * 1024 * 1024;

/** TypeScript's DOM library takes `self` for a window. */
const port = self as unknown as { postMessage(report: Report): void; onmessage: ((event: { data: Order }) => void) | null };

const shelf: Promise<Shelf> = OpfsShelf.open().then((found) => found ?? new MemoryShelf());
const route = new Route({
  socket: () => new WebSocket(`${self.location.origin.replace(/^http/, "ws")}/ws/upload`) as OpenableSocket,
  http: (onAnswer) => new HttpSocket(self.location.origin, onAnswer),
  nowMs: () => performance.now(),
});
const held = new Map<string, Holder>();
let statusTimer: ReturnType<typeof setTimeout> | null = null;
/** Orders wait for the shelf, and for those before them that change who holds what. */
let queue: Promise<unknown> = shelf;

port.onmessage = ({ data: order }) => {
  queue = queue.then(async () => {
    try {
      await obey(order, await shelf);
    } catch (error) {
      console.error(`upload worker: ${order.type}`, error);
      if ("ask" in order)
        port.postMessage({ type: "failed", ask: order.ask, message: error instanceof Error ? error.message : String(error) });
    }
  });
};

async function obey(order: Order, on: Shelf): Promise<void> {
  switch (order.type) {
    case "open": {
      const { ticket, room, roomId, source, startedAt } = order;
      open(on, { version: 1, ...ticket, room, roomId, source, startedAt });
      return;
    }
    case "segment":
      return holder(order.track).segment(order.segment, order.facts);
    case "append":
      return holder(order.track).append(order.segment, order.chunk);
    case "clock":
      return holder(order.track).clock(order.segment, order.samples);
    case "finish":
      return holder(order.track).finish(order.segment);
    case "end":
      return holder(order.track).end();
    case "resume":
      return await resume(on, order.track);
    case "hurry":
      for (const one of held.values()) one.hurry();
      return;
    case "storage":
      return port.postMessage({ type: "storage", ask: order.ask, storage: on.storage });
    case "unsent":
      return port.postMessage({ type: "unsent", ask: order.ask, tracks: await unsent(on) });
    case "save":
      return port.postMessage({ type: "saved", ask: order.ask, files: await save(on, order.track) });
    case "discard":
      await discard(on, order.track);
      return port.postMessage({ type: "done", ask: order.ask });
    case "close":
      await Promise.all([...held.values()].map((one) => one.close()));
      return port.postMessage({ type: "done", ask: order.ask });
  }
}

function open(on: Shelf, about: About): Holder {
  const present = held.get(about.track);
  if (present && !present.safe) {
    present.reopen();
    return present;
  }
  const fresh = new Holder({
    shelf: on,
    about,
    hold: (wait) => hold(about.track, wait),
    connect: route.connect,
    onChange: reportSoon,
    onSafe: () => {
      report();
      port.postMessage({ type: "safe", track: about.track });
    },
  });
  held.set(about.track, fresh);
  fresh.reopen();
  reportSoon();
  return fresh;
}

function holder(track: string): Holder {
  const found = held.get(track);
  if (!found) throw new Error(`track=${track} was never opened`);
  return found;
}

async function resume(on: Shelf, track: string): Promise<void> {
  const present = held.get(track);
  if (present) return present.retry();
  const about = await withLock(track, () => readAbout(on, track));
  if (about) open(on, about).end();
}

async function unsent(on: Shelf): Promise<UploadStatus[]> {
  const tracks = (await listTracks(on)).filter((track) => !held.has(track));
  const found = await Promise.all(tracks.map((track) => withLock(track, () => describe(on, track))));
  return found.filter((status) => status !== null).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

async function describe(on: Shelf, track: string): Promise<UploadStatus | null> {
  const about = await readAbout(on, track);
  if (!about) return null;
  let bytesKept = 0;
  for (const name of (await on.files(track)).filter((file) => file.endsWith(".media"))) {
    const file = await on.open(track, name);
    bytesKept += file.size();
    file.close();
  }
  const { recording, room, roomId = null, source, startedAt } = about;
  const kept = { bytesKept, bytesSafe: 0, storage: on.storage };
  return { track, recording, room, roomId, source, startedAt, ...kept, state: "offline", message: null };
}

async function save(on: Shelf, track: string): Promise<File[]> {
  const present = held.get(track);
  if (present) return await present.read(async (open) => await read(open));
  const files = await withLock(track, async () => {
    const about = await readAbout(on, track);
    if (!about) return [];
    const open = await Track.open(on, about);
    try {
      return await read(open);
    } finally {
      open.close();
    }
  });
  return files ?? [];
}

async function read(track: Track): Promise<File[]> {
  const { room, source, startedAt } = track.about;
  const title = `${room} ${startedAt.slice(0, 16).replace("T", " ")} ${source}`.replace(/[\\/:*?"<>|]/g, "-");
  return (
    track.segments
      // Without its beginning no player opens it: memory has given that back, because the server has it.
      .filter((segment) => !segment.sealed && segment.bytes > 0 && segment.readable(0))
      .map((segment, index) => {
        const parts: Blob[] = [];
        for (let offset = 0; offset < segment.bytes; ) {
          const piece = segment.read(offset, readBytes);
          if (!piece) break;
          parts.push(new Blob([piece.bytes]));
          offset += piece.bytes.length;
        }
        const type = segment.facts.mimeType;
        return new File(parts, `${title} ${index + 1}.${suffixOf(type)}`, { type });
      })
  );
}

/** Chromium calls its WebM with H.264 by Matroska's name, and that is what players go by. */
function suffixOf(mimeType: string): string {
  return mimeType.includes("matroska") ? "mkv" : mimeType.includes("mp4") ? "mp4" : "webm";
}

async function discard(on: Shelf, track: string): Promise<void> {
  const present = held.get(track);
  held.delete(track);
  if (present) await present.discard();
  else await withLock(track, () => on.remove(track));
  reportSoon();
}

/** Null when another tab owns the track. */
async function withLock<T>(track: string, action: () => Promise<T>): Promise<T | null> {
  const release = await hold(track, false);
  if (!release) return null;
  try {
    return await action();
  } finally {
    release();
  }
}

function reportSoon(): void {
  statusTimer ??= setTimeout(report, statusMs);
}

function report(): void {
  if (statusTimer !== null) clearTimeout(statusTimer);
  statusTimer = null;
  port.postMessage({ type: "status", all: [...held.values()].map((one) => one.status()) });
}
