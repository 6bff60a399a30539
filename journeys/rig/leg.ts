// One direction of a site's line: what becomes of each packet, by a seed. Promise: packets come out in the order they went in, unless told otherwise;
// the same seed and the same times give the same fate.

/** What a line does to packets in one direction. */
export interface Weather {
  /** One way. */
  delayMs: number;
  /** The delay wanders between `delayMs - jitterMs` and `delayMs + jitterMs`, as it does where a queue on the way fills and empties. */
  jitterMs: number;
  /** 0 … 1, each packet by itself. */
  loss: number;
  /** Infinite: no limit. */
  bitsPerSecond: number;
  /** How long a packet may stand in the queue in front of the narrow place; what would stand longer is lost. */
  queueMs: number;
  /** Packets overtake one another: the jitter is drawn for each by itself. */
  reorder: boolean;
  /** False: UDP is swallowed, as by a strict firewall. */
  udp: boolean;
  /** Everything is swallowed, and nobody is told. */
  cut: boolean;
}

export const fair: Weather = {
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  bitsPerSecond: Number.POSITIVE_INFINITY,
  queueMs: 300,
  reorder: false,
  udp: true,
  cut: false,
};

/** The wandering delay is drawn anew this often, and goes straight from one to the next. */
const wanderMs = 100;
const udpProtocol = 17;

export class Leg {
  weather: Weather = fair;
  #freeAtMs = 0;
  #lastMs = 0;
  #wander = { step: -1, from: 0, to: 0 };

  /** `random`: 0 … 1. */
  constructor(readonly random: () => number) {}

  /** When an IPv4 packet that comes at `nowMs` comes out at the other end; null: never. Times must not go back. */
  passes(packet: Uint8Array, nowMs: number): number | null {
    const { cut, udp, loss, queueMs, bitsPerSecond, delayMs, reorder } = this.weather;
    if (cut || (!udp && packet[9] === udpProtocol)) return null;
    if (loss > 0 && this.random() < loss) return null;
    const startMs = Math.max(nowMs, this.#freeAtMs);
    if (startMs - nowMs > queueMs) return null;
    this.#freeAtMs = startMs + (packet.length * 8000) / bitsPerSecond;
    const atMs = this.#freeAtMs + Math.max(0, delayMs + this.#jitter(nowMs));
    if (reorder) return atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    return this.#lastMs;
  }

  #jitter(nowMs: number): number {
    const { jitterMs, reorder } = this.weather;
    if (jitterMs === 0) return 0;
    const drawn = () => (2 * this.random() - 1) * jitterMs;
    if (reorder) return drawn();
    const step = Math.floor(nowMs / wanderMs);
    const wander = this.#wander;
    if (step !== wander.step) this.#wander = { step, from: step === wander.step + 1 ? wander.to : drawn(), to: drawn() };
    const { from, to } = this.#wander;
    return from + (to - from) * (nowMs / wanderMs - step);
  }
}
