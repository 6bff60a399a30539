import { afterEach, expect, test, vi } from "vitest";
import { type Sending, sendBytes } from "./sending.ts";

/** A request as a browser would make it, worked by hand. */
class Request {
  static last: Request;
  status = 0;
  responseText = "";
  readonly headers: Record<string, string> = {};
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  opened: string[] = [];
  body: unknown = null;
  onload = (): void => undefined;
  onerror = (): void => undefined;
  onabort = (): void => undefined;
  onloadend = (): void => undefined;
  constructor() {
    Request.last = this;
  }
  open(...how: string[]) {
    this.opened = how;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send(body: unknown) {
    this.body = body;
  }
  abort() {
    this.onabort();
    this.onloadend();
  }
  answer(status: number, text: string) {
    Object.assign(this, { status, responseText: text });
    this.onload();
    this.onloadend();
  }
}

vi.stubGlobal("XMLHttpRequest", Request);
afterEach(() => void vi.useRealTimers());

const body = new Blob(["voice"]);
function rig(more: Partial<Sending> = {}) {
  const shares: number[] = [];
  const headers = new Headers({ authorization: "Bearer key" });
  const answer = sendBytes({
    path: "/here",
    headers,
    type: "audio/webm",
    body,
    onSent: (share) => shares.push(share),
    ...more,
  });
  return { answer, shares, request: Request.last };
}

test("it goes up as it is, says how far it is, and the answer is whatever the server said", async () => {
  const { answer, shares, request } = rig();
  expect([request.opened, request.body]).toEqual([["POST", "/api/v1/here"], body]);
  expect(request.headers).toEqual({ authorization: "Bearer key", "content-type": "audio/webm" });
  for (const loaded of [1, 4]) request.upload.onprogress?.({ loaded, total: 4 });
  request.answer(507, `{"code":"disk-full"}`);
  expect([(await answer).status, await (await answer).json(), shares]).toEqual([507, { code: "disk-full" }, [0.25, 1]]);
  const empty = rig();
  empty.request.answer(204, "");
  expect((await empty.answer).status).toBe(204);
});

test("stopped, it rejects with the reason; before it began, nothing is sent", async () => {
  const stopping = new AbortController();
  const { answer } = rig({ signal: stopping.signal });
  stopping.abort(new Error("enough"));
  await expect(answer).rejects.toThrow("enough");
  const before = Request.last;
  await expect(rig({ signal: stopping.signal }).answer).rejects.toThrow("enough");
  expect(Request.last).toBe(before);
});

test("a line that breaks, or on which nothing moves for so long, is said in words", async () => {
  vi.useFakeTimers();
  const broken = rig();
  broken.request.onerror();
  await expect(broken.answer).rejects.toThrow("stopped listening");
  const { answer, request } = rig({ silenceMs: 1000 });
  const lost = expect(answer).rejects.toThrow("stopped listening");
  vi.advanceTimersByTime(900);
  request.upload.onprogress?.({ loaded: 1, total: 5 });
  vi.advanceTimersByTime(900);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(100);
  await lost;
  expect(vi.getTimerCount()).toBe(0);
});
