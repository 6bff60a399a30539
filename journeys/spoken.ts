// The part of `npm run screens` that walks through what is spoken into comments: recorded, played back, posted, and refused by the browser.
import type { Look } from "./rig/look.ts";
import type { Person } from "./rig/person.ts";

/** On a review page whose comment box is empty. */
export async function speaking(watcher: Person, look: Look): Promise<void> {
  await watcher.fill("Your name", "Cleo");
  for (const kind of ["voice", "video"] as const) {
    await watcher.page.click(`.attach [data-kind="${kind}"]`);
    await watcher.reads("0:02 of");
    await look.at(`review-recording-${kind}`, watcher.page, { whole: true });
    await watcher.click("button", "Stop");
    await watcher.page.waitForSelector(".attach-panel [controls]");
    await look.at(`review-recorded-${kind}`, watcher.page, { whole: true });
    if (kind === "voice") await watcher.fill("Comment", "Listen to how this could sound.");
    await watcher.click("button", "Post");
    await watcher.page.waitForSelector(`.attached ${kind === "voice" ? "audio" : "video"}`);
  }
  await look.at("review-attached", watcher.page, { whole: true });
  await watcher.page.evaluate(`MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"))`);
  await watcher.page.click('.attach [data-kind="voice"]');
  await watcher.sees("button", "Try again");
  await look.at("review-recording-denied", watcher.page, { whole: true });
  await watcher.click("button", "Discard");
}
