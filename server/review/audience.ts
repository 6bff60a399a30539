// Everybody who looks at a recording's feedback right now, over `/ws/review`: told of what others write as it happens.
// Promise: nobody is told what they may not see, nor anything by a link that is over; a listener that is gone is let go within a minute.
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { parseJson } from "../../protocol/call.ts";
import { closeCode, closeCodeOf, ProtocolError, UserError } from "../../protocol/errors.ts";
import { type Comment, type LookDown, LookUp, lookVersion } from "../../protocol/feedback.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { CommentRow } from "../store/feedback.ts";
import type { Viewer } from "./attachments.ts";

interface Listener {
  socket: WebSocket;
  recordingId: string;
  reviewerId: string | null;
  shareId: string | null;
  /** When the link they came by is over, wall clock; null: never. */
  expiresAt: number | null;
  /** It has answered since it was last asked whether it is there. */
  alive: boolean;
}

const helloMs = 10_000;
const askEveryMs = 25_000;

export class Audience {
  readonly #listeners = new Set<Listener>();
  readonly #access: Access;
  readonly #log: Logger;
  readonly #asking: NodeJS.Timeout;

  constructor(access: Access, log: Logger) {
    this.#access = access;
    this.#log = log;
    this.#asking = setInterval(() => this.#ask(), askEveryMs);
    this.#asking.unref();
  }

  /** A socket whose origin was checked; its first message says what it wants to look at. */
  accept(socket: WebSocket): void {
    const impatience = setTimeout(() => socket.close(closeCode.malformed, "nothing was asked for"), helloMs);
    socket.on("error", (error) => this.#log.debug({ err: error }, "review socket"));
    socket.once("message", (data) => {
      clearTimeout(impatience);
      this.#begin(socket, String(data)).catch((error: unknown) => this.#refuse(socket, error));
    });
    socket.once("close", () => clearTimeout(impatience));
  }

  async #begin(socket: WebSocket, text: string): Promise<void> {
    const look: LookUp = parseJson(LookUp, text);
    if (look.version !== lookVersion) throw new ProtocolError("wrong-version", `version=${look.version} expected=${lookVersion}`);
    const credentials: Credentials = { key: look.key, token: null, reviewer: look.reviewer };
    const { share } = await this.#access.recording(credentials, look.recording, "look");
    const reviewer = await this.#access.reviewer(credentials, look.recording);
    if (socket.readyState !== socket.OPEN) return;
    const listener: Listener = {
      socket,
      recordingId: look.recording,
      reviewerId: reviewer?.id ?? null,
      shareId: share?.id ?? null,
      expiresAt: share?.expiresAt ?? null,
      alive: true,
    };
    this.#listeners.add(listener);
    socket.on("pong", () => {
      listener.alive = true;
    });
    socket.on("close", () => this.#listeners.delete(listener));
    say(listener, { type: "welcome" });
  }

  #refuse(socket: WebSocket, error: unknown): void {
    if (error instanceof UserError) socket.send(JSON.stringify({ type: "refused", code: error.code, message: error.message }));
    else if (!(error instanceof ProtocolError)) this.#log.error({ err: error }, "review socket");
    socket.close(closeCodeOf(error), error instanceof Error ? error.message.slice(0, 100) : "");
  }

  /** `hidden`: only whoever wrote it is told, as of a note. `told`: as one viewer is told. Answers with the reviewers who were. */
  comment(row: CommentRow, hidden: boolean, told: (viewer: Viewer) => Comment): string[] {
    const only = hidden || row.private ? row.reviewerId : undefined;
    const listeners = this.#tell(row.recordingId, (listener) => ({ type: "comment", comment: told(viewerOf(listener)) }), only);
    return listeners.flatMap(({ reviewerId }) => reviewerId ?? []);
  }

  /** `only`: the one reviewer who is told (null: those who said no name). */
  deleted(recordingId: string, id: string, only?: string | null): void {
    this.#tell(recordingId, () => ({ type: "deleted", id }), only);
  }

  changed(recordingId: string, what: (LookDown & { type: "changed" })["what"]): void {
    this.#tell(recordingId, () => ({ type: "changed", what }));
  }

  /** A link was revoked, or a recording deleted: who came by it is sent away. */
  dismiss(of: { shareId?: string; recordingId?: string }): void {
    for (const listener of this.#listeners)
      if (listener.recordingId === of.recordingId) listener.socket.close(closeCode.gone, "This recording was deleted. [gone]");
      else if (listener.shareId === of.shareId) sendAway(listener);
  }

  #tell(recordingId: string, message: (listener: Listener) => LookDown, only?: string | null): Listener[] {
    const told = [...this.#listeners].filter(
      (listener) => listener.recordingId === recordingId && (only === undefined || listener.reviewerId === only) && !isOver(listener),
    );
    for (const listener of told) say(listener, message(listener));
    return told;
  }

  #ask(): void {
    for (const listener of this.#listeners) {
      if (isOver(listener)) sendAway(listener);
      if (!listener.alive) listener.socket.terminate();
      listener.alive = false;
      listener.socket.ping();
    }
  }

  close(): void {
    clearInterval(this.#asking);
    for (const { socket } of this.#listeners) socket.close(closeCode.restarting, "The server restarts. Reconnecting.");
  }
}

function isOver({ expiresAt }: Listener): boolean {
  return expiresAt !== null && expiresAt <= Date.now();
}

function sendAway({ socket }: Listener): void {
  socket.close(closeCode.forbidden, "This link is no longer valid. [gone]");
}

function viewerOf({ reviewerId, shareId }: Listener): Viewer {
  return { holder: shareId ?? "", reviewerId };
}

/** What is waiting to be sent and not taken, bytes: a listener that lets so much pile up is no longer there. */
const mostWaiting = 4 * 1024 * 1024;

function say({ socket }: Listener, message: LookDown): void {
  if (socket.bufferedAmount > mostWaiting) socket.terminate();
  else socket.send(JSON.stringify(message));
}
