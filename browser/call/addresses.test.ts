import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Addresses } from "./addresses.ts";

/** What each window's connections are offered from now on: the page's own, and those of frames that were made since. */
const network = { page: [] as string[], fresh: [] as string[] };
const frames: MadeFrame[] = [];
let open = 0;

const line = (address: string) => `candidate:1 1 udp 2122260223 ${address} 40532 typ host generation 0`;

/** A browser's: its first candidates come 20 ms after it was asked, the end of them after 150. */
function connections(offered: () => readonly string[]) {
  return class {
    onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null = null;
    constructor() {
      open++;
    }
    readonly createDataChannel = () => undefined;
    async setLocalDescription(): Promise<void> {
      const addresses = [...offered()];
      setTimeout(() => {
        for (const address of addresses) this.onicecandidate?.({ candidate: { candidate: line(address) } });
      }, 20);
      setTimeout(() => this.onicecandidate?.({ candidate: null }), 150);
    }
    close(): void {
      open--;
      this.onicecandidate = null;
    }
  };
}

/** Made now: it is offered what fresh ones are. */
class MadeFrame {
  there = true;
  readonly window: typeof globalThis;
  constructor() {
    const known = [...network.fresh];
    this.window = { RTCPeerConnection: connections(() => known) } as unknown as typeof globalThis;
    frames.push(this);
  }
  readonly close = () => {
    this.there = false;
  };
}

/** Of the page's own connections. */
function offers(addresses: Addresses, all: readonly string[]): void {
  for (const address of all) addresses.note(line(address));
}

const looking = () => new Addresses(() => new MadeFrame());

beforeEach(() => {
  vi.useFakeTimers();
  frames.length = 0;
  open = 0;
  vi.stubGlobal(
    "RTCPeerConnection",
    connections(() => network.page),
  );
  network.page = network.fresh = ["10.0.0.2"];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What comes of it, however long it takes. */
async function told<T>(asked: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(2000);
  return await asked;
}

const kept = () => frames.filter(({ there }) => there);

test("a machine has moved when it has an address that it had not before, and is told so once", async () => {
  const addresses = looking();
  offers(addresses, network.page);
  expect(await told(addresses.moved())).toBe(false);
  network.page = network.fresh = ["10.0.0.2", "192.168.1.7"];
  expect(await told(addresses.moved())).toBe(true);
  expect(await told(addresses.moved())).toBe(false);
  // Back again: the one that it had first is another than it had last.
  network.page = network.fresh = ["192.168.1.7"];
  expect(await told(addresses.moved())).toBe(false);
  network.page = network.fresh = ["10.0.0.2"];
  expect(await told(addresses.moved())).toBe(true);
  expect([open, kept().length]).toEqual([0, 0]);
});

test("what connections were offered counts before the first look, and not after it", async () => {
  const addresses = looking();
  offers(addresses, ["10.0.0.2", "fd00::2"]);
  network.page = network.fresh = ["10.0.0.2", "fd00::2"];
  expect(await told(addresses.moved())).toBe(false);
  offers(addresses, ["10.0.0.3"]);
  network.page = network.fresh = ["10.0.0.3"];
  expect(await told(addresses.moved())).toBe(true);
});

test("the second of two addresses counts as the first does", async () => {
  const addresses = looking();
  offers(addresses, network.page);
  network.page = network.fresh = ["10.0.0.2", "172.16.0.9"];
  expect(await told(addresses.moved())).toBe(true);
});

test("nothing is said to have moved before there was a look, nor while there is no address at all, nor by names that are made up", async () => {
  const addresses = looking();
  expect(await told(addresses.moved())).toBe(false);
  network.page = network.fresh = [];
  expect(await told(addresses.moved())).toBe(false);
  network.page = network.fresh = ["1f4712db-ea17-4bcf-a596-105139dfd8bf.local"];
  expect(await told(addresses.moved())).toBe(false);
  expect(await told(addresses.where())).toBe(globalThis);
});

test("connections are made in the page as long as it knows all addresses, and in a frame that does where it does not", async () => {
  const addresses = looking();
  expect(await told(addresses.where())).toBe(globalThis);
  network.fresh = ["10.0.0.3"];
  expect(await told(addresses.moved())).toBe(true);
  const elsewhere = await told(addresses.where());
  expect(elsewhere.RTCPeerConnection).toBe(kept()[0]!.window.RTCPeerConnection);
  expect(kept().length).toBe(1);
  // And there again, until that one is outdated, too: connections in the one before may still be open.
  expect(await told(addresses.where())).toBe(elsewhere);
  for (const address of ["10.0.0.4", "10.0.0.5"]) {
    network.fresh = [address];
    expect(await told(addresses.where())).not.toBe(elsewhere);
  }
  expect(kept().length).toBe(2);
  addresses.close();
  expect([open, kept().length]).toEqual([0, 0]);
});

test("where a frame knows no address for itself the page's own count, and connections are made in the page", async () => {
  const addresses = looking();
  network.fresh = ["1f4712db-ea17-4bcf-a596-105139dfd8bf.local"];
  offers(addresses, [...network.page, ...network.fresh]);
  expect(await told(addresses.moved())).toBe(false);
  network.page = ["10.0.0.3"];
  expect(await told(addresses.moved())).toBe(true);
  const moved = await told(addresses.where());
  expect([moved.RTCPeerConnection, kept().length]).toEqual([globalThis.RTCPeerConnection, 0]);
});

test("a page that knows of a move by itself makes its connections anew, and in itself", async () => {
  const addresses = looking();
  offers(addresses, network.page);
  network.page = network.fresh = ["10.0.0.3"];
  const moved = await told(addresses.where());
  expect(moved).not.toBe(globalThis);
  expect(moved.RTCPeerConnection).toBe(globalThis.RTCPeerConnection);
  expect(kept()).toEqual([]);
});

test("whoever asks at the same time, or where to right after, shares a look; and one that was under way at the end leaves nothing", async () => {
  const addresses = looking();
  const all = Promise.all([addresses.moved(), addresses.where(), addresses.moved()]);
  await vi.advanceTimersByTimeAsync(500);
  await all;
  await addresses.where();
  expect(frames.length).toBe(1);
  network.fresh = ["10.0.0.3"];
  const late = addresses.moved();
  addresses.close();
  await told(late);
  expect([frames.length, open, kept().length]).toEqual([2, 0, 0]);
});

test("a browser that offers nothing, and never says so, is not waited for", async () => {
  vi.stubGlobal(
    "RTCPeerConnection",
    class {
      readonly createDataChannel = () => undefined;
      readonly setLocalDescription = () => new Promise(() => undefined);
      readonly close = () => undefined;
    },
  );
  network.fresh = [];
  expect((await told(looking().where())).RTCPeerConnection).toBe(globalThis.RTCPeerConnection);
});
