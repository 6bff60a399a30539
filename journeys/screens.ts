// `npm run screens`: walks through every page in every state that can be reached, and keeps five pictures of each in journeys/out/screens.
// Ends with 1 when axe finds anything or a tour could not be walked. `-- call` walks only where the name of the tour has "call" in it.
import { join } from "node:path";
import type { ElementHandle } from "puppeteer-core";
import { call, trouble } from "./called.ts";
import { debrief } from "./debriefed.ts";
import { TestBrowser } from "./rig/browser.ts";
import build from "./rig/build.ts";
import { Look } from "./rig/look.ts";
import type { Person } from "./rig/person.ts";
import { root } from "./rig/place.ts";
import { adminKey, TestServer } from "./rig/server.ts";
import { camera, filmed, type Tour } from "./rig/tour.ts";
import { speaking } from "./spoken.ts";

const tours: Record<string, (tour: Tour) => Promise<void>> = {
  home,
  lobby,
  german,
  refused,
  solo,
  call,
  trouble,
  observer,
  roleplay,
  review,
  debrief,
};

async function home({ server, browser, look }: Tour): Promise<void> {
  const host = await browser.person(1);
  await host.page.goto(server.url);
  await host.page.waitForSelector("h1");
  await look.at("home-without-key", host.page);
  await host.page.goto(`${server.url}/#admin=${adminKey}`);
  await host.sees("button", "New room");
  await look.at("home-empty", host.page);
  await host.click("button", "New room");
  await host.valueOf("Host link");
  await look.at("home-new-room", host.page, { whole: true });
  const file = await host.page.waitForSelector('.bring input[type="file"]');
  await (file as ElementHandle<HTMLInputElement>).uploadFile(join(root, "package.json"));
  await host.reads("not a zip");
  await look.at("home-no-zip", host.page, { whole: true });
  await host.page.goto(`${server.url}/upload`);
  await host.reads(/unsent|nothing/i);
  await look.at("upload-empty", host.page);
  await host.page.goto(`${server.url}/nowhere`);
  await host.reads("There is no page at this address");
  await look.at("missing", host.page);
  await host.close();
}

