// Holds a page's upload by the rein: not a byte, as the product would, or as fast as it goes. Everything else stays as it is in the same call:
// camera, recorder, outbox and sockets. Between the page and its worker, where the pace is told (`browser/upload/orders.ts`).
import type { Person } from "../../journeys/rig/person.ts";

export type Rein = "held" | "manners" | "free";

const reinSource = `{
  const post = Worker.prototype.postMessage;
  let rein = "held", wanted = null, worker = null;
  const tell = () => worker && post.call(worker, { type: "pace", bytesPerSecond: rein === "held" ? 0 : rein === "free" ? null : wanted });
  globalThis.benchRein = (next) => {
    rein = next;
    tell();
    return wanted;
  };
  globalThis.benchPace = () => wanted;
  Worker.prototype.postMessage = function (order, ...rest) {
    worker = this;
    if (order?.type === "pace") {
      wanted = order.bytesPerSecond;
      return tell();
    }
    post.call(this, order, ...rest);
    if (order?.type === "open") tell();
  };
}`;

/** Before the person opens any page; held until told. */
export async function takeReins(person: Person): Promise<void> {
  await person.page.evaluateOnNewDocument(reinSource);
}

export async function rein(person: Person, next: Rein): Promise<void> {
  await person.page.evaluate(`benchRein(${JSON.stringify(next)})`);
}

/** What the page would allow its upload now, bytes per second; null: anything. */
export async function paceOf(person: Person): Promise<number | null> {
  return (await person.page.evaluate("benchPace()")) as number | null;
}
