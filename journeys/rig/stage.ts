// What a journey needs: a server, browsers, people, and the film to look at. Everything is closed when the test is over; when it failed, the
// server's log, its recordings, the films looked at and a picture of every page are kept in journeys/out.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Recording } from "../../protocol/api.ts";
import { defaultCanvas, layoutOf } from "../../server/compose/layout.ts";
import { type BrowserOptions, type Kind, type PersonOptions, TestBrowser } from "./browser.ts";
import { type Film, type Rect, readFilm } from "./film.ts";
import type { Person } from "./person.ts";
import { root } from "./place.ts";
import { poll } from "./poll.ts";
import { TestServer } from "./server.ts";

/** Films are looked at as if one, two … this many people stood in them. */
const mostFaces = 4;

export class Stage {
  readonly #people: Person[] = [];
  readonly #browsers: TestBrowser[] = [];

  private constructor(readonly server: TestServer) {}

  /** For one test. `settings`: further DOUBLETAKE_* variables of the server. */
  static async open(settings: Record<string, string> = {}): Promise<Stage> {
    const stage = await Stage.share(settings);
    onTestFinished(async ({ task }) => {
      try {
        if (task.result?.state === "fail") await stage.#keepEvidence();
      } finally {
        await stage.close();
      }
    });
    return stage;
  }

  /** For all tests of a file: who asks for it closes it. */
  static async share(settings: Record<string, string> = {}): Promise<Stage> {
    return new Stage(await TestServer.open(settings));
  }

  get api() {
    return this.server.api;
  }

  async browser(kind: Kind, options: BrowserOptions = {}): Promise<TestBrowser> {
    const browser = await TestBrowser.open(kind, options);
    this.#browsers.push(browser);
    return browser;
  }

  async person(browser: TestBrowser, number: number, options: PersonOptions = {}): Promise<Person> {
    const person = await browser.person(number, options);
    this.#people.push(person);
    return person;
  }

  /** Waits until the film of a running recording has grown this far: the one clock a journey waits by. */
  async filmed(recording: string, toMs: number, limitMs = toMs + 45_000): Promise<Recording> {
    return await poll(
      async () => {
        const now = await this.api.recording(recording);
        return now.composition.watermarkMs >= toMs && now;
      },
      { what: `the film has grown to ${toMs} ms`, limitMs, everyMs: 200 },
    );
  }

  /** Waits until so much has been recorded, by the server's clock. */
  async reaches(recording: string, elapsedMs: number): Promise<void> {
    const reached = async () => (await this.api.recording(recording)).durationMs >= elapsedMs;
    await poll(reached, { what: `${elapsedMs} ms are recorded`, limitMs: elapsedMs + 30_000 });
  }

  /** The finished film, each picture read in the layouts of one to four faces: `codes[n - 1]` are the rectangles of n; then in the others asked for. */
  async film(recording: string, others: Rect[][] = []): Promise<Film> {
    const file = await this.api.download(`/recordings/${recording}/video.mp4`, join(this.server.place.path, `${recording}.mp4`));
    const layouts = Array.from({ length: mostFaces }, (_, most) =>
      layoutOf(
        Array.from({ length: most + 1 }, (_, face) => ({ key: `face-${face}`, source: "camera" as const })),
        defaultCanvas,
      ),
    );
    return await readFilm(file, [...layouts, ...others]);
  }

  async #keepEvidence(): Promise<void> {
    const out = join(root, "journeys/out");
    mkdirSync(out, { recursive: true });
    const name = `${process.pid}-${this.server.port}`;
    writeFileSync(join(out, `${name}.log`), this.server.log);
    const recordings = join(this.server.dataFolder, "recordings");
    if (existsSync(recordings)) cpSync(recordings, join(out, `${name}-recordings`), { recursive: true });
    for (const film of readdirSync(this.server.place.path).filter((file) => file.endsWith(".mp4"))) {
      copyFileSync(join(this.server.place.path, film), join(out, `${name}-${film}`));
    }
    console.error(`journeys: kept ${join(out, name)}*`);
    for (const [index, { page, complaints }] of this.#people.entries()) {
      if (complaints.length > 0) console.error(`journeys: person ${index}: ${complaints.join(" | ")}`);
      if (!page.isClosed()) await page.screenshot({ path: join(out, `${name}-${index}.png`) as `${string}.png` });
    }
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.#browsers.map((browser) => browser.close()));
    } finally {
      await this.server.close();
    }
  }
}
