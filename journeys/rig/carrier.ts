// The process that carries packets between the ends of a wire: reads each end's TUN device, asks the legs of both ends, writes to the other end's.
// Promise: what passes is passed unchanged; it ends with the process that started it, and its devices with it.
// Apart from the journey, because a journey that decodes a film would hold up everybody's packets.
import { read, writeSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";
import { Random } from "../chaos/random.ts";
import { fair, Leg, type Weather } from "./leg.ts";

/** What the journey says; each is answered with its number. */
export type CarrierOrder = { ask: number; site: number } & (
  | { type: "address"; address: string | null }
  | { type: "weather"; up: Partial<Weather>; down: Partial<Weather> }
  | { type: "count" }
);

export interface Carried {
  packets: number;
  lost: number;
}

interface End {
  file: number;
  address: string | null;
  up: Leg;
  down: Leg;
  carried: Carried;
}

interface Held {
  packet: Buffer;
  atMs: number;
  then: (packet: Buffer, atMs: number) => void;
}

const packetBytes = 2048;
/** Timers of Node count whole milliseconds. */
const timerMs = 1;

/** Packets under way in one leg, the next one first. */
class Transit {
  readonly #held: Held[] = [];
  #timer: NodeJS.Timeout | null = null;

  hold(held: Held): void {
    let at = this.#held.length;
    while (at > 0 && (this.#held[at - 1] as Held).atMs > held.atMs) at--;
    this.#held.splice(at, 0, held);
    if (at === 0) this.#wake();
  }

  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const nowMs = performance.now();
    for (let next = this.#held[0]; next && next.atMs <= nowMs; next = this.#held[0]) {
      this.#held.shift();
      next.then(next.packet, next.atMs);
    }
    const next = this.#held[0];
    if (next) this.#timer = setTimeout(() => this.#wake(), Math.max(timerMs, next.atMs - performance.now()));
  }
}

const [files = "", seed = "1"] = process.argv.slice(2);
const ends: End[] = files.split(",").map((file, index) => {
  const random = new Random(Number(seed) + index);
  const leg = () => new Leg(() => random.next());
  return { file: Number(file), address: null, up: leg(), down: leg(), carried: { packets: 0, lost: 0 } };
});
const transits = new Map<Leg, Transit>(ends.flatMap(({ up, down }) => [up, down].map((leg) => [leg, new Transit()] as const)));

/** Addresses of sender and receiver of an IPv4 packet. */
function addressesOf(packet: Buffer): { from: string; to: string } {
  return { from: packet.subarray(12, 16).join("."), to: packet.subarray(16, 20).join(".") };
}

function listen(end: End): void {
  const buffer = Buffer.allocUnsafe(packetBytes);
  read(end.file, buffer, 0, packetBytes, null, (error, length) => {
    if (error) throw error;
    const packet = Buffer.from(buffer.subarray(0, length));
    listen(end);
    if (packet.length >= 20 && (packet[0] ?? 0) >> 4 === 4) send(end, packet);
  });
}

function send(end: End, packet: Buffer): void {
  const { from, to } = addressesOf(packet);
  const receiver = ends.find(({ address }) => address === to);
  // Whoever moved is not heard from where they were.
  if (!receiver || from !== end.address) return;
  end.carried.packets++;
  through(end, end.up, packet, performance.now(), (up, upMs) =>
    through(end, receiver.down, up, upMs, (down) => {
      try {
        writeSync(receiver.file, down);
      } catch {
        // The device is down: the cable is out.
        end.carried.lost++;
      }
    }),
  );
}

function through(end: End, leg: Leg, packet: Buffer, nowMs: number, then: Held["then"]): void {
  const atMs = leg.passes(packet, nowMs);
  if (atMs === null) end.carried.lost++;
  else transits.get(leg)?.hold({ packet, atMs, then });
}

function obey(order: CarrierOrder): unknown {
  const end = ends[order.site];
  if (!end) throw new Error(`no end ${order.site}`);
  if (order.type === "count") return end.carried;
  if (order.type === "address") end.address = order.address;
  else {
    end.up.weather = { ...fair, ...order.up };
    end.down.weather = { ...fair, ...order.down };
  }
  return null;
}

process.on("message", (order: CarrierOrder) => process.send?.({ ask: order.ask, answer: obey(order) }));
// Not `exit`, which would wait for readers that wait for packets.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// Before the programs whose packets it carries; an unprivileged one goes without.
try {
  setPriority(-10);
} catch (error) {
  console.warn("wire: the carrier has no priority", error);
}
for (const end of ends) listen(end);
process.send?.({ ask: 0, answer: null });
