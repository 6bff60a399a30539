// The one worker that owns the outbox and the upload sockets: a page that is busy or blocked does not hold up either.
import "../../protocol/jitless.ts";
import { Keeper } from "./keeper.ts";
import { OpfsShelf } from "./opfs.ts";
import type { Order, Report } from "./orders.ts";
import { MemoryShelf } from "./shelf.ts";

/** TypeScript's DOM library takes `self` for a window. */
const port = self as unknown as { postMessage(report: Report): void; onmessage: ((event: { data: Order }) => void) | null };

const keeper = new Keeper({
  shelf: OpfsShelf.open().then((found) => found ?? new MemoryShelf()),
  origin: self.location.origin,
  tell: (report) => port.postMessage(report),
});
port.onmessage = ({ data }) => keeper.take(data);
port.postMessage({ type: "ready" });
