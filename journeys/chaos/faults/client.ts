// What happens to a tab, to the browser and to the machine that they run on.
import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import type { Random } from "../random.ts";

export const client: readonly Fault[] = [
  {
    number: 1,
    kind: "client",
    what: "the tab's renderer crashes; the room's link is opened again",
    strike: async ({ tab }) => {
      const { page } = tab.person;
      const session = await page.createCDPSession();
      // Never answered: who would answer is gone.
      void session.send("Page.crash").catch(() => undefined);
      await lasts(1000);
      await tab.lose(page);
      await tab.join();
    },
  },
  {
    number: 2,
    kind: "client",
    what: "kill -9 of the whole browser; opened again with the same profile",
    strike: async ({ tab }) => {
      await tab.kill();
      await tab.join();
    },
  },
  {
    number: 4,
    kind: "client",
    what: "the tab is closed in the call; the room's link is opened again",
    strike: async ({ tab }) => {
      await tab.lose();
      await tab.join();
    },
  },
  {
    number: 5,
    kind: "client",
    what: "reload in the call",
    strike: async ({ tab }) => {
      await tab.person.page.reload();
      await tab.rejoin();
    },
  },
  {
    number: 7,
    kind: "client",
    what: "the laptop sleeps",
    strike: async ({ tab }, random) => {
      tab.signal("SIGSTOP");
      await lasts(random.between(3000, 10_000));
      tab.signal("SIGCONT");
    },
  },
  {
    number: 9,
    kind: "client",
    what: "the tab is frozen by the browser",
    strike: async ({ tab }, random) => {
      const session = await tab.person.page.createCDPSession();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      await lasts(random.between(1000, 5000));
      await session.send("Page.setWebLifecycleState", { state: "active" });
      await session.detach();
      // A page that was frozen counts as hidden until somebody looks at it again, and that takes another tab to come back from.
      const other = await tab.person.page.browser().newPage();
      await tab.person.page.bringToFront();
      await other.close();
    },
  },
  {
    number: 24,
    kind: "client",
    what: "without a network, kill -9 of the browser tears the end off what only the device has; opened again",
    strike: async ({ tab, network }, random) => {
      network.cut();
      await lasts(6000);
      await tab.kill();
      tear(tab.profile, random);
      network.mend();
      await tab.join();
    },
  },
  {
    number: 24,
    kind: "client",
    what: "kill -9 of the browser tears the end off what the server has already; opened again",
    strike: async ({ tab }, random) => {
      await tab.kill();
      tear(tab.profile, random);
      await tab.join();
    },
  },
];

/** What was written last is less than a page of the disk: of files that are appended to, the end may not be there after a crash. */
const tornMostBytes = 150;
const justNowMs = 4000;

function tear(profile: string, random: Random): void {
  const kept = readdirSync(join(profile, "Default/File System"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\/t\/\d\d$/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).mtimeMs > Date.now() - justNowMs);
  if (kept.length === 0) throw new Error(`no outbox in ${profile}`);
  for (const file of kept.toSorted()) truncateSync(file, Math.max(0, statSync(file).size - random.between(1, tornMostBytes)));
}
