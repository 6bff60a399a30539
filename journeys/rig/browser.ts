// Real browsers: Chromium and stock Firefox, each with the journey's own camera in every page.
// Promise: pages are worked by role and accessible name only, the names of the contract.
import { once } from "node:events";
import { type Browser, type BrowserContext, launch } from "puppeteer-core";
import { type CameraOptions, cameraSource } from "./camera.ts";
import { Person } from "./person.ts";
import { type Place, place } from "./place.ts";
import type { Reel } from "./reel.ts";
import type { Skew } from "./skew.ts";
import type { Speaker } from "./speaker.ts";
import type { Site } from "./wire.ts";

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
  /** Hidden pages are slowed down and frozen as people's browsers do it, and without their patience. Chromium only. */
  impatient?: boolean;
  /** It runs at this end of a wire, and takes pages of this origin for secure ones. */
  at?: { site: Site; origin: string };
  /** Its clocks are wrong. */
  skew?: Skew;
  /** It has a sound device: Firefox beeps only then. */
  speaker?: Speaker;
  /** Its camera and microphone are files. Chromium only; one person. */
  reel?: Reel;
}

export interface PersonOptions {
  /** Of the camera's picture; 320 × 180 unless said, which leaves two slow cores time for two browsers and the film of them. */
  width?: number;
  height?: number;
  /** The page; 1100 × 800 unless said. */
  window?: { width: number; height: number };
  storage?: "own" | "profile";
  /** "device": the browser's own test picture and sound, which need no page to draw them. */
  picture?: "canvas" | "device";
  /** The page is told the true time when it is opened (`Person.join`), and no camera opens before. */
  told?: boolean;
  /** The page notes what its camera and microphone truly gave (witness.ts). */
  witnessed?: boolean;
  /** Nothing of ours is put into the page, so nothing of ours grows in it; camera and microphone are the browser's own. */
  untouched?: boolean;
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

/** What puppeteer tells Chromium so that hidden pages run as if seen. */
const unhurried = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];
/** Hidden pages are frozen after a second instead of five minutes, where nothing exempts them, and their timers throttled to one a minute. */
const impatience =
  "--enable-features=InfiniteTabsFreezing:num_protected_tabs/0/freezing_visible_protection_time/1s/freezing_audio_protection_time/1s,IntensiveWakeUpThrottling:grace_period_seconds/1";

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

  private constructor(
    readonly kind: Kind,
    browser: Browser,
    profile: Place,
    readonly options: BrowserOptions,
  ) {
    this.#browser = browser;
    this.#profile = profile;
  }

  static async open(kind: Kind, options: BrowserOptions = {}): Promise<TestBrowser> {
    const { camera = "true", preferences = {}, skew, speaker, reel } = options;
    const args = [...(reel?.args ?? []), ...(options.args ?? [])];
    const env = { ...process.env, ...skew?.env, ...speaker?.env };
    const profile = options.profile ?? place(kind);
    const permission = camera === "denied" ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream";
    try {
      const away = options.at ? await options.at.site.start(kind, options.at.origin) : null;
      const browser = await (kind === "chromium"
        ? launch({
            executablePath: "/usr/bin/chromium",
            headless: true,
            userDataDir: profile.path,
            protocolTimeout: 60_000,
            env,
            ...away?.launch,
            ignoreDefaultArgs: options.impatient ? unhurried : [],
            args: [...chromiumArgs, permission, ...(options.impatient ? [impatience] : []), ...(away?.args ?? []), ...args],
          })
        : launch({
            browser: "firefox",
            executablePath: "/usr/bin/firefox-esr",
            headless: true,
            userDataDir: profile.path,
            protocolTimeout: 60_000,
            env,
            ...away?.launch,
            extraPrefsFirefox: { ...firefoxPreferences, ...away?.preferences, ...preferences },
          }));
      return new TestBrowser(kind, browser, options.profile ? { ...profile, close: () => undefined } : profile, options);
    } catch (error) {
      if (!options.profile) profile.close();
      throw error;
    }
  }

  /** Of the program, which is the parent of all its processes. */
  get pid(): number | undefined {
    return this.#browser.process()?.pid;
  }

  /** Another person at this machine: own storage, own camera. `number` is what their picture and their beeps say.
   * `storage` "profile": what they leave behind is there for the next browser with this profile. */
  async person(number: number, options: PersonOptions = {}): Promise<Person> {
    const { width = 320, height = 180, storage = "own", told = false, witnessed = false, untouched = false } = options;
    const { camera: allowed = "true", reel, skew, speaker } = this.options;
    const own: BrowserContext | null = storage === "own" ? await this.#browser.createBrowserContext() : null;
    const page = await (own ?? this.#browser).newPage();
    await page.setViewport(options.window ?? { width: 1100, height: 800 });
    if (allowed === "true" && !untouched) {
      const sound = this.kind === "chromium" || speaker ? "beeps" : "device";
      const picture = reel ? "device" : (options.picture ?? "canvas");
      const camera: CameraOptions = { participant: number, width, height, sound, picture, awaitsTruth: told, witnessed };
      await page.evaluateOnNewDocument(cameraSource(camera));
    }
    return new Person(page, number, this.kind, () => (own ? own.close() : page.close()), told ? { driftPpm: skew?.driftPpm ?? 0 } : null);
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
