// Somebody at a page: finds things by role and name, clicks, types, waits for what the page says.
import type { Page } from "puppeteer-core";
import type { Kind } from "./browser.ts";
import { pulsesSource, routesSource, type Written, writtenSource } from "./camera.ts";
import { named } from "./named.ts";
import { poll } from "./poll.ts";
import { tellTruth } from "./truth.ts";
import { type Testimony, testimonyOf } from "./witness.ts";

/** Firefox on two busy cores takes its time. */
const patienceMs = 30_000;
export const safeSentence = "Everything is safe. You can close this tab.";

export class Person {
  /** What the page logged as an error, and what it threw: a journey that expects none says so. */
  readonly complaints: string[] = [];
  /** How far the page's clock was ahead of the true one when it was told, and how exactly that is known; null: never told. */
  clock: { aheadMs: number; withinMs: number } | null = null;

  constructor(
    readonly page: Page,
    readonly number: number,
    readonly browser: Kind,
    private readonly leaveMachine: () => Promise<void>,
    /** Not null: this page is told the true time, and its own clock drifts so much. */
    private readonly told: { driftPpm: number } | null = null,
  ) {
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      dialog.accept().catch((error: unknown) => this.complaints.push(String(error)));
    });
  }

  /** To the lobby, through it, and into the call. `consent` null: an observer, who is not asked. */
  async join(url: string, options: { name: string; consent?: boolean | null }): Promise<void> {
    await this.prepare(url, options);
    await this.enter(options);
  }

  /** To the lobby, where everything is filled in that `enter` wants. */
  async prepare(url: string, { name, consent = true }: { name: string; consent?: boolean | null }): Promise<void> {
    await this.page.goto(url);
    if (this.told) this.clock = await tellTruth(this.page, this.told.driftPpm);
    await this.fill("Your name", name);
    if (consent) await this.check("I agree to be recorded");
  }

  /** From the lobby into the call. */
  async enter({ name, consent = true }: { name: string; consent?: boolean | null }): Promise<void> {
    await this.click("button", "Join");
    await this.sees("button", "Leave");
    if (consent !== null) await this.sees("group", `${name} (you)`);
  }

  async click(role: string, name: string): Promise<void> {
    await this.page.locator(this.#named(role, name)).setTimeout(patienceMs).click();
  }

  async fill(name: string, text: string): Promise<void> {
    await this.page.locator(this.#named("textbox", name)).setTimeout(patienceMs).fill(text);
  }

  async check(name: string): Promise<void> {
    const box = await this.sees("checkbox", name);
    const checked = () => box.evaluate((element) => (element as HTMLInputElement).checked);
    const tick = async () => {
      if (!(await checked())) await this.click("checkbox", name);
      return await checked();
    };
    // A page that moves under the pointer is clicked beside it.
    await poll(tick, { what: `“${name}” is ticked` });
  }

  /** Resolves with the element as soon as it is there and visible. */
  async sees(role: string, name: string, limitMs = patienceMs) {
    const found = await poll(
      async () => {
        const element = await this.page.$(this.#named(role, name));
        return element && (await element.isVisible()) ? element : null;
      },
      { what: `${role} “${name}” on ${this.page.url()}`, limitMs },
    );
    return found;
  }

  async seesNo(role: string, name: string, limitMs = patienceMs): Promise<void> {
    await poll(async () => (await this.page.$(this.#named(role, name))) === null, { what: `no ${role} “${name}”`, limitMs });
  }

  /** Waits for words anywhere on the page. */
  async reads(words: string | RegExp, limitMs = patienceMs): Promise<string> {
    return await poll(
      async () => {
        const text = await this.page.evaluate(() => document.body.innerText);
        return (typeof words === "string" ? text.includes(words) : words.test(text)) ? text : null;
      },
      { what: `“${words}” on ${this.page.url()}`, limitMs },
    );
  }

  async readsSafe(limitMs = patienceMs): Promise<void> {
    await this.reads(safeSentence, limitMs);
  }

  async valueOf(name: string): Promise<string> {
    const field = await this.sees("textbox", name);
    return await field.evaluate((element) => (element as HTMLInputElement).value);
  }

  async hrefOf(name: string): Promise<string> {
    const link = await this.sees("link", name);
    return await link.evaluate((element) => (element as HTMLAnchorElement).href);
  }

  /** Waits until that participant's picture is alive in my page. */
  async watches(name: string, limitMs = patienceMs): Promise<void> {
    await poll(
      async () => {
        const group = await this.page.$(this.#named("group", name));
        return await group?.evaluate((element) => {
          const video = element.querySelector("video");
          return !!video && video.videoWidth > 0 && video.currentTime > 0;
        });
      },
      { what: `${name}'s picture`, limitMs },
    );
  }

  /** Waits until the video with this name plays on; answers where it was seen to be, in seconds. */
  async plays(label: string, limitMs = patienceMs): Promise<number> {
    const selector = `video[aria-label="${label}"]`;
    const start = () =>
      this.page.$eval(selector, (element) => {
        const video = element as HTMLVideoElement;
        video.muted = true;
        return video.play().then(() => video.currentTime);
      });
    const from = await poll(start, { what: `video “${label}” starts`, limitMs });
    return await poll(
      async () => {
        const now = await this.page.$eval(selector, (element) => (element as HTMLVideoElement).currentTime);
        return now > from + 0.5 ? now : null;
      },
      { what: `video “${label}” goes on after ${from} s`, limitMs },
    );
  }

  /** What this page's recorders wrote so far, each as one hash. */
  async written(): Promise<Written[]> {
    return (await this.page.evaluate(writtenSource)) as Written[];
  }

  /** What this page's camera and microphone truly gave. */
  async testimony(): Promise<Testimony> {
    return await testimonyOf(this.page);
  }

  /** Kinds of the candidates at both ends of my connections: "host", "srflx", "relay". */
  async routes(): Promise<string[]> {
    return (await this.page.evaluate(routesSource)) as string[];
  }

  /** Waits until the thread of my microphone's graph has been heard for so long (Firefox with a sound device). */
  async pulses(forMs: number): Promise<void> {
    const heard = async () => ((await this.page.evaluate(pulsesSource)) as number) >= forMs;
    await poll(heard, { what: `the graph's thread heard for ${forMs} ms`, limitMs: patienceMs });
  }

  async close(): Promise<void> {
    await this.leaveMachine();
  }

  #named(role: string, name: string): string {
    return this.browser === "firefox" ? named(role, name) : `::-p-aria([name="${name}"][role="${role}"])`;
  }
}
