// Answers STUN binding requests (RFC 8489) over UDP, so that no browser has to ask a public server for its own address.
// Promise: only well-formed binding requests are answered, with a reply not much longer than the request.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Logger } from "pino";

const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;
const headerBytes = 20;

export class Stun {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Null when the port is taken: calls work without it wherever people can reach each other directly. */
  static async open(port: number, host: string, log: Logger): Promise<Stun | null> {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.bind(port, host, resolve);
      });
    } catch (error) {
      socket.close();
      log.warn({ port, error: (error as Error).message }, "STUN port is taken; browsers are offered no STUN of ours");
      return null;
    }
    socket.removeAllListeners("error");
    socket.on("error", (error) => log.warn({ error: error.message }, "STUN socket"));
    socket.on("message", (request, from) => {
      const response = answer(request, from);
      if (response) socket.send(response, from.port, from.address);
    });
    return new Stun(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** The reply to a binding request; null for anything else. */
export function answer(request: Buffer, from: Pick<RemoteInfo, "address" | "port" | "family">): Buffer | null {
  if (request.length < headerBytes || request.readUInt16BE(0) !== bindingRequest || request.readUInt32BE(4) !== magicCookie) return null;
  if (request.readUInt16BE(2) !== request.length - headerBytes) return null;
  const transaction = request.subarray(4, headerBytes);
  const address = addressBytes(from);
  if (!address) return null;
  const response = Buffer.alloc(headerBytes + 8 + address.length);
  response.writeUInt16BE(bindingSuccess, 0);
  response.writeUInt16BE(response.length - headerBytes, 2);
  transaction.copy(response, 4);
  response.writeUInt16BE(xorMappedAddress, 20);
  response.writeUInt16BE(4 + address.length, 22);
  response.writeUInt8(address.length === 4 ? 1 : 2, 25);
  response.writeUInt16BE(from.port ^ (magicCookie >>> 16), 26);
  // X-Address: xor with the cookie and, for IPv6, the transaction id, which lie together in the header.
  for (const [i, byte] of address.entries()) response.writeUInt8(byte ^ (transaction[i] ?? 0), 28 + i);
  return response;
}

function addressBytes(from: { address: string; family: string }): Buffer | null {
  if (from.family === "IPv4") return Buffer.from(from.address.split(".").map(Number));
  const plain = from.address.split("%")[0] ?? "";
  const [head = "", tail] = plain.split("::");
  const groups = (text: string) =>
    text
      .split(":")
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = tail === undefined ? left : [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
  if (all.length !== 8 || all.some((group) => !(group >= 0 && group <= 0xffff))) return null;
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
