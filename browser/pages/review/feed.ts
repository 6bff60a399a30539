// The playlist of a growing film as a player sees it: which windows there are, when, and which were composed again. Pure.
// Promise: a window that was replaced has another name; whatever the server answers, times never overlap.

export interface Window {
  /** Tells two compositions of the same window apart. */
  name: string;
  url: string;
  startMs: number;
  endMs: number;
}

/** So many of the last windows are asked for anew with every look; what changed before them is seen by the next full look. */
const overlap = 40;

export class Feed {
  readonly windows: Window[] = [];
  init: string | null = null;
  /** Nothing more will come. */
  complete = false;

  get endMs(): number {
    return this.windows.at(-1)?.endMs ?? 0;
  }

  /** The first window that the next look has to tell of. */
  from(full: boolean): number {
    return full ? 0 : Math.max(0, this.windows.length - overlap);
  }

  /** `url`: the playlist's own, which its lines are relative to. "anew": everything known before is void. */
  take(text: string, url: string): "same" | "changed" | "anew" {
    const list = parse(text, url);
    const anew = list.from > this.windows.length || list.from + list.windows.length < this.windows.length;
    const before = JSON.stringify([this.windows.length, this.complete, this.windows.slice(list.from).map(({ name }) => name)]);
    if (anew) this.windows.length = 0;
    this.init = list.init;
    if (anew && list.from > 0) {
      this.complete = false;
      return "anew";
    }
    this.windows.length = list.from;
    for (const { name, url: at, durationMs } of list.windows) {
      const startMs = this.endMs;
      this.windows.push({ name, url: at, startMs, endMs: startMs + durationMs });
    }
    this.complete = list.complete;
    if (anew) return "anew";
    const after = JSON.stringify([this.windows.length, this.complete, this.windows.slice(list.from).map(({ name }) => name)]);
    return before === after ? "same" : "changed";
  }

  /** Index of the window that shows this moment; the last one for all that is later. -1: there is none. */
  at(ms: number): number {
    let low = 0;
    let high = this.windows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.windows[middle]!.endMs <= ms) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, this.windows.length - 1);
  }
}

interface List {
  from: number;
  init: string | null;
  complete: boolean;
  windows: { name: string; url: string; durationMs: number }[];
}

function parse(text: string, base: string): List {
  const list: List = { from: 0, init: null, complete: false, windows: [] };
  let durationMs = 0;
  for (const line of text.split(/\r?\n/)) {
    const [, tag, value = ""] = /^#(EXT[A-Z0-9-]*):?(.*)$/.exec(line) ?? [];
    if (tag === "EXT-X-MEDIA-SEQUENCE") list.from = Number(value) || 0;
    else if (tag === "EXT-X-MAP") list.init = whole(/URI="([^"]+)"/.exec(value)?.[1] ?? "", base);
    else if (tag === "EXT-X-ENDLIST") list.complete = true;
    else if (tag === "EXTINF") durationMs = Math.max(0, Number.parseFloat(value) * 1000) || 0;
    else if (line !== "" && !line.startsWith("#"))
      list.windows.push({ name: line.replace(/\?.*/, ""), url: whole(line, base), durationMs });
  }
  return list;
}

function whole(uri: string, base: string): string {
  return new URL(uri, base).href;
}
