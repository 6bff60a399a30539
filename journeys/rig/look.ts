// Pictures of a page as people see it: wide, narrow and at 200 % zoom, light and dark; what axe finds wrong in each, and what sticks out sideways.
// Promise: the page is left as it was found, in the size and the scheme it had.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const both = ["light", "dark"] as const;
const sizes = {
  desktop: { viewport: { width: 1280, height: 800 }, schemes: both },
  phone: { viewport: { width: 360, height: 780 }, schemes: both },
  /** What a browser makes of the desktop at 200 %. */
  zoomed: { viewport: { width: 640, height: 400, deviceScaleFactor: 2 }, schemes: ["light"] as const },
};

export interface Finding {
  /** State, size and scheme. */
  where: string;
  rule: string;
  help: string;
  /** The elements, as CSS selectors. */
  at: string[];
}

export class Look {
  readonly findings: Finding[] = [];
  readonly #shots: string[] = [];

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** One state of one page in all variants. `whole`: as far down as the page goes. */
  async at(state: string, page: Page, options: { whole?: boolean } = {}): Promise<void> {
    const before = page.viewport();
    for (const [size, { viewport, schemes }] of Object.entries(sizes)) {
      await page.setViewport(viewport);
      for (const scheme of schemes) {
        await page.emulateMediaFeatures([
          { name: "prefers-color-scheme", value: scheme },
          { name: "prefers-reduced-motion", value: "reduce" },
        ]);
        const name = `${state}-${size}-${scheme}`;
        await page.screenshot({ path: join(this.folder, `${name}.png`) as `${string}.png`, fullPage: options.whole ?? false });
        this.#shots.push(name);
        await this.#check(name, page);
      }
    }
    await page.emulateMediaFeatures([]);
    await page.setViewport(before);
    console.log(`screens: ${state}`);
  }

  /** A page with all pictures on it, and the sum of what was found. */
  close(): void {
    const pictures = this.#shots.map((name) => `<figure><img src="${name}.png" loading="lazy"><figcaption>${name}</figcaption></figure>`);
    const style = "body{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem;font:14px sans-serif}img{width:100%}figure{margin:0}";
    writeFileSync(join(this.folder, "index.html"), `<!doctype html><title>Screens</title><style>${style}</style>${pictures.join("\n")}`);
    for (const { where, rule, help, at } of this.findings) console.log(`screens: ${where}: ${rule}: ${help} (${at.join(", ")})`);
    console.log(`screens: ${this.#shots.length} pictures in ${this.folder}, ${this.findings.length} findings`);
  }

  async #check(where: string, page: Page): Promise<void> {
    for (const violation of await wrongOn(page)) this.findings.push({ where, ...violation });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 1) this.findings.push({ where, rule: "reflow", help: `${over} px stick out sideways`, at: ["html"] });
  }
}

/** What axe finds wrong on a page as it stands. */
export async function wrongOn(page: Page): Promise<Omit<Finding, "where">[]> {
  await page.evaluate(axe);
  return (await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, help, nodes }) => ({ rule: id, help, at: nodes.map(({ target }) => target.join(" ")) })))`,
  )) as Omit<Finding, "where">[];
}
