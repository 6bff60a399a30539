// The socket to the room. Promise: it comes back by itself for as long as that can help, and every message handed on was parsed.
import { type CallDown, type CallUp, parseCallDown } from "../../protocol/call.ts";
import { closeCode, ProtocolError } from "../../protocol/errors.ts";
import type { ClockSample } from "../../protocol/recording.ts";
import { Probing } from "./probing.ts";

/** The part of WebSocket that is used. */
export interface CallSocket {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

interface Refusal {
  code: string;
  message: string;
}

export interface SignallingOptions {
  /** One that opens, or is open. */
  connect: () => CallSocket;
  /** The browser's clock, the one that dates recordings. */
  nowMs: () => number;
  /** Whether the server answers, within seconds; `signal` ends the question. */
  probe: (signal: AbortSignal) => Promise<boolean>;
  /** Whether this machine has another address in the network than it had; told once. */
  moved: () => Promise<boolean>;
  /** What to say first on every new socket. */
  join: () => CallUp;
  onMessage: (message: CallDown) => void;
  onSample: (sample: ClockSample) => void;
  /** The socket is gone and is being replaced. */
  onLost: () => void;
  /** Coming back cannot help. */
  onRefused: (refusal: Refusal) => void;
}

/** After a socket that broke the server is asked so soon, and after each further one that did not get in twice as late. No socket is opened before it
 * answers: one that is asked for while nothing gets through hangs for seconds after that is over, browsers open no second one beside it, and Firefox
 * keeps one that was given up among its six connections to the server, before those that come later. */
const backOffFirstMs = 250;
const backOffMostMs = 8000;
/** A socket that does not open by then is given up: a slow network gets in as well, and Chromium holds one back for up to five seconds after many failed. */
const openMs = 8000;
/** A ping that has no answer by then, or after three times what the slowest of the last few took, puts the socket in doubt: where the server answers over
 * HTTP another is opened beside it, and whichever speaks first stays. A changed network leaves sockets behind that look open, and these are noticed
 * within 1.6 s; a slow one is left in peace. */
const pingEveryMs = 1000;
const doubtMs = 600;
const doubtMostMs = 2000;
const answers = 5;
/** A socket over another address has so long before the server is asked after all. */
const aloneMs = 750;
/** A timer this late was kept waiting by the page or the machine, which says nothing of the network: so many times it is asked again. */
const lateMs = 150;
const lateMost = 2;
/** The first samples come quickly, so that a recording that starts at once is dated well. */
const firstPings = 5;
const firstPingEveryMs = 200;
/** Without a pong, or any other word, for this long the link is a black hole. */
const silenceMs = 10_000;
/** Nobody is kept on the page for a good-bye. */
const leaveMs = 1000;

/** In case that the server does not say why. */
const final: Record<number, Refusal> = {
  [closeCode.forbidden]: { code: "not-allowed", message: "This link does not open this room." },
  [closeCode.conflict]: { code: "replaced", message: "You joined elsewhere." },
  [closeCode.gone]: { code: "gone", message: "This room is gone." },
  [closeCode.wrongVersion]: { code: "wrong-version", message: "Reload this page." },
};

export class Signalling {
  #socket: CallSocket | null = null;
  /** The one that was told who comes: nothing may be said before. */
  #greeted: CallSocket | null = null;
  #closed = false;
  #failures = 0;
  #refused: Refusal | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** When the last message came, on any socket; null when none ever did. */
  #heardMs: number | null = null;
  #openedMs = 0;
  #pings = 0;
  /** Runs from a ping until something is heard. */
  #doubting: ReturnType<typeof setTimeout> | null = null;
  /** Opened beside a socket in doubt. */
  #rival: CallSocket | null = null;
  /** What the last few answers took. */
  #answersMs: number[] = [];
  #known: Promise<unknown> | undefined;
  readonly #probing: Probing;

  constructor(readonly options: SignallingOptions) {
    this.#probing = new Probing({ probe: options.probe, onReached: () => this.#reach() });
  }

  /** `known`: what has to be found out before `join` can be asked; the socket opens meanwhile. */
  open(known?: Promise<unknown>): void {
    if (this.#closed) return;
    this.#known ??= known;
    const socket = this.options.connect();
    this.#use(socket);
    const join = () => {
      if (socket.readyState === 1) this.#join(socket);
    };
    const open = () => (this.#known ? void this.#known.then(join, join) : join());
    if (socket.readyState === 1) open();
    else socket.onopen = open;
  }

  /** The network may have changed: what hangs is opened anew. */
  hurry(): void {
    if (this.#socket && !this.#opening && !this.#rival) this.ask();
    else {
      this.#probing.stop();
      this.#probing.start(0);
      void this.#follow();
    }
  }

  /** Is the socket still good? */
  ask(): void {
    if (this.#socket && this.#pings > 0) this.#ping();
    void this.#follow();
  }

  /** False when there is no socket to carry it: whatever matters is said again after the next welcome. */
  send(message: CallUp): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== 1 || socket !== this.#greeted) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  /** Says good-bye; resolves when the server has it, or there is nobody to say it to. */
  async leave(): Promise<void> {
    const socket = this.#socket;
    if (socket && this.send({ type: "leave" })) {
      this.#closed = true;
      await new Promise<void>((resolve) => {
        socket.onclose = () => resolve();
        setTimeout(resolve, leaveMs);
      });
    }
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.#probing.stop();
    this.#drop();
  }

  #use(socket: CallSocket): void {
    this.#socket = socket;
    this.#pings = 0;
    this.#refused = null;
    this.#openedMs = this.options.nowMs();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#lose(event.code, event.reason);
    this.#watch();
  }

  #join(socket: CallSocket): void {
    socket.send(JSON.stringify(this.options.join()));
    this.#greeted = socket;
  }

  /** Unless something is heard before. */
  #suspect(afterMs: number, late = 0): void {
    const dueMs = this.options.nowMs() + afterMs;
    this.#doubting ??= setTimeout(() => {
      this.#doubting = null;
      if (late < lateMost && this.options.nowMs() - dueMs > lateMs) return this.#suspect(afterMs, late + 1);
      if (this.#rival) return;
      this.#probing.start(0);
      void this.#follow();
    }, afterMs);
  }

