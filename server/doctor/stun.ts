// Asks a STUN or TURN server as a browser would (RFC 8489, RFC 8656), so that the operator hears what people would run into.
// Promise: at most four messages a question, and an allocation that was made is given back.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

const cookie = 0x2112a442;
const kinds = { binding: 0x0001, allocate: 0x0003, refresh: 0x0004, createPermission: 0x0008 } as const;
const isSuccess = (type: number) => (type & 0x0110) === 0x0100;
const attribute = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  lifetime: 0x000d,
  peer: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  requestedTransport: 0x0019,
  mapped: 0x0020,
} as const;
const patienceMs = 3000;

export interface Target {
  host: string;
  port: number;
  over: "udp" | "tcp" | "tls";
}

/** `turn:host:3478?transport=tcp` and its kin (RFC 7065). Null: not one. */
export function targetOf(url: string): Target | null {
  const match = /^(turns?|stuns?):(\[[\da-f:.]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (!match) return null;
  const [, scheme = "", host = "", port, transport] = match;
  const safe = /^(turns|stuns)$/i.test(scheme);
  return {
    host: host.replace(/^\[|\]$/g, ""),
    port: Number(port ?? (safe ? 5349 : 3478)),
    over: safe ? "tls" : transport?.toLowerCase() === "tcp" ? "tcp" : "udp",
  };
}

export interface Reply {
  type: number;
  attributes: Map<number, Buffer>;
  /** The error's code and reason; null when there is none. */
  error: { code: number; reason: string } | null;
}

type Attributes = [type: number, value: Buffer][];

/** A message; with `key` its integrity is sealed. Exported for the test. */
export function message(kind: number, transaction: Buffer, attributes: Attributes, key: Buffer | null): Buffer {
  const body = Buffer.concat(
    attributes.flatMap(([type, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(type, 0);
      head.writeUInt16BE(value.length, 2);
      return [head, value, Buffer.alloc((4 - (value.length % 4)) % 4)];
    }),
  );
  const header = Buffer.alloc(20);
  header.writeUInt16BE(kind, 0);
  header.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  header.writeUInt32BE(cookie, 4);
  transaction.copy(header, 8);
  const whole = Buffer.concat([header, body]);
  if (!key) return whole;
  const seal = Buffer.alloc(4);
  seal.writeUInt16BE(attribute.integrity, 0);
  seal.writeUInt16BE(20, 2);
  return Buffer.concat([whole, seal, createHmac("sha1", key).update(whole).digest()]);
}

/** Null: not a whole message yet, or none at all. */
export function parseReply(bytes: Buffer): Reply | null {
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== cookie) return null;
  const length = bytes.readUInt16BE(2);
  if (bytes.length < 20 + length) return null;
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= 20 + length; ) {
    const size = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size + ((4 - (size % 4)) % 4);
  }
  const said = attributes.get(attribute.error);
  const error = said && said.length >= 4 ? { code: said[2]! * 100 + said[3]!, reason: said.subarray(4).toString("utf8") } : null;
  return { type: bytes.readUInt16BE(0), attributes, error };
}

interface Line {
  ask(bytes: Buffer): Promise<Reply>;
  close(): void;
}

/** True when it tells this machine the address it came from. */
export async function answersBinding(target: Target): Promise<boolean> {
  const line = await open(target);
  try {
    const { type, attributes } = await line.ask(message(kinds.binding, randomBytes(12), [], null));
    return isSuccess(type) && attributes.has(attribute.mapped);
  } finally {
    line.close();
  }
}

/** Makes an allocation and gives it back. Throws what the server said against it. */
export async function allocates(target: Target, username: string, password: string): Promise<void> {
  await allocated(target, username, password, async () => undefined);
}

/** Of these IPv4 addresses, those to which the relay would send for whoever holds these credentials. Nothing is sent to any of them. */
export async function peersAllowed(target: Target, username: string, password: string, addresses: string[]): Promise<string[]> {
  return await allocated(target, username, password, async (ask) => {
    const allowed: string[] = [];
    for (const address of addresses) {
      const reply = await ask(kinds.createPermission, [[attribute.peer, xorAddress(address)]]);
      if (isSuccess(reply.type)) allowed.push(address);
    }
    return allowed;
  });
}

type Ask = (kind: number, attributes: Attributes) => Promise<Reply>;

/** Runs `use` with an allocation. */
async function allocated<T>(target: Target, username: string, password: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  const line = await open(target);
  const transport: Attributes = [[attribute.requestedTransport, Buffer.from([17, 0, 0, 0])]];
  try {
    const first = await line.ask(message(kinds.allocate, randomBytes(12), transport, null));
    const realm = first.attributes.get(attribute.realm);
    const nonce = first.attributes.get(attribute.nonce);
    if (!realm || !nonce) throw refused(first, "it asks for no credentials");
    const key = createHash("md5")
      .update(`${username}:${realm.toString("utf8")}:${password}`)
      .digest();
    const signed: Attributes = [
      [attribute.username, Buffer.from(username)],
      [attribute.realm, realm],
      [attribute.nonce, nonce],
    ];
    const ask: Ask = (kind, attributes) => line.ask(message(kind, randomBytes(12), [...attributes, ...signed], key));
    const second = await ask(kinds.allocate, transport);
    if (!isSuccess(second.type) || !second.attributes.has(attribute.relayed)) throw refused(second, "no address was given");
    try {
      return await use(ask);
    } finally {
      await ask(kinds.refresh, [[attribute.lifetime, Buffer.alloc(4)]]);
    }
  } finally {
    line.close();
  }
}

/** Port 9, which discards. */
function xorAddress(address: string): Buffer {
  const value = Buffer.alloc(8);
  value.writeUInt8(1, 1);
  value.writeUInt16BE(9 ^ (cookie >>> 16), 2);
  const plain = Buffer.from(address.split(".").map(Number)).readUInt32BE(0);
  value.writeUInt32BE((plain ^ cookie) >>> 0, 4);
  return value;
}

function refused({ error }: Reply, otherwise: string): Error {
  return new Error(error ? `it says ${error.code} ${error.reason}` : otherwise);
}

async function open(target: Target): Promise<Line> {
  return target.over === "udp" ? await openUdp(target) : await openStream(target);
}

async function openUdp({ host, port }: Target): Promise<Line> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  return {
    ask: (bytes) =>
      within((resolve, reject) => {
        socket.once("error", reject);
        socket.on("message", (data) => {
          const reply = parseReply(data);
          if (reply && data.subarray(8, 20).equals(bytes.subarray(8, 20))) resolve(reply);
        });
        // Once more after a second: datagrams get lost.
        const send = () => socket.send(bytes, port, address);
        send();
        const again = setTimeout(send, 1000);
        return () => {
          clearTimeout(again);
          socket.removeAllListeners();
        };
      }),
    close: () => socket.close(),
  };
}

async function openStream({ host, port, over }: Target): Promise<Line> {
  const socket = over === "tls" ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
  await within<void>((resolve, reject) => {
    socket.once(over === "tls" ? "secureConnect" : "connect", resolve);
    socket.once("error", reject);
    return () => undefined;
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return {
    ask: (bytes) =>
      within((resolve, reject) => {
        let held: Buffer = Buffer.alloc(0);
        const take = (data: Buffer) => {
          held = Buffer.concat([held, data]);
          const reply = parseReply(held);
          if (reply) resolve(reply);
        };
        socket.on("data", take);
        socket.once("error", reject);
        socket.write(bytes);
        return () => {
          socket.off("data", take);
          socket.off("error", reject);
        };
      }),
    close: () => socket.destroy(),
  };
}

/** `start` answers with how to stop listening. */
function within<T>(start: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => end(() => reject(new Error("no answer"))), patienceMs);
    let stop = (): void => undefined;
    const end = (settle: () => void) => {
      clearTimeout(late);
      stop();
      settle();
    };
    stop = start(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
