// Tours of a call for `npm run screens`: as it goes well, and as things go.

import { poll } from "./rig/poll.ts";
import { adminKey } from "./rig/server.ts";
import { camera, filmed, type Tour } from "./rig/tour.ts";

export async function call({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const asha = await browser.person(1, camera);
  const ben = await browser.person(2, camera);
  await asha.join(room.hostUrl, { name: "Asha Verma" });
  await look.at("call-alone", asha.page);
  await ben.join(room.guestUrl, { name: "Ben Okafor" });
  await asha.watches("Ben Okafor");
  await look.at("call-two", asha.page);
  await asha.click("button", "Devices");
  await asha.sees("combobox", "Camera");
  await look.at("call-devices", asha.page);
  await asha.page.keyboard.press("Escape");
  await asha.click("button", "Record");
  const { id } = await server.api.recordingOf(room.id);
  await filmed(server, id, 6400);
  await look.at("call-recording", asha.page);
  await asha.click("button", "Pause recording");
  await asha.sees("status", "Paused");
  await look.at("call-paused", asha.page);
  await asha.click("button", "Resume recording");
  await asha.click("button", "People");
  await asha.click("checkbox", "Lock the room");
  await asha.page.keyboard.press("Escape");
  await asha.reads("The room is locked");
  await look.at("call-locked", asha.page);
  await asha.click("button", "Unlock it");
  await ben.click("button", "Turn camera off");
  await ben.click("button", "Mute microphone");
  await asha.click("button", "Share screen");
  await asha.sees("button", "Stop sharing");
  await look.at("call-sharing", asha.page);
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
  await look.at("call-receipts", asha.page);
  await ben.click("button", "Leave");
  await ben.readsSafe(60_000);
  await look.at("after-leaving", ben.page, { whole: true });
  await asha.close();
  await ben.close();
}

/** A camera that goes, a server that goes, and what a device then holds. */
export async function trouble({ server, browser, look }: Tour): Promise<void> {
  const room = await server.api.createRoom("Consultation skills");
  const asha = await browser.person(1, camera);
  await asha.join(room.hostUrl, { name: "Asha Verma" });
  await asha.click("button", "Record");
  const { id } = await server.api.recordingOf(room.id);
  await filmed(server, id, 3200);
  await asha.page.evaluate(`{
    MediaDevices.prototype.getUserMedia = async () => { throw new DOMException("no camera", "NotFoundError"); };
    for (const track of document.querySelector("video").srcObject.getVideoTracks()) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  }`);
  await asha.reads("Your camera is gone.");
  await look.at("call-camera-gone", asha.page);
  // What is behind the buttons is fetched when it is first wanted: while there is a server.
  await asha.click("button", "Chat");
  await asha.sees("textbox", "Message");
  await asha.click("button", "Chat");
  await server.stop("SIGKILL");
  await asha.reads("The connection to the room is gone");
  await look.at("call-offline", asha.page);
  await asha.click("button", "Chat");
  await asha.fill("Message", "Can you hear me?");
  await asha.click("button", "Send");
  await asha.reads("not sent yet");
  await look.at("call-unsaid", asha.page);
  const before = (await asha.written()).reduce((sum, { bytes }) => sum + bytes, 0);
  await poll(async () => (await asha.written()).reduce((sum, { bytes }) => sum + bytes, 0) > before + 20_000, { what: "more is recorded" });
  const context = asha.page.browserContext();
  await asha.page.close();
  await server.start();
  const page = await context.newPage();
  await page.goto(`${server.url}/#admin=${adminKey}`);
  await page.waitForSelector(".left-behind");
  await look.at("home-unsent", page, { whole: true });
  await page.goto(`${server.url}/upload`);
  await page.waitForFunction(`document.body.innerText.includes("Resume")`);
  await look.at("upload-unsent", page, { whole: true });
  await context.close();
}
