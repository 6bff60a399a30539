import { expect, test } from "vitest";
import { Feed } from "./feed.ts";

const url = "http://localhost:7000/api/v1/recordings/rec_1/playlist.m3u8?token=t";

function playlist(names: string[], { from = 0, end = false } = {}): string {
  const head = ["#EXTM3U", `#EXT-X-MEDIA-SEQUENCE:${from}`, '#EXT-X-MAP:URI="windows/init.mp4?token=t"'];
  const body = names.flatMap((name) => ["#EXTINF:3.20000,", `windows/${name}?token=${Math.random()}`]);
  return [...head, ...body, ...(end ? ["#EXT-X-ENDLIST"] : []), ""].join("\n");
}

test("windows lie one after the other, and their addresses are whole", () => {
  const feed = new Feed();
  expect(feed.take(playlist(["0.m4s", "1.m4s"]), url)).toBe("changed");
  expect(feed.windows.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 3200],
    [3200, 6400],
  ]);
  expect(feed.windows[1]?.url).toMatch(/^http:\/\/localhost:7000\/api\/v1\/recordings\/rec_1\/windows\/1\.m4s\?token=/);
  expect(feed.init).toBe("http://localhost:7000/api/v1/recordings/rec_1/windows/init.mp4?token=t");
  expect([feed.at(0), feed.at(3199), feed.at(3200), feed.at(99_000)]).toEqual([0, 0, 1, 1]);
});

test("a token that was renewed changes nothing; a window that was composed again has another name", () => {
  const feed = new Feed();
  feed.take(playlist(["0.m4s", "1.m4s"]), url);
  expect(feed.take(playlist(["0.m4s", "1.m4s"]), url)).toBe("same");
  expect(feed.take(playlist(["0.1.m4s", "1.m4s"]), url)).toBe("changed");
  expect(feed.windows[0]?.name).toBe("windows/0.1.m4s");
});

test("a list that begins further on is laid behind what is known", () => {
  const feed = new Feed();
  const names = Array.from({ length: 60 }, (_, index) => `${index}.m4s`);
  feed.take(playlist(names), url);
  expect([feed.from(false), feed.from(true)]).toEqual([20, 0]);
  expect(feed.take(playlist([...names.slice(20), "60.m4s"], { from: 20, end: true }), url)).toBe("changed");
  expect([feed.windows.length, feed.endMs, feed.complete]).toEqual([61, 61 * 3200, true]);
});

test("a film that is composed anew is begun anew, also when only its end was asked for", () => {
  const feed = new Feed();
  const names = Array.from({ length: 60 }, (_, index) => `${index}.m4s`);
  feed.take(playlist(names), url);
  expect(feed.take(playlist([], { from: 20 }), url)).toBe("anew");
  expect(feed.windows).toEqual([]);
  feed.take(playlist(names), url);
  expect(feed.take(playlist(["0.m4s"]), url)).toBe("anew");
  expect(feed.windows.length).toBe(1);
});
