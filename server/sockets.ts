// The door for WebSockets: path and origin are checked before the handshake, because browsers do not apply the same-origin policy to sockets.
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";

export type Wire = Pick<Socket, "bytesRead">;

export interface SocketDoor {
  maxBytes: number;
  /** `host`: the name, without port, under which the browser reached us. `wire`: the connection below, for what has come of an unfinished message. */
  accept: (socket: WebSocket, host: string, wire: Wire) => void;
}

export function mountSockets(server: Server, doors: Record<string, SocketDoor>, publicUrl: string | null, log: Logger): () => void {
  // No compression: media does not shrink, and contexts cost memory per socket. Browsers send a message in one piece; proxies may cut it
  // into pieces of a few KiB; thousands of pieces are somebody who wants our memory.
  const servers = new Map(
    Object.entries(doors).map(([path, door]) => [
      path,
      {
        door,
        wss: new WebSocketServer({
          noServer: true,
          maxPayload: door.maxBytes,
          perMessageDeflate: false,
          maxFragments: 1024,
          maxBufferedChunks: 16_384,
        }),
      },
    ]),
  );
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const found = servers.get(request.url?.split("?")[0] ?? "");
    if (!found) return refuse(socket, 404, "Not Found");
    if (!originAllowed(request, publicUrl)) {
      log.warn({ origin: request.headers.origin, host: request.headers.host }, "socket refused: foreign origin");
      return refuse(socket, 403, "Forbidden");
    }
    found.wss.handleUpgrade(request, socket, head, (ws) =>
      found.door.accept(ws, hostname(request.headers.host ?? "localhost"), request.socket),
    );
  };
  server.on("upgrade", upgrade);
  return () => {
    server.off("upgrade", upgrade);
    for (const { wss } of servers.values()) wss.close();
  };
}

/** A page of ours: its origin's host is the one asked for (or the public one). A missing or opaque origin is nobody's page. */
function originAllowed(request: IncomingMessage, publicUrl: string | null): boolean {
  const { origin, host } = request.headers;
  if (!origin || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  if (from.protocol !== "http:" && from.protocol !== "https:") return false;
  return from.host === host?.toLowerCase() || (publicUrl !== null && from.host === new URL(publicUrl).host);
}

function hostname(host: string): string {
  return host.replace(/:\d+$/, "");
}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
