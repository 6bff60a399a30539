// Real browsers: Chromium and stock Firefox, each with the journey's own camera in every page.
// Promise: pages are worked by role and accessible name only, the names of the contract.
import { type Browser, type BrowserContext, launch } from "puppeteer-core";
import { type CameraOptions, cameraSource } from "./camera.ts";
import { Person } from "./person.ts";
import { type Place, place } from "./place.ts";

export type Kind = "chromium" | "firefox";

export interface BrowserOptions {
  /** More command line, Chromium only. */
  args?: string[];
  /** "denied": the browser itself refuses camera and microphone; the journey's camera is not put in. */
  camera?: "true" | "denied";
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
    const profile = place(kind);
    const { args = [], camera = "true" } = options;
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
            extraPrefsFirefox: firefoxPreferences,
            protocolTimeout: 60_000,
          }));
      return new TestBrowser(kind, browser, profile, camera);
    } catch (error) {
      profile.close();
      throw error;
    }
  }

  /** Another person at this machine: own storage, own camera. `number` is what their picture and their beeps say. */
  async person(number: number, options: { width?: number; height?: number } = {}): Promise<Person> {
    const { width = 640, height = 360 } = options;
    const context: BrowserContext = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 1100, height: 800 });
    if (this.#camera === "true") {
      const camera: CameraOptions = { participant: number, width, height, sound: this.kind === "firefox" ? "device" : "beeps" };
      await page.evaluateOnNewDocument(cameraSource(camera));
    }
    return new Person(page, number, this.kind, () => context.close());
  }

  async close(): Promise<void> {
    try {
      await this.#browser.close();
    } finally {
      this.#profile.close();
    }
  }
}
