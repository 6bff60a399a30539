// Real browsers: Chromium and stock Firefox, each with the journey's own camera in every page.
// Promise: pages are worked by role and accessible name only, the names of the contract.
import { once } from "node:events";
import { type Browser, type BrowserContext, launch } from "puppeteer-core";
import { type CameraOptions, cameraSource } from "./camera.ts";
import { Person } from "./person.ts";
import { type Place, place } from "./place.ts";

export type Kind = "chromium" | "firefox";

export interface BrowserOptions {
  /** More command line, Chromium only. */
  args?: string[];
  /** Further settings, Firefox only. */
  preferences?: Record<string, unknown>;
  /** What an earlier browser of the same person left behind; whoever made it takes it away. */
  profile?: Place;
  /** "denied": the browser itself refuses camera and microphone; the journey's camera is not put in. */
  camera?: "true" | "denied";
}

export interface PersonOptions {
  width?: number;
  height?: number;
  storage?: "own" | "profile";
}

export const chromiumArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=WebRtcHideLocalIpsWithMdns,DialMediaRouteProvider",
  "--autoplay-policy=no-user-gesture-required",
  "--use-fake-device-for-media-stream=fps=30",
];

const firefoxPreferences = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "dom.disable_beforeunload": true,
};

export class TestBrowser {
  #browser: Browser;
  #profile: Place;
  #camera: "true" | "denied";

  private constructor(
    readonly kind: Kind,
    browser: Browser,
    profile: Place,
    camera: "true" | "denied",
  ) {
    this.#browser = browser;
    this.#profile = profile;
    this.#camera = camera;
  }

  static async open(kind: Kind, options: BrowserOptions = {}): Promise<TestBrowser> {
    const { args = [], camera = "true", preferences = {} } = options;
    const profile = options.profile ?? place(kind);
    const permission = camera === "denied" ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream";
    try {
      const browser = await (kind === "chromium"
        ? launch({
            executablePath: "/usr/bin/chromium",
            headless: true,
            userDataDir: profile.path,
            args: [...chromiumArgs, permission, ...args],
            protocolTimeout: 60_000,
          })
        : launch({
            browser: "firefox",
            executablePath: "/usr/bin/firefox-esr",
            headless: true,
            userDataDir: profile.path,
            extraPrefsFirefox: { ...firefoxPreferences, ...preferences },
            protocolTimeout: 60_000,
          }));
      return new TestBrowser(kind, browser, options.profile ? { ...profile, close: () => undefined } : profile, camera);
    } catch (error) {
      if (!options.profile) profile.close();
      throw error;
    }
  }

  /** Another person at this machine: own storage, own camera. `number` is what their picture and their beeps say.
   * `storage` "profile": what they leave behind is there for the next browser with this profile. */
  async person(number: number, options: PersonOptions = {}): Promise<Person> {
    const { width = 640, height = 360, storage = "own" } = options;
    const own: BrowserContext | null = storage === "own" ? await this.#browser.createBrowserContext() : null;
    const page = await (own ?? this.#browser).newPage();
    await page.setViewport({ width: 1100, height: 800 });
    if (this.#camera === "true") {
      const camera: CameraOptions = { participant: number, width, height, sound: this.kind === "firefox" ? "device" : "beeps" };
      await page.evaluateOnNewDocument(cameraSource(camera));
    }
    return new Person(page, number, this.kind, () => (own ? own.close() : page.close()));
  }

  /** As a crash or the end of the battery: nothing in it hears of it. */
  async kill(): Promise<void> {
    const child = this.#browser.process();
    if (!child || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    try {
      await this.#browser.close();
    } finally {
      this.#profile.close();
    }
  }
}
