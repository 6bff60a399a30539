// One upload socket as a mailbox. Promise: a break of any kind, silence included, ends up as one `Broken` with what the server said about it.
import { codeOfReason, ProtocolError } from "../../protocol/errors.ts";
import { parseUploadDown, type UploadDown, type UploadUp } from "../../protocol/upload.ts";

/** The part of WebSocket that is used. */
export interface UploadSocket {
  binaryType: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

/** A link that swallows everything without a word is noticed after this long: with the second until the next chunk, less than 10 s. */
export const silenceMs = 8500;
/** Where there is a reason to believe that the network has changed: chunks come once a second, and so do their acks. */
export const doubtedSilenceMs = 2500;
/** Whatever was on its way when the doubt came up may still arrive. */
const lastWordMs = 300;

export class Broken extends Error {
  override readonly name = "Broken";
  constructor(
    /** The socket's close code; 0 when this side gave up. */
    readonly code: number,
    /** The server's sentence for the person. */
    readonly refusal: string | null,
    reason: string,
    /** The code of the server's error, for the page's own words; null when it said none. */
    readonly why: string | null = null,
  ) {
    super(`upload socket broke code=${code} ${reason}`);
  }
}

export class Connection {
  #open = false;
  #broken: Broken | ProtocolError | null = null;
  #refusal: string | null = null;
  #why: string | null = null;
  #watchdog: ReturnType<typeof setTimeout> | null = null;
  #patienceMs = silenceMs;
  /** When the present silence began. */
  #quietMs = 0;
  readonly #inbox: UploadDown[] = [];

  /** `ring` is called whenever `take` may have something new to say. */
  constructor(
    readonly socket: UploadSocket,
    readonly ring: () => void,
  ) {
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#open = true;
      this.expect(false);
      this.ring();
    };
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#break(new Broken(event.code, this.#refusal, event.reason, this.#why ?? codeOfReason(event.reason)));
    this.expect(true);
  }

  /** Throws once the socket is broken. */
  get open(): boolean {
    if (this.#broken) throw this.#broken;
    return this.#open;
  }

  /** The oldest message not taken yet; null when there is none. Throws once the socket is broken and everything it brought was taken. */
  take(): UploadDown | null {
    const message = this.#inbox.shift();
    if (message) return message;
    if (this.#broken) throw this.#broken;
    return null;
  }

  send(data: UploadUp | Uint8Array<ArrayBuffer>): void {
    if (this.#broken) throw this.#broken;
    this.socket.send(data instanceof Uint8Array ? data : JSON.stringify(data));
  }

  /** While something is expected from the server, its silence counts as a break. */
  expect(something: boolean): void {
    if (something && this.#watchdog !== null) return;
    this.#disarm();
    if (!something) return;
    this.#quietMs = performance.now();
    this.#arm(this.#patienceMs);
  }

  /** The network may have changed: the next silence is believed sooner. */
  doubt(): void {
    if (!this.#open) return;
    this.#patienceMs = doubtedSilenceMs;
    if (this.#watchdog === null) return;
    this.#disarm();
    this.#arm(Math.max(lastWordMs, this.#quietMs + doubtedSilenceMs - performance.now()));
  }

  close(): void {
    this.#disarm();
    this.socket.onopen = null;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
  }

  #receive(data: unknown): void {
    try {
      if (typeof data !== "string") throw new ProtocolError("malformed", "binary message from the server");
      const message = parseUploadDown(data);
      this.#patienceMs = silenceMs;
      if (this.#watchdog !== null) {
        this.expect(false);
        this.expect(true);
      }
      if (message.type === "refused") {
        this.#refusal = message.message;
        this.#why = message.code;
      } else this.#inbox.push(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#break(error);
    }
    this.ring();
  }

  #break(error: Broken | ProtocolError): void {
    this.#broken ??= error;
    this.#disarm();
    this.ring();
  }

  #arm(ms: number): void {
    this.#watchdog = setTimeout(() => {
      const silentMs = Math.round(performance.now() - this.#quietMs);
      this.#break(new Broken(0, null, `silent for ${silentMs} ms`));
    }, ms);
  }

  #disarm(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
  }
}
