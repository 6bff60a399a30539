// The REST front door with a key, every answer parsed by the shapes the product promises.
import { writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type * as z from "zod/mini";
import { CreatedRoom, Recording, RecordingList, type RecordingState } from "../../protocol/api.ts";
import { Comment, CommentList, NewAttachment, type NewComment } from "../../protocol/feedback.ts";
import { Timeline } from "../../protocol/timeline.ts";
import { poll } from "./poll.ts";

export class Api {
  constructor(
    readonly url: string,
    readonly key: string | null,
  ) {}

  /** The same door with another key, or with none. */
  as(key: string | null): Api {
    return new Api(this.url, key);
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    // Connections that the server closed while this process computed for seconds are noticed first, and not used for this.
    await setImmediate();
    return await fetch(path.startsWith("http") ? path : `${this.url}${path.startsWith("/api/") ? path : `/api/v1${path}`}`, {
      method,
      headers: {
        ...(this.key === null ? {} : { authorization: `Bearer ${this.key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async #parsed<T extends z.ZodMiniType>(schema: T, method: string, path: string, body?: unknown): Promise<z.infer<T>> {
    const answer = await this.ask(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return schema.parse(JSON.parse(text)) as z.infer<T>;
  }

  createRoom = (name = "Journey") => this.#parsed(CreatedRoom, "POST", "/rooms", { name });
  record = (room: string) => this.#parsed(Recording, "POST", `/rooms/${room}/recordings`);
  stop = (recording: string) => this.#parsed(Recording, "POST", `/recordings/${recording}/stop`);
  recordings = (query = "") => this.#parsed(RecordingList, "GET", `/recordings${query}`);
  recording = (id: string) => this.#parsed(Recording, "GET", `/recordings/${id}`);
  timeline = (id: string) => this.#parsed(Timeline, "GET", `/recordings/${id}/timeline`);
  comments = (id: string) => this.#parsed(CommentList, "GET", `/recordings/${id}/comments`);
  comment = (id: string, comment: NewComment) => this.#parsed(Comment, "POST", `/recordings/${id}/comments`, comment);

  /** A voice or a video for a comment. */
  async attach(id: string, bytes: Uint8Array, type: "audio/webm" | "video/webm"): Promise<NewAttachment> {
    const headers = { "content-type": type, ...(this.key === null ? {} : { authorization: `Bearer ${this.key}` }) };
    const answer = await fetch(`${this.url}/api/v1/recordings/${id}/attachments`, { method: "POST", headers, body: Buffer.from(bytes) });
    if (!answer.ok) throw new Error(`attach to ${id}: ${answer.status} ${await answer.text()}`);
    return NewAttachment.parse(await answer.json());
  }

  /** The newest recording, of a room or of all, once there is one. */
  async recordingOf(room?: string): Promise<Recording> {
    return await poll(async () => (await this.recordings(room ? `?room=${room}` : "")).items[0], {
      what: `a recording in ${room ?? "any room"}`,
    });
  }

  /** Waits for one of the states; fails at once in a state that none of them can follow. */
  async settles(id: string, states: RecordingState[] = ["ready"], limitMs = 60_000): Promise<Recording> {
    let last: Recording | undefined;
    const settled = await poll(
      async () => {
        last = await this.recording(id);
        return (states.includes(last.state) || last.state === "failed") && last;
      },
      { what: `${id} is ${states.join(" or ")}`, limitMs, everyMs: 200 },
    ).catch((cause: unknown) => {
      throw new Error(`${id} did not become ${states.join(" or ")}: ${JSON.stringify(last)}`, { cause });
    });
    if (!states.includes(settled.state)) throw new Error(`${id} is ${settled.state}: ${settled.problems.join("; ")}`);
    return settled;
  }

  async bytes(path: string): Promise<Uint8Array> {
    const answer = await this.ask("GET", path);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async download(path: string, file: string): Promise<string> {
    await writeFile(file, await this.bytes(path));
    return file;
  }
}
