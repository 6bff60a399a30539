import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { preload } from "./preload.ts";

interface Link {
  rel: string;
  href: string;
  onload(): void;
  onerror(): void;
  remove(): void;
}

let links: Link[] = [];
let removed: Link[] = [];

beforeEach(() => {
  links = [];
  removed = [];
  const createElement = () => {
    const link = { remove: () => removed.push(link) } as unknown as Link;
    return link;
  };
  vi.stubGlobal("document", { createElement, head: { append: (link: Link) => links.push(link) } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a part is handed over when its styles hold, not before", async () => {
  let over = false;
  const part = preload(async () => "page", ["assets/one.css"]).finally(() => (over = true));
  await new Promise(setImmediate);
  expect(over).toBe(false);
  expect(links.map(({ rel, href }) => `${rel} ${href}`)).toEqual(["stylesheet /assets/one.css"]);
  links[0]!.onload();
  expect(await part).toBe("page");
});

test("code and styles are asked for at the same time", () => {
  const load = vi.fn(async () => "page");
  void preload(load, ["assets/two.css"]);
  expect(load).toHaveBeenCalledOnce();
  expect(links).toHaveLength(1);
});

test("a style sheet that two parts need is fetched once", async () => {
  const parts = [preload(async () => 1, ["assets/three.css"]), preload(async () => 2, ["assets/three.css"])];
  links[0]!.onload();
  expect(await Promise.all(parts)).toEqual([1, 2]);
  expect(links).toHaveLength(1);
});

test("without its styles a part fails, and the next try asks for them anew", async () => {
  const failing = preload(async () => "page", ["assets/four.css"]);
  links[0]!.onerror();
  await expect(failing).rejects.toThrow("assets/four.css");
  expect(removed).toEqual([links[0]]);
  const again = preload(async () => "page", ["assets/four.css"]);
  links[1]!.onload();
  expect(await again).toBe("page");
});

test("a part whose code cannot be loaded fails with the code's own error", async () => {
  await expect(preload(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});
