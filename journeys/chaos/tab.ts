// A real Chromium with one tab in the call, on a profile that outlives both: what a person has on the desk.
import { type Browser, launch, type Page } from "puppeteer-core";
import { chromiumArgs } from "../rig/browser.ts";
import { cameraSource } from "../rig/camera.ts";
import { Person } from "../rig/person.ts";
import { type Place, place } from "../rig/place.ts";
import { poll } from "../rig/poll.ts";
import { reachRecorders } from "./faults/recorder.ts";

/** The upload worker is started where there is no file system, as in a private window: its own first lines see to that. */
const keepNothing = `{
  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(url, options) {
      const modules = ["data:text/javascript,delete StorageManager.prototype.getDirectory", String(new URL(url, location.href))];
      const first = new Blob(modules.map((name) => "import " + JSON.stringify(name) + ";"), { type: "text/javascript" });
      super(URL.createObjectURL(first), { ...options, type: "module" });
    }
  };
}`;

export class Tab {
  readonly #profile: Place = place("chaos");
  #browser: Browser | null = null;
  #person: Person | null = null;

  constructor(
    readonly url: string,
    readonly name: string,
  ) {}

  get person(): Person {
    if (!this.#person) throw new Error("there is no tab");
    return this.#person;
  }

  get open(): boolean {
    return this.#person !== null;
  }

  /** Folder of the browser's profile. */
  get profile(): string {
    return this.#profile.path;
  }

  get pid(): number {
    const pid = this.#browser?.process()?.pid;
    if (!pid) throw new Error("there is no browser");
    return pid;
  }

  /** Into the call: browser and tab are opened where there are none. `keeps` false: in a tab that can keep nothing on the device. */
  async join({ keeps = true } = {}): Promise<void> {
    this.#browser ??= await launch({
      executablePath: "/usr/bin/chromium",
      headless: true,
      userDataDir: this.#profile.path,
      args: [...chromiumArgs, "--use-fake-ui-for-media-stream"],
      timeout: 180_000,
      protocolTimeout: 180_000,
    });
    const page = await this.#browser.newPage();
    await page.setViewport({ width: 900, height: 700 });
    await page.evaluateOnNewDocument(cameraSource({ participant: 1, width: 320, height: 180, sound: "beeps" }));
    await page.evaluateOnNewDocument(reachRecorders);
    if (!keeps) {
      await page.setBypassCSP(true);
      await page.evaluateOnNewDocument(keepNothing);
    }
    this.#person = new Person(page, 1, "chromium", () => page.close());
    await this.#person.join(this.url, { name: this.name });
  }

  /** Through the lobby again, after the same tab was loaded anew. */
  async rejoin(): Promise<void> {
    await this.person.join(this.url, { name: this.name });
  }

  /** The tab is gone as if it had crashed or been closed. */
  async lose(page: Page = this.person.page): Promise<void> {
    this.#person = null;
    if (!page.isClosed()) await page.close({ runBeforeUnload: false });
  }

  /** The whole browser at once, without a chance to write anything. */
  async kill(): Promise<void> {
    const { pid } = this;
    this.#person = null;
    this.#browser = null;
    process.kill(-pid, "SIGKILL");
    await poll(() => !alive(pid), { what: "the browser is gone" });
  }

  /** Sends a signal to every process of the browser. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    process.kill(-this.pid, name);
  }

  /** `/upload` in a tab of its own: everything that is left is sent. */
  async sendLeft(origin: string): Promise<void> {
    if (!this.#browser) throw new Error("there is no browser");
    const page = await this.#browser.newPage();
    try {
      await page.goto(`${origin}/upload`);
      await page.waitForSelector(".unsent-list, .unsent-empty");
      for (const button of await page.$$("::-p-aria([name='Resume'][role='button'])")) await button.click();
      await poll(() => page.evaluate(() => /Everything is safe|Nothing is waiting/.test(document.body.innerText)), {
        what: "/upload has sent everything",
        limitMs: 60_000,
      });
    } finally {
      await page.close();
    }
  }

  /** What the person sees, for a failure. */
  async seen(): Promise<string> {
    const page = this.#person?.page;
    if (!page || page.isClosed()) return "no tab";
    const words = page.evaluate(() => `${document.visibilityState} ${location.pathname}: ${document.body.innerText.replace(/\s+/g, " ")}`);
    return await Promise.race([
      words.catch(String),
      new Promise<string>((resolve) => setTimeout(resolve, 5000, "a tab that does not answer")),
    ]);
  }

  async close(): Promise<void> {
    try {
      if (this.#browser) await this.kill();
    } finally {
      this.#profile.close();
    }
  }
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