  /** Nothing goes over a socket whose address is gone; that another has come is answer enough. Firefox goes on asking over connections that it had
   * before: each of four took a question with it. */
  async #follow(): Promise<void> {
    const socket = this.#socket;
    if (!(await this.options.moved()) || this.#socket !== socket || this.#rival || this.#closed) return;
    this.#probing.stop();
    this.#reach();
    this.#probing.start(aloneMs);
  }

  /** The server is there: what did not get through before is opened now. */
  #reach(): void {
    if (this.#opening) this.#drop();
    if (!this.#socket) this.open();
    // One that was only just opened has time to speak.
    else if (this.#pings > 0) this.#double();
  }

  /** Whichever speaks first stays. */
  #double(): void {
    this.#dismiss();
    const rival = this.options.connect();
    this.#rival = rival;
    rival.onclose = () => {
      this.#rival = null;
    };
    const open = () => {
      this.#rival = null;
      this.#drop();
      this.options.onLost();
      this.#use(rival);
      this.#join(rival);
    };
    if (rival.readyState === 1) open();
    else rival.onopen = open;
  }

  #receive(data: unknown): void {
    const receivedMs = this.options.nowMs();
    this.#heardMs = receivedMs;
    this.#trust();
    if (this.#pings > 0) this.#probing.stop();
    let message: CallDown;
    try {
      if (typeof data !== "string") throw new ProtocolError("malformed", "binary message from the server");
      message = parseCallDown(data);
    } catch (error) {
      console.error("call: message from the server", error);
      this.#lose(0, "malformed message");
      return;
    }
    if (message.type === "pong") {
      const { sentMs, serverMs, epoch } = message;
      this.#answersMs = [receivedMs - sentMs, ...this.#answersMs].slice(0, answers);
      this.options.onSample({ sentMs, receivedMs, serverMs, epoch });
      return;
    }
    if (message.type === "refused") this.#refused = { code: message.code, message: message.message };
    if (message.type === "welcome") {
      this.#failures = 0;
      this.#probing.stop();
      this.#ping();
    }
    this.options.onMessage(message);
  }

  #ping(): void {
    this.#pings++;
    this.#suspect(Math.min(doubtMostMs, Math.max(doubtMs, 3 * Math.max(...this.#answersMs))));
    this.send({ type: "ping", sentMs: this.options.nowMs() });
    this.#watch();
  }

  /** The next ping, or the end of patience. */
  #watch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const everyMs = this.#pings > 0 && this.#pings < firstPings ? firstPingEveryMs : pingEveryMs;
    this.#timer = setTimeout(() => this.#look(), this.#opening ? openMs : everyMs);
  }

  #look(): void {
    const now = this.options.nowMs();
    if (this.#opening || now - Math.max(this.#heardMs ?? 0, this.#openedMs) > silenceMs) {
      this.#lose(0, "silent");
      return;
    }
    if (this.#pings > 0 && (this.#doubting === null || this.#pings < firstPings)) this.#ping();
    else this.#watch();
  }

  get #opening(): boolean {
    return this.#socket?.readyState === 0;
  }

  #lose(code: number, reason: string): void {
    this.#drop();
    if (this.#closed) return;
    const known = final[code];
    if (known) {
      this.close();
      this.options.onRefused(refusal(known, this.#refused, reason));
      return;
    }
    console.info(`call: lost code=${code} ${reason}`);
    this.options.onLost();
    this.#probing.start(Math.min(backOffMostMs, backOffFirstMs * 2 ** this.#failures++) * (0.5 + Math.random() / 2));
    void this.#follow();
  }

  #drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#trust();
    if (this.#socket) abandon(this.#socket);
    this.#socket = null;
  }

  /** It has spoken, or is gone. */
  #trust(): void {
    if (this.#doubting !== null) clearTimeout(this.#doubting);
    this.#doubting = null;
    this.#dismiss();
  }

  #dismiss(): void {
    if (this.#rival) abandon(this.#rival);
    this.#rival = null;
  }
}

function abandon(socket: CallSocket): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.close(1000);
}

/** The close reason is the server's sentence; the refusal before it adds the code, unless it was about something else. */
function refusal(known: Refusal, refused: Refusal | null, reason: string): Refusal {
  if (refused && (reason === "" || refused.message.startsWith(reason.replace(/…$/, "")))) return refused;
  return { code: known.code, message: reason || known.message };
}
