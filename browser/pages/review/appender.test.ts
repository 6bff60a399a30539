import { afterEach, expect, test, vi } from "vitest";
import { Appender } from "./appender.ts";

const open: Appender[] = [];

afterEach(() => {
  for (const appender of open.splice(0)) appender.close();
  vi.unstubAllGlobals();
});

/** An init segment as far as it is looked at: where the configuration of H.264 stands. */
const init = new TextEncoder().encode("....avcC\u0001dd\u0000....");
const playlist = (lengths: readonly number[]) =>
  [
    "#EXTM3U",
    "#EXT-X-MEDIA-SEQUENCE:0",
    '#EXT-X-MAP:URI="init.mp4"',
    ...lengths.flatMap((seconds, index) => [`#EXTINF:${seconds.toFixed(5)},`, `${index}.m4s`]),
    "#EXT-X-ENDLIST",
    "",
  ].join("\n");

/** A browser's media source that takes in whatever comes, and says that it holds up to `heldS`. */
function player(lengths: readonly number[], answer: (name: string, asked: number) => Response | null = () => null) {
  let heldS = 0;
  const asked = new Map<string, number>();
  const appended: number[] = [];
  const failures: unknown[] = [];
  const ends = vi.fn();
  class Buffer extends EventTarget {
    updating = false;
    timestampOffset = 0;
    readonly buffered = { length: 1, start: () => 0, end: () => heldS };
    appendBuffer(bytes: ArrayBuffer): void {
      appended.push(bytes.byteLength);
      // The last tenth of a second of a window may be sound alone, which the browser does not count.
      if (bytes.byteLength <= lengths.length)
        heldS = Math.max(
          heldS,
          lengths.slice(0, bytes.byteLength).reduce((sum, each) => sum + each, -0.03),
        );
      queueMicrotask(() => this.dispatchEvent(new Event("updateend")));
    }
    remove(): void {
      queueMicrotask(() => this.dispatchEvent(new Event("updateend")));
    }
  }
  class Source extends EventTarget {
    readyState = "open";
    duration = 0;
    constructor() {
      super();
      queueMicrotask(() => this.dispatchEvent(new Event("sourceopen")));
    }
    addSourceBuffer = () => new Buffer();
    endOfStream = () => {
      this.readyState = "ended";
      ends();
    };
  }
  vi.stubGlobal("MediaSource", Source);
  vi.stubGlobal("window", { location: { href: "http://server/v/rec_1" } });
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:1", revokeObjectURL: () => undefined }));
  vi.stubGlobal("fetch", async (url: string) => {
    const name = new URL(url).pathname.split("/").at(-1)!;
    await new Promise((resolve) => setTimeout(resolve));
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const given = answer(name, asked.get(name)!);
    if (given) return given;
    if (name === "init.mp4") return new Response(init);
    return new Response(name === "list.m3u8" ? playlist(lengths) : new Uint8Array(Number.parseInt(name, 10) + 1));
  });
  const video = Object.assign(new EventTarget(), { currentTime: 0, src: "" }) as unknown as HTMLVideoElement;
  const appender = new Appender({
    video,
    playlistUrl: () => "http://server/list.m3u8?token=t",
    onReach: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  open.push(appender);
  return { asked, appended, ends, failures };
}

test("a last window of one picture is brought once, and the film has an end", async () => {
  const { asked, ends } = player([3.2, 1 / 30]);
  await vi.waitUntil(() => ends.mock.calls.length > 0);
  expect([asked.get("0.m4s"), asked.get("1.m4s")]).toEqual([1, 1]);
});

test("an answer that breaks off in the middle is asked for again", async () => {
  const torn = () =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(new Uint8Array(1));
          controller.error(new TypeError("network error"));
        },
      }),
    );
  const { asked, ends, failures } = player([3.2, 3.2], (name, time) => (name === "1.m4s" && time === 1 ? torn() : null));
  await vi.waitUntil(() => ends.mock.calls.length > 0, { timeout: 10_000 });
  expect(failures).toEqual([]);
  expect([asked.get("0.m4s"), asked.get("1.m4s")]).toEqual([1, 2]);
});
