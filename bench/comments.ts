// How smooth a recording's comments are when there are ten thousand of them, beside ten: scrolling the list, and posting one more, in Chromium, in turns
// in one run. `npm run bench -- comments [count]`. Told are milliseconds until the picture that shows it, and the ratios.
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import type { Person } from "../journeys/rig/person.ts";
import { recorded } from "../journeys/rig/recorded.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { table } from "./table.ts";

const few = 10;
const goalMs = 100;
/** Of each kind of deed, in each page. */
const scrolls = 60;
const posts = 15;
const durationMs = 8000;
const words = "You let her finish her sentence here, and the next question was open. What would have happened without it?";

export async function comments(args: string[]): Promise<void> {
  const many = Number(args[0] ?? 10_000);
  build();
  const server = await TestServer.open();
  const browser = await TestBrowser.open("chromium");
  try {
    const pages: { count: number; person: Person; scroll: number[]; post: number[] }[] = [];
    for (const count of [few, many]) {
      const { id, room } = await recorded(server, durationMs);
      const key = room.hostKey;
      commented(join(server.dataFolder, "catalog.sqlite"), id, count);
      const person = await browser.person(1);
      await person.page.goto(`${server.url}/v/${id}#${key}`);
      console.log(`${count} comments are in the catalog; the page is opened.`);
      await person.page.waitForFunction(`document.querySelector("#comment-box") && document.body.innerText.includes("${count} comments")`, {
        timeout: 120_000,
      });
      await person.fill("Your name", "Olu");
      pages.push({ count, person, scroll: [], post: [] });
    }
    for (const page of pages) {
      await page.person.page.bringToFront();
      // The first of each warms up.
      page.scroll = (await scrolled(page.person)).slice(1);
      page.post = (await posted(page.person)).slice(1);
    }
    const [ten, all] = pages as [(typeof pages)[0], (typeof pages)[0]];
    const rows = (["scroll", "post"] as const).map((deed) => {
      const figures = [ten, all].flatMap((page) => [percentile(page[deed], 50), percentile(page[deed], 95)].map(Math.round));
      return [deed, ...figures, Math.round((percentile(all[deed], 50) / percentile(ten[deed], 50)) * 100) / 100];
    });
    console.log(table([["ms", `${few}: median`, "p95", `${many}: median`, "p95", "ratio of medians"], ...rows]));
    const missed = (["scroll", "post"] as const).filter((deed) => percentile(all[deed], 50) > goalMs);
    console.log(
      `Goal: a median below ${goalMs} ms of each with ${many}: ${missed.length > 0 ? `missed by ${missed.join(" and ")}` : "reached"}.`,
    );
  } finally {
    await browser.close();
    await server.close();
  }
}

/** A few lines each, all along the film. Straight into the catalog, at once: posting ten thousand would take longer than all the rest. */
function commented(catalog: string, id: string, count: number): void {
  const db = new DatabaseSync(catalog);
  try {
    db.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $count)
       INSERT INTO comments (id, recordingId, atMs, body, author, standing, createdAt)
       SELECT printf('cmt_%016d%010d', $seed, i), $id, i * $lengthMs / $count, substr($words, 1, 20 + i % 80), 'Kim', 'guest', 1000 + i FROM n`,
    ).run({ count, id, lengthMs: durationMs, seed: count, words });
  } finally {
    db.close();
  }
}

/** Milliseconds from each jump in the list to the picture that shows its new place. */
async function scrolled({ page }: Person): Promise<number[]> {
  return (await page.evaluate(`(async () => {
    const list = document.querySelector(".comment-list");
    const shown = () => new Promise((resolve) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; channel.port2.postMessage(0); }));
    const times = [];
    for (let step = 0; step <= ${scrolls}; step++) {
      await shown();
      const startMs = performance.now();
      list.scrollTop = step % 2 ? (list.scrollHeight * step) / ${scrolls + 1} : list.scrollTop + 300;
      await shown();
      times.push(performance.now() - startMs);
    }
    return times;
  })()`)) as number[];
}

/** Milliseconds from Enter to the picture after the box is empty again: the server has the comment, and the page has taken it in. */
async function posted({ page }: Person): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round <= posts; round++) {
    await page.focus("#comment-box");
    await page.keyboard.type("One more");
    const ms = await page.evaluate(`new Promise((resolve) => {
      const box = document.querySelector("#comment-box");
      const startMs = performance.now();
      box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      const look = () => (box.value === "" ? setTimeout(() => resolve(performance.now() - startMs)) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    })`);
    times.push(Number(ms));
  }
  return times;
}
