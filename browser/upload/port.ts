// The page's way to whoever carries out its orders: the worker, or the page itself where the browser does not load that.
// Promise: no order is lost while it is not decided yet; in the page everything works, but nothing outlives the tab, and that is said.
import { Keeper } from "./keeper.ts";
import type { Order, Report } from "./orders.ts";
import { MemoryShelf } from "./shelf.ts";

export interface Port {
  postMessage(order: Order, transfer?: Transferable[]): void;
  terminate(): void;
}

/** A script that is blocked fails at once; one that has not come after this is not waited for by a person in the lobby. */
const loadMs = 15_000;

/** `fail`: the worker broke after it had been loaded. */
export function openPort(tell: (report: Report) => void, fail: (reason: string) => void): Promise<Port> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const without = (reason: string) => {
      console.warn(`uploads: no worker, this page keeps the recording itself: ${reason}`);
      clearTimeout(late);
      worker.terminate();
      resolve(inPage(tell));
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

function inPage(tell: (report: Report) => void): Port {
  const keeper = new Keeper({ shelf: Promise.resolve(new MemoryShelf()), origin: location.origin, tell });
  return { postMessage: (order) => keeper.take(order), terminate: () => undefined };
}
