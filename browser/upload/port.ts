// The page's way to whoever carries out its orders: the worker, or the page itself where the browser does not load that.
// Promise: no order is lost while it is not decided yet; in the page everything works, but nothing outlives the tab, and that is said.
import type { Order, Report } from "./orders.ts";

export interface Port {
  postMessage(order: Order, transfer?: Transferable[]): void;
  terminate(): void;
}

/** A script that is blocked fails at once; one that has not come after this is not waited for by a person in the lobby. */
const loadMs = 15_000;

/** Between tries to load what takes the worker's place, ms: nobody can record before it is there. */
const againMs = [500, 2000, 5000];

/** Rejects when neither the worker nor what takes its place could be loaded. `fail`: the worker broke after it had been loaded. */
export function openPort(tell: (report: Report) => void, fail: (reason: string) => void): Promise<Port> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const without = (reason: string) => {
      console.warn(`uploads: no worker, this page keeps the recording itself: ${reason}`);
      clearTimeout(late);
      worker.onerror = null;
      worker.terminate();
      inPage(tell).then(resolve, reject);
    };
    const late = setTimeout(() => without("it did not come"), loadMs);
    worker.onerror = (event) => without(event.message || "it could not be loaded");
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.type !== "ready") return tell(data);
      clearTimeout(late);
      worker.onerror = (event) => fail(event.message || "The upload worker broke.");
      resolve(worker);
    };
  });
}

/** The same code in the page. It is a file of its own, so that whoever has a worker need not load it twice. */
async function inPage(tell: (report: Report) => void): Promise<Port> {
  const { Keeper, MemoryShelf } = await stubborn(() => import("./inpage.ts"));
  const keeper = new Keeper({ shelf: Promise.resolve(new MemoryShelf()), origin: location.origin, tell });
  return { postMessage: (order) => keeper.take(order), terminate: () => undefined };
}

async function stubborn<T>(load: () => Promise<T>): Promise<T> {
  for (const waitMs of againMs) {
    try {
      return await load();
    } catch (error) {
      console.warn("uploads: tried again", error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return await load();
}
