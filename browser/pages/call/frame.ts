// An empty frame in the page, seen by nobody: a window in which connections can be made.
import type { Frame } from "../../call/addresses.ts";

export function emptyFrame(): Frame {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.body.append(frame);
  return { window: frame.contentWindow as Window & typeof globalThis, close: () => frame.remove() };
}
