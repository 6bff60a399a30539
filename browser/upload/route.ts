// Which way a track's bytes take: WebSocket, unless it could not be opened twice in a row and plain HTTP gets an answer.
// Promise: HTTP is tried by sending through it, so a network that is simply gone never looks like a proxy that blocks.
import type { UploadSocket } from "./connection.ts";

/** The part of a WebSocket that tells whether it was ever open. */
export interface OpenableSocket extends UploadSocket {
  addEventListener(type: "open" | "close", listener: () => void): void;
}

export interface RouteOptions {
  socket: () => OpenableSocket;
  /** `onAnswer` is to be called whenever the server answered by HTTP. */
  http: (onAnswer: () => void) => UploadSocket;
  nowMs: () => number;
}

const mostFailures = 2;
/** Then the next round tries WebSocket again: networks change, and a WebSocket costs less. */
const httpForMs = 5 * 60_000;

export class Route {
  #failures = 0;
  #httpUntilMs = 0;

  constructor(readonly options: RouteOptions) {}

  connect = (): UploadSocket => {
    const { socket, http, nowMs } = this.options;
    if (nowMs() < this.#httpUntilMs) return http(() => undefined);
    if (this.#failures < mostFailures) return this.#watched(socket());
    this.#failures = 0;
    let answered = false;
    return http(() => {
      if (!answered) this.#httpUntilMs = nowMs() + httpForMs;
      answered = true;
    });
  };

  #watched(socket: OpenableSocket): UploadSocket {
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.#failures = 0;
    });
    socket.addEventListener("close", () => {
      if (!opened) this.#failures++;
    });
    return socket;
  }
}
