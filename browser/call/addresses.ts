// Which addresses this machine has in its network, by what a browser offers of itself, and where connections are made that know them all.
// Promise: what a frame finds that was only just made is of this moment. Chromium 156 tells a page's own connections of another address two seconds
// after the old one is gone (Linux), a fresh frame's at once (6 of 6 within 20 ms).

/** The network that this machine is in, as long as its addresses stay, with a window in which connections know them: the page's own, or a frame's. */
export type Where = Pick<typeof globalThis, "RTCPeerConnection">;

/** A frame's window, for connections alone; they end with it. */
export interface Frame {
  window: Where;
  close: () => void;
}

/** Addresses that a page may not know (it has no camera and no microphone open) go by names that are made up anew each time. */
const unnamed = ".local";
/** The others are offered within so long after the first. */
const apartMs = 10;
/** The first is offered within 20 ms, or there is none; Chromium says so after 150, Firefox after 40. */
const lookMs = 250;
/** Connections in the one before may not have been made anew yet. */
const framesMost = 2;
/** From finding that this machine has moved until the server has said welcome; nobody moves twice in it. */
const freshMs = 1500;

export class Addresses {
  /** At the last look; before the first, what connections were offered. */
  #known = new Set<string>();
  #where: Where = globalThis;
  #lookedMs = -freshMs;
  #frames: Frame[] = [];
  #looking: { moved: Promise<boolean>; where: Promise<Where> } | null = null;
  #closed = false;

  /** `frame`: makes one. */
  constructor(readonly frame: () => Frame) {}

  /** What a connection of the page is offered, as it goes to the other end: the first look has something to compare with. */
  note(candidate: string | undefined): void {
    if (this.#lookedMs < 0) add(candidate, this.#known);
  }

  /** Whether there is an address that was not there before. */
  moved(): Promise<boolean> {
    return this.#look().moved;
  }

  /** Another object each time that this machine has moved; the one before was of addresses that may be gone. */
  async where(): Promise<Where> {
    return performance.now() - this.#lookedMs < freshMs ? this.#where : await this.#look().where;
  }

  close(): void {
    this.#closed = true;
    for (const frame of this.#frames.splice(0)) frame.close();
  }

  /** Whoever asks while one is under way is told what it finds. */
  #look() {
    this.#looking ??= this.#start();
    return this.#looking;
  }

  #start() {
    const frame = this.frame();
    const there = offered(frame.window, some);
    // A frame may not know what the page knows whose camera is on (Firefox).
    const moved = there.then(async (found) => {
      const addresses = found.size > 0 ? found : await offered(this.#where, some);
      const before = this.#known;
      this.#known = addresses;
      return before.size > 0 && !within(addresses, before);
    });
    // One after the other: who asks whether it moved waits for the first alone.
    const where = Promise.all([there, moved]).then(async ([all, another]) => {
      const mine = await offered(this.#where, async (addresses) => within(all, addresses));
      this.#looking = null;
      this.#lookedMs = performance.now();
      const outdated = !within(all, mine);
      if (outdated && !this.#closed) this.#keep(frame);
      else frame.close();
      const { RTCPeerConnection } = outdated ? frame.window : this.#where;
      if (outdated || another) this.#where = { RTCPeerConnection };
      return this.#where;
    });
    return { moved, where };
  }

  #keep(frame: Frame): void {
    this.#frames.push(frame);
    if (this.#frames.length > framesMost) this.#frames.shift()?.close();
  }
}

/** The addresses that a connection made there offers, until they are `enough`. */
async function offered(where: Where, enough: (addresses: ReadonlySet<string>) => Promise<boolean>): Promise<Set<string>> {
  const addresses = new Set<string>();
  try {
    const connection = new where.RTCPeerConnection();
    await new Promise<unknown>((resolve) => {
      void after(lookMs).then(resolve);
      connection.onicecandidate = async ({ candidate }) => {
        add(candidate?.candidate, addresses);
        if (!candidate || (await enough(addresses))) resolve(null);
      };
      connection.createDataChannel("look");
      connection.setLocalDescription().catch(resolve);
    });
    connection.close();
  } catch (error) {
    // There are too many connections: none is as good as no news.
    console.warn("call: addresses", error);
  }
  return addresses;
}

/** By the candidate's own line (RFC 8839): Chromium's `address` has brackets around IPv6, and the line that goes to the other end has none. */
function add(candidate: string | undefined, addresses: Set<string>): void {
  const address = candidate?.split(" ")[4];
  if (address && !address.endsWith(unnamed)) addresses.add(address);
}

const some = async ({ size }: ReadonlySet<string>) => size > 0 && (await after(apartMs));

const within = (few: ReadonlySet<string>, all: ReadonlySet<string>) => [...few].every((address) => all.has(address));

const after = (ms: number) => new Promise<true>((resolve) => setTimeout(resolve, ms, true));
