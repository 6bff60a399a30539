// Holds a page's upload by the rein: not a byte of a recording, as the product would, or as fast as it goes. Everything else stays as it is in the same
// call: camera, recorder, outbox. Between the page and its worker, where the ways of the call are told (`browser/upload/orders.ts`), and between the
// worker and its sockets.
import type { Person } from "../../journeys/rig/person.ts";

export type Rein = "held" | "manners" | "free";

/** "free": as if there were no call. */
const pageSource = `{
  const post = Worker.prototype.postMessage;
  let free = false, worker = null;
  const tell = (ways) => post.call(worker, { type: "ways", ways });
  globalThis.benchFree = (now) => {
    free = now;
    if (free && worker) tell(new Map());
  };
  Worker.prototype.postMessage = function (order, ...rest) {
    worker = this;
    if (order?.type === "ways") return tell(free ? new Map() : order.ways);
    post.call(this, order, ...rest);
  };
}`;

/** What is held is sent on once it is let go, where the uploader has not given that socket up meanwhile: one frame after the other, as far apart as the
 * product's own pieces, because the flood of them all would be ours. */
const workerSource = `{
  const send = WebSocket.prototype.send;
  let held = false;
  const kept = [];
  globalThis.benchHold = (now) => {
    held = now;
  };
  setInterval(() => {
    if (held) return;
    const [socket, data] = kept.shift() ?? [];
    if (socket?.readyState === 1) send.call(socket, data);
  }, 40);
  WebSocket.prototype.send = function (data) {
    if ((held && typeof data !== "string") || kept.some(([socket]) => socket === this)) kept.push([this, data]);
    else send.call(this, data);
  };
}`;

/** Before the person opens any page. */
export async function takeReins(person: Person): Promise<void> {
  await person.page.evaluateOnNewDocument(pageSource);
}

/** Once the person is in the call. */
export async function bridle(person: Person): Promise<void> {
  for (const worker of person.page.workers()) await worker.evaluate(workerSource);
}

export async function rein(person: Person, next: Rein): Promise<void> {
  await person.page.evaluate(`benchFree(${next === "free"})`);
  for (const worker of person.page.workers()) await worker.evaluate(`benchHold(${next === "held"})`);
}
