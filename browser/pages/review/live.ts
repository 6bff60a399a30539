// The line on which the server tells what others write, while it lasts. Promise: comes back by itself, later and later, and says so each time,
// because what was told meanwhile was not heard; what is gone for good is not asked for again.
import { closeCode, codeOfReason, UserError, type UserErrorCode } from "../../../protocol/errors.ts";
import { LookDown, lookVersion } from "../../../protocol/feedback.ts";

export interface LiveOptions {
  recordingId: string;
  key: string;
  /** Asked at every connect: who I am may have become known meanwhile. */
  identity: () => string | null;
  onTold: (message: LookDown) => void;
  /** True: listening, and everything has to be read anew. */
  onLine: (listening: boolean) => void;
  /** The link does not open this any more. */
  onRefused: (refusal: UserError) => void;
}

const firstMs = 500;
const mostMs = 15_000;

export class Live {
  readonly #options: LiveOptions;
  #socket: WebSocket | null = null;
  #waitMs = firstMs;
  #timer: number | undefined;
  #closed = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#connect();
  }

  /** As somebody else than before. */
  again(): void {
    this.#waitMs = firstMs;
    this.#socket?.close();
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect(): void {
    const { recordingId, key, identity, onLine, onTold, onRefused } = this.#options;
    const socket = new WebSocket(`${window.location.origin.replace(/^http/, "ws")}/ws/review`);
    this.#socket = socket;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "look", version: lookVersion, recording: recordingId, key, reviewer: identity() }));
    socket.onmessage = ({ data }) => {
      const told = LookDown.safeParse(JSON.parse(String(data)));
      if (!told.success) return console.warn("not understood", data);
      if (told.data.type === "welcome") {
        this.#waitMs = firstMs;
        onLine(true);
      } else if (told.data.type === "refused") {
        this.#closed ||= told.data.code === "gone";
        onRefused(new UserError(told.data.code as UserErrorCode, told.data.message));
      } else onTold(told.data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#closed) return;
      onLine(false);
      if ((code === closeCode.forbidden || code === closeCode.gone) && codeOfReason(reason) === "gone") {
        this.#closed = true;
        return onRefused(new UserError("gone", reason.replace(/ \[.*/, "")));
      }
      this.#timer = window.setTimeout(() => this.#connect(), this.#waitMs);
      this.#waitMs = Math.min(mostMs, this.#waitMs * 2);
    };
  }
}