async function lobby({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const guest = await browser.person(2, camera);
  await guest.page.goto(room.guestUrl);
  await guest.plays("Preview");
  await guest.reads(/Mbit\/s/);
  await look.at("lobby", guest.page, { whole: true });
  await guest.click("button", "Test yourself for 6 seconds");
  await guest.plays("Test clip");
  await look.at("lobby-clip", guest.page, { whole: true });
  await guest.click("button", "Join");
  await guest.reads("Tell the others your name first.");
  await look.at("lobby-nameless", guest.page, { whole: true });
  await guest.page.select("#camera", "none");
  await guest.reads("No picture.");
  await look.at("lobby-without-camera", guest.page, { whole: true });
  await guest.page.goto(room.guestUrl.replace(/#.*/, "#wrong-key"));
  await guest.reads("does not lead into a call");
  await look.at("wrong-link", guest.page);
  await guest.page.goto(room.guestUrl.replace("/r/", "/check/"));
  await guest.reads("This server has no relay.");
  await guest.click("button", "Look at camera and microphone");
  await guest.reads("Both work.");
  await look.at("check", guest.page, { whole: true });
  await guest.page.evaluateOnNewDocument("delete globalThis.MediaRecorder");
  await guest.page.goto(room.guestUrl);
  await guest.reads("Your browser is too old for this");
  await look.at("old-browser", guest.page);
  await guest.close();
}

/** Sentences are longer in German: what fits there fits. */
async function german({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Gesprächsführung");
  const asha = await browser.person(1, camera);
  await asha.page.goto(`${server.url}/#admin=${adminKey}`);
  await asha.sees("combobox", "Language");
  await asha.page.select('select[aria-label="Language"]', "de");
  await asha.reads("Neuer Raum");
  await asha.click("button", "Neuer Raum");
  await asha.valueOf("Gastgeberlink");
  await look.at("german-home", asha.page, { whole: true });
  await asha.page.goto(room.guestUrl);
  await asha.plays("Vorschau");
  await asha.reads(/Mbit\/s/);
  await look.at("german-lobby", asha.page, { whole: true });
  await asha.page.goto(room.guestUrl.replace("/r/", "/check/"));
  await asha.reads("Dieser Server hat kein Relay.");
  await look.at("german-check", asha.page, { whole: true });
  await asha.page.goto(`${server.url}/solo`);
  await asha.plays("Vorschau");
  await look.at("german-solo", asha.page, { whole: true });
  await asha.close();
}

/** What the browser itself refuses. */
async function refused({ server, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const args = ["--host-resolver-rules=MAP doubletake.test 127.0.0.1"];
  const browser = await TestBrowser.open("chromium", { camera: "denied", args });
  try {
    const guest = await browser.person(2);
    await guest.page.goto(room.guestUrl);
    await guest.sees("button", "Use audio only");
    await look.at("lobby-denied", guest.page, { whole: true });
    await guest.page.goto(room.guestUrl.replace("localhost", "doubletake.test"));
    await guest.reads("https://");
    await look.at("insecure", guest.page, { whole: true });
  } finally {
    await browser.close();
  }
}

async function solo({ server, browser, look }: Tour): Promise<void> {
  const asha = await browser.person(1, camera);
  await asha.page.goto(`${server.url}/#admin=${adminKey}`);
  await asha.click("link", "Record yourself");
  await asha.plays("Preview");
  await look.at("solo", asha.page, { whole: true });
  await asha.click("button", "Record");
  await asha.sees("status", "Recording");
  await look.at("solo-recording", asha.page, { whole: true });
  await asha.click("button", "Stop");
  await asha.hrefOf("Watch from the server");
  await look.at("solo-done", asha.page, { whole: true });
  await asha.close();
}

/** Alone, then two, recording, the panel, stopped, left. */
async function observer({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const cleo = await browser.person(3);
  await cleo.page.goto(room.observerUrl);
  await cleo.sees("textbox", "Your name");
  await look.at("lobby-observer", cleo.page, { whole: true });
  await cleo.fill("Your name", "Cleo");
  await cleo.click("button", "Join");
  await cleo.sees("button", "Leave");
  await look.at("call-observer", cleo.page);
  const asha = await browser.person(1, camera);
  await asha.join(room.hostUrl, { name: "Asha Verma" });
  await asha.click("button", "Record");
  await cleo.sees("status", "Recording");
  await cleo.click("button", "Notes");
  await cleo.fill("Note", "Interrupts her twice, and asks a closed question after.");
  await cleo.click("button", "Keep");
  await cleo.fill("Note", "A reflection here would have");
  const select = await cleo.sees("combobox", "Whisper to");
  await select.select(await select.evaluate((element) => (element as HTMLSelectElement).options[1]!.value));
  await (await cleo.sees("button", "Hold to whisper")).focus();
  await cleo.page.keyboard.press("Enter");
  await asha.reads("Cleo is whispering to you");
  await look.at("call-notes", cleo.page);
  await look.at("call-whispered", asha.page);
  await asha.close();
  await cleo.close();
}

/** Cards beside the call, for who plays and for who watches, over the time; and what the review page says of it. */
async function roleplay({ server, browser, look }: Tour): Promise<void> {
  const host = await browser.person(4);
  await host.page.goto(`${server.url}/#admin=${adminKey}`);
  await host.sees("combobox", "Scenario");
  await host.page.select('select[aria-label="Scenario"]', "motivational-interviewing");
  await host.click("button", "New room");
  await host.valueOf("Host link");
  await look.at("home-role-play", host.page, { whole: true });
  await host.close();
  const room = await server.api.createRoom("Practice");
  await server.api.ask("PUT", `/rooms/${room.id}/scenario`, { shipped: "motivational-interviewing" });
  await server.api.ask("PATCH", `/rooms/${room.id}`, { keepWhispers: true });
  const asha = await browser.person(1, camera);
  const ben = await browser.person(2, camera);
  const olu = await browser.person(3);
  await asha.page.goto(room.hostUrl);
  await asha.reads("What is whispered to somebody here is kept");
  await look.at("lobby-whispers-kept", asha.page, { whole: true });
  await asha.join(room.hostUrl, { name: "Asha Verma" });
  await asha.sees("heading", "Your card: Counsellor");
  await ben.join(room.guestUrl, { name: "Ben Okafor" });
  await olu.join(room.observerUrl, { name: "Olu", consent: null });
  await asha.click("button", "Record");
  const { id } = await server.api.recordingOf(room.id);
  await filmed(server, id, 3200);
  await look.at("call-card-host", asha.page);
  await asha.click("button", "Understood");
  await ben.sees("heading", "Your card: Client");
  await look.at("call-card", ben.page);
  await look.at("call-cards-observer", olu.page);
  await olu.click("button", "Notes");
  const select = await olu.sees("combobox", "Whisper to");
  await select.select(await select.evaluate((element) => (element as HTMLSelectElement).options[1]!.value));
  for (const one of ["Sounds calm", "Another question"]) {
    await (await olu.sees("button", "Hold to whisper")).focus();
    await olu.page.keyboard.press("Enter");
    await asha.reads("Olu is whispering to you");
    if (one === "Sounds calm") await look.at("call-card-whispered", asha.page);
    await olu.fill("Note", one);
    await (await olu.sees("button", "Whispering")).focus();
    await olu.page.keyboard.press("Enter");
    await olu.sees("button", "Hold to whisper");
  }
  await look.at("call-whisper-kept", olu.page);
  await asha.click("button", "Stop recording");
  const change = await asha.page.waitForSelector(".play-change > summary");
  await change?.click();
  await look.at("call-scenario-choice", asha.page);
  await server.api.settles(id);
  await olu.page.goto(`${server.url}/v/${id}#${room.observerKey}`);
  await olu.page.waitForSelector(".scene");
  await olu.page.evaluate(`for (const one of document.querySelectorAll("details:has(> .scene)")) one.open = true`);
  await look.at("review-role-play", olu.page, { whole: true });
  await asha.page.goto(`${server.url}/v/${id}#${room.hostKey}`);
  await asha.reads("2 whispers", 60_000);
  await asha.page.evaluate(
    `for (const one of document.querySelectorAll("details:has(> .scene), details:has(> .whispers), .scene-cards")) one.open = true`,
  );
  await asha.sees("button", "Show the cards to everybody");
  await look.at("review-role-play-host", asha.page, { whole: true });
  await asha.close();
  await ben.close();
  await olu.close();
}

/** While it grows, then whole and commented on. */
async function review({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const asha = await browser.person(1, camera);
  await asha.join(room.hostUrl, { name: "Asha Verma" });
  await asha.click("button", "Record");
  const { id } = await server.api.recordingOf(room.id);
  const watcher: Person = await browser.person(3);
  const address = `${server.url}/v/${id}#${room.hostKey}`;
  await watcher.page.goto(address);
  await watcher.page.waitForSelector("h1");
  await look.at("review-waiting", watcher.page, { whole: true });
  await filmed(server, id, 6400);
  await watcher.click("button", "Play");
  await watcher.page.waitForFunction(`document.querySelector("video").currentTime > 0 && document.querySelector("video").readyState > 2`);
  await look.at("review-growing", watcher.page, { whole: true });
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
  await server.api.settles(id);
  await server.api.comment(id, { atMs: 1500, body: "You let her finish her sentence here. Well done." });
  await server.api.comment(id, { atMs: 4200, body: "Open question instead?" });
  await watcher.page.reload();
  await watcher.plays("Recording");
  await watcher.page.$eval("video", (video) => (video as HTMLVideoElement).pause());
  await look.at("review-ready", watcher.page, { whole: true });
  await watcher.click("button", "Starts here");
  await watcher.page.$eval("video", (video) => ((video as HTMLVideoElement).currentTime += 2));
  await watcher.click("button", "Ends here");
  await watcher.page.waitForSelector(".range-part");
  await look.at("review-range", watcher.page, { whole: true });
  await watcher.click("button", "Only one moment");
  await speaking(watcher, look);
  await watcher.page.click(".track-more summary");
  const line = await watcher.page.$(".timeline > input");
  const box = await line?.boundingBox();
  await watcher.page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.6, (box?.y ?? 0) + (box?.height ?? 0) / 2);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await watcher.page.screenshot({ path: join(look.folder, "review-scrubbing.png") as `${string}.png`, fullPage: true });
  await watcher.page.goto(`${server.url}/#admin=${adminKey}`);
  await watcher.sees("list", "Recordings");
  await look.at("home-recordings", watcher.page, { whole: true });
  await watcher.page.goto(`${server.url}/v/rec_unknown#${room.hostKey}`);
  await watcher.reads(/not|no /i);
  await look.at("review-unknown", watcher.page);
  await asha.close();
  await watcher.close();
}

/** With a server and a browser of its own. */
async function alone(walk: (tour: Tour) => Promise<void>, look: Look): Promise<void> {
  const server = await TestServer.open();
  try {
    const browser = await TestBrowser.open("chromium");
    try {
      await walk({ server, browser, look });
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

async function main(): Promise<void> {
  const only = process.argv[2] ?? "";
  await build();
  const look = new Look(join(root, "journeys/out/screens"));
  let lost = 0;
  for (const [name, walk] of Object.entries(tours).filter(([name]) => name.includes(only))) {
    console.log(`screens: tour ${name}`);
    try {
      await alone(walk, look);
    } catch (error) {
      // The other tours are worth walking all the same.
      console.error(`screens: tour ${name} ended early`, error);
      lost++;
    }
  }
  look.close();
  process.exitCode = look.findings.length + lost > 0 ? 1 : 0;
}

await main();
