// Bytes on their way up, where the person is to see how far they are and may stop them.
// By XMLHttpRequest: `fetch` does not say how far an upload has come. A body that streams would, but Chromium takes one over HTTP/2 only, which a
// server without TLS does not speak, and Firefox takes none. To our CSP both are the same: `connect-src 'self'`.
import { UserError } from "../../protocol/errors.ts";

const lost = "The server cannot be reached, or stopped listening. Check your connection and try again.";

export interface Sending {
  /** To the API, without `/api/v1`. */
  path: string;
  headers: Headers;
  type: string;
  body: Blob;
  /** How much of it the browser has handed over, 0 to 1. At 1 the last part may still be on its way. */
  onSent: (share: number) => void;
  /** Stops it: rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Given up on when nothing moved for so long; absent: the answer may take its time. */
  silenceMs?: number;
}

/** What the server answered, whatever that is. Rejects with a UserError when it did not. */
export function sendBytes({ path, headers, type, body, onSent, signal, silenceMs = 0 }: Sending): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    const fail = (cause: string) => reject(new UserError("not-sent", lost, { cause }));
    let patience: ReturnType<typeof setTimeout> | undefined;
    const moved = () => {
      clearTimeout(patience);
      if (silenceMs > 0) patience = setTimeout(() => request.abort(), silenceMs);
    };
    const stop = () => request.abort();
    signal?.addEventListener("abort", stop);
    request.open("POST", `/api/v1${path}`);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.setRequestHeader("content-type", type);
    request.upload.onprogress = ({ loaded, total }) => {
      moved();
      onSent(total > 0 ? loaded / total : 0);
    };
    request.onload = () => resolve(new Response(request.responseText || null, { status: request.status }));
    request.onerror = () => fail("error");
    request.onabort = () => (signal?.aborted ? reject(signal.reason as Error) : fail("silence"));
    request.onloadend = () => {
      clearTimeout(patience);
      signal?.removeEventListener("abort", stop);
    };
    moved();
    request.send(body);
  });
}
