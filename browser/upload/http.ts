// The upload socket where no WebSocket gets through: the same messages, each as one request of tus 1.0, one after the other.
// Promise: the uploader's loop cannot tell; an answer that is not our server's own counts as a broken link, never as a refusal.
import { closeCode } from "../../protocol/errors.ts";
import { chunkHeader, encodeChunk, patchType, tusVersion, uploadsPath } from "../../protocol/tus.ts";
import { parseFrame, parseUploadUp, type UploadDown, type UploadUp } from "../../protocol/upload.ts";
import type { UploadSocket } from "./connection.ts";

/** What a browser reports for a socket that broke (RFC 6455, 7.1.5). */
const brokenCode = 1006;

export class HttpSocket implements UploadSocket {
  binaryType = "arraybuffer";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly #abort = new AbortController();
  readonly #segments = new Map<number, string>();
  #turn: Promise<void> = Promise.resolve();
  #track = "";
  #token = "";

  constructor(
    /** Address of the server, without a slash at the end. */
    readonly origin: string,
    /** Told at every answer of the server. */
    readonly onAnswer: () => void,
    readonly request: typeof fetch = (...args) => fetch(...args),
  ) {
    this.#then(async () => this.onopen?.());
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#then(() => (typeof data === "string" ? this.#say(parseUploadUp(data)) : this.#bring(data)));
  }

  close(): void {
    this.#abort.abort();
  }

  #then(action: () => Promise<void>): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#abort.signal.aborted) return;
      try {
        await action();
      } catch (error) {
        this.#end(brokenCode, String(error));
      }
    });
  }

  async #say(message: UploadUp): Promise<void> {
    if (message.type === "hello") {
      // Shown with every request; the first answer that needs it is that to `open`.
      this.#track = message.track;
      this.#token = message.token;
      this.#hear({ type: "welcome", track: message.track });
      return;
    }
    if (message.type === "open") return await this.#open(message);
    const answer = await this.#ask("POST", this.#track, { "content-type": "application/json" }, JSON.stringify(message));
    if (answer?.status === 200) this.onmessage?.({ data: await answer.text() });
  }

  async #open(message: UploadUp & { type: "open" }): Promise<void> {
    const metadata = { version: "1", track: this.#track, segment: message.segment, facts: JSON.stringify(message.facts) };
    const answer = await this.#ask("POST", "", {
      "upload-metadata": Object.entries(metadata)
        .map(([name, value]) => `${name} ${base64(value)}`)
        .join(","),
      "upload-defer-length": "1",
    });
    if (!answer) return;
    this.#segments.set(message.handle, message.segment);
    const sealed = answer.headers.has("upload-length");
    this.#hear({ type: "offset", segment: message.segment, offset: Number(answer.headers.get("upload-offset")), sealed });
  }

  async #bring(data: Uint8Array<ArrayBuffer>): Promise<void> {
    const frame = parseFrame(data);
    const segment = this.#segments.get(frame.handle) ?? "";
    const headers = { "content-type": patchType, "upload-offset": String(frame.offset), [chunkHeader]: encodeChunk(frame) };
    const answer = await this.#ask("PATCH", `${this.#track}/${segment}`, headers, frame.bytes);
    if (answer) this.#hear({ type: "ack", segment, offset: Number(answer.headers.get("upload-offset")) });
  }

  /** Null: the link is over, and that was said. */
  async #ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response | null> {
    const answer = await this.request(`${this.origin}${uploadsPath}${path === "" ? "" : `/${path}`}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}`, "tus-resumable": tusVersion },
      body,
      cache: "no-store",
      redirect: "error",
      signal: this.#abort.signal,
    });
    // Whatever stands in between may answer anything: only our server speaks tus.
    if (answer.headers.get("tus-resumable") !== tusVersion) {
      this.#end(brokenCode, `status ${answer.status} of somebody else`);
      return null;
    }
    this.onAnswer();
    if (answer.ok) return answer;
    this.#refuse(answer.status, await answer.text());
    return null;
  }

  #refuse(status: number, text: string): void {
    const { code, detail } = JSON.parse(text) as { code: string; detail: string };
    const code4 = 4000 + status;
    // What the server says of a broken contract is for its log.
    if (code4 !== closeCode.malformed && code4 !== closeCode.conflict) this.#hear({ type: "refused", code, message: detail });
    this.#end(code4, `[${code}]`);
  }

  #hear(message: UploadDown): void {
    if (!this.#abort.signal.aborted) this.onmessage?.({ data: JSON.stringify(message) });
  }

  #end(code: number, reason: string): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.onclose?.({ code, reason });
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
