// The part of `npm run screens` that walks through what is spoken into comments: recorded, played back, sent, stopped, posted, exchanged, and refused
// by the browser.
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
    else await halted(watcher, look);
    await watcher.click("button", "Post");
    await watcher.page.waitForSelector(`.attached ${kind === "voice" ? "audio" : "video"}`);
  }
  await look.at("review-attached", watcher.page, { whole: true });
  await watcher.page.locator('.thread:has(.attached audio) .act[aria-label^="Edit comment"]').click();
  await watcher.sees("button", "Remove recording");
  await look.at("review-edit-recording", watcher.page, { whole: true });
  await watcher.click("button", "Remove recording");
  await watcher.sees("button", "Keep recording");
  await look.at("review-edit-without", watcher.page, { whole: true });
  await watcher.click("button", "Cancel");
  await watcher.page.evaluate(`MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"))`);
  await watcher.page.click('.attach [data-kind="voice"]');
  await watcher.sees("button", "Try again");
  await look.at("review-recording-denied", watcher.page, { whole: true });
  await watcher.click("button", "Discard");
}

/** On its way over a slow line, stopped, and then without one. */
async function halted(watcher: Person, look: Look): Promise<void> {
  await watcher.page.emulateNetworkConditions({ upload: 2000, download: 1_000_000, latency: 0 });
  await watcher.click("button", "Post");
  await watcher.reads(/[1-9]\d* kB of/);
  await look.at("review-sending", watcher.page, { whole: true });
  await watcher.click("button", "Stop sending");
  await watcher.page.emulateNetworkConditions(null);
  await watcher.page.setOfflineMode(true);
  await watcher.click("button", "Post");
  await watcher.sees("button", "Try again");
  await look.at("review-not-sent", watcher.page, { whole: true });
  await watcher.page.setOfflineMode(false);
}
