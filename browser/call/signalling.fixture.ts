// For tests: a way to the server whose sockets are made up, and what came over them.
import type { CallDown, CallUp } from "../../protocol/call.ts";
import type { ClockSample } from "../../protocol/recording.ts";
import { type CallSocket, Signalling } from "./signalling.ts";
import { welcome } from "./welcome.fixture.ts";

export class FakeSocket implements CallSocket {
  readyState: number;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: CallUp[] = [];

  constructor(readyState: number) {
    this.readyState = readyState;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as CallUp);
  }

  close(): void {
    this.readyState = 3;
  }

  say(message: CallDown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

/** `readyState`: of each new socket. `probe`: what is answered, unless said that the server is there. `moved`: whether this machine has another address. */
export function start(
  known?: Promise<unknown>,
  readyState = 0,
  probe: () => Promise<boolean> = () => Promise.resolve(true),
  moved: () => Promise<boolean> = () => Promise.resolve(false),
) {
  const sockets: FakeSocket[] = [];
  const messages: CallDown[] = [];
  const samples: ClockSample[] = [];
  const refusals: { code: string; message: string }[] = [];
  let lost = 0;
  const signalling = new Signalling({
    connect: () => {
      const socket = new FakeSocket(readyState);
      sockets.push(socket);
      return socket;
    },
    nowMs: () => performance.now(),
    probe,
    moved,
    join: () => ({ type: "leave" }),
    onMessage: (message) => messages.push(message),
    onSample: (sample) => samples.push(sample),
    onLost: () => lost++,
    onRefused: (refusal) => refusals.push(refusal),
  });
  signalling.open(known);
  const socket = (index: number): FakeSocket => {
    const found = sockets[index];
    if (!found) throw new Error(`no socket ${index}`);
    return found;
  };
  const join = (index: number) => {
    socket(index).open();
    socket(index).say(welcome);
  };
  return { signalling, sockets, socket, join, messages, samples, refusals, lost: () => lost };
}

export const pings = (socket: FakeSocket) => socket.sent.filter((message) => message.type === "ping");
