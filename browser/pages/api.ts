// The REST interface as the pages see it. Promise: an answer that fits its schema, or a UserError whose sentence can be shown as it is.
import type * as z from "zod/mini";
import { UserError, type UserErrorCode, type Why } from "../../protocol/errors.ts";
import { Ice, Problem, Room } from "../../protocol/rooms.ts";
import { language, t } from "./words.ts";

export class Api {
  constructor(readonly key: string) {}

  room(id: string): Promise<Room> {
    return this.ask(Room, "GET", `/rooms/${encodeURIComponent(id)}`);
  }

  ice(roomId: string): Promise<Ice> {
    return this.ask(Ice, "GET", `/rooms/${encodeURIComponent(roomId)}/ice`);
  }

  /** Bytes for nothing, to measure the line; at most 256 kB. */
  async probe(roomId: string, body: string, signal?: AbortSignal): Promise<void> {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "text/plain" };
    const response = await reach(`/api/v1/rooms/${encodeURIComponent(roomId)}/probe`, {
      method: "POST",
      headers,
      body,
      signal: signal ?? null,
    });
    if (!response.ok) throw await refusal(response);
  }

  protected headers(): Headers {
    return new Headers({ authorization: `Bearer ${this.key}` });
  }

  protected ask(schema: null, method: string, path: string): Promise<void>;
  protected ask<T extends z.ZodMiniType>(schema: T, method: string, path: string, body?: unknown): Promise<z.infer<T>>;
  protected async ask<T extends z.ZodMiniType>(
    schema: T | null,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.infer<T> | undefined> {
    const headers = this.headers();
    if (body !== undefined) headers.set("content-type", "application/json");
    const response = await reach(`/api/v1${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    if (!response.ok) throw await refusal(response);
    if (!schema) return undefined;
    return schema.parse(await response.json()) as z.infer<T>;
  }
}

export async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new UserError("unreachable", "The server cannot be reached. Check your connection; this page keeps trying.", { cause });
  }
}

export async function refusal(response: Response): Promise<UserError> {
  const text = await response.text();
  const problem = Problem.safeParse(parsed(text));
  if (!problem.success) return new UserError("unreachable", `The server answered ${response.status}. Try again in a moment.`);
  const { detail, title, code, reference, current, why } = problem.data;
  return new UserError(code as UserErrorCode, `${detail || title}${reference ? ` (number ${reference})` : ""}`, { current, why });
}

/** Text that is not JSON stays text, which no schema accepts. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The sentence to show for whatever was thrown; what is not meant for people goes to the console. */
export function sentence(error: unknown): string {
  if (error instanceof UserError) return wordsOf(error);
  console.error(error);
  return t("broken");
}

/** What a refusal says in the person's language: by its reason, else by its code, and where that has no words of its own (in a room, what only other pages meet), as it was
 * written, in English. English sentences stay as written: they know more than their code does. */
export function wordsOf({ code, message, why }: { code: string; message: string; why?: unknown }): string {
  if (language() === "en" && message) return message;
  const told = why as Why | undefined;
  const other = t(`refusals:${told?.reason ?? code}` as "refusals:changed", { ...told, message, defaultValue: message });
  return t(`errors:${code}` as "errors:gone", { defaultValue: other });
}
