// The part of `npm run screens` that walks through a debrief: a room with a rubric and feedback in secret, captions, people large, the film of whoever
// speaks, the reveal with everybody's scores beside each other, a shared link, a guest behind a passphrase, and the page that prints.
import { join } from "node:path";
import type { CreatedReviewer, Share } from "../protocol/feedback.ts";
import { recorded } from "./rig/recorded.ts";
import type { Tour } from "./rig/tour.ts";

const vtt = `WEBVTT

00:01.000 --> 00:03.500
<v Asha>What would you like to be different a year from now?

00:04.000 --> 00:06.200
<v Ben>I would like to sleep through, and not to lie awake over money.
`;
const words = ["You let him finish. That gave him the courage to go on.", "Open question instead? This one he can only answer with yes."];

export async function debrief({ server, browser, look }: Tour): Promise<void> {
  const { room, id } = await recorded(server, 16_000, ["Asha", "Ben"]);
  const host = server.api.as(room.hostKey);
  const asked = async <T>(method: string, path: string, body?: unknown, reviewer?: string): Promise<T> => {
    const answer = await host.ask(method, path, body, reviewer ? { "doubletake-reviewer": reviewer } : {});
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? null : await answer.json()) as T;
  };
  const [rubric] = await asked<{ items: { items: { id: string; scale: { value: number }[] }[] }[] }>(
    "GET",
    `/rooms/${room.id}/rubrics`,
  ).then(({ items }) => items);
  await asked("PATCH", `/rooms/${room.id}/guide`, { rubric, independent: true });
  await asked("POST", `/recordings/${id}/captions`, { trackId: null, vtt });
  const people = (await server.api.recording(id)).tracks.map(({ participant }) => participant);
  for (const [index, name] of ["Asha", "Ben", "Cleo"].entries()) {
    const participantId = people[index]?.id ?? null;
    const { identity } = await asked<CreatedReviewer>("POST", `/recordings/${id}/reviewers`, { name, participantId });
    for (const [place, body] of words.entries())
      await asked("POST", `/recordings/${id}/comments`, { atMs: 2000 + 1400 * index + 5000 * place, body }, identity);
    for (const [place, item] of rubric!.items.entries())
      await asked(
        "PUT",
        `/recordings/${id}/scores`,
        {
          aboutId: people[0]!.id,
          item: item.id,
          value: item.scale[(index + place) % item.scale.length]!.value,
          words: "",
          evidence: [{ atMs: 3000, endMs: null }],
        },
        identity,
      );
  }
  const olu = await browser.person(4);
  await olu.page.goto(`${server.url}/v/${id}#${room.hostKey}`);
  await olu.plays("Recording");
  await olu.page.$eval("video", (video) => (video as HTMLVideoElement).pause());
  await olu.fill("Your name", "Olu");
  await olu.fill("Comment", "She waits four seconds before she asks again.");
  await olu.click("button", "Post");
  await olu.reads("She waits four seconds");
  await look.at("debrief-in-secret", olu.page, { whole: true });
  await olu.page.evaluate(`document.querySelector("video").currentTime = 4.5`);
  await look.at("debrief-captions", olu.page);
  await olu.page.focus("h1, main");
  for (const [key, name] of [
    ["1", "debrief-large"],
    ["1", "debrief-alone"],
  ] as const) {
    await olu.page.keyboard.press(key);
    await olu.page.waitForFunction(`[...document.querySelectorAll(".person video")].every(({ readyState }) => readyState > 2)`);
    await look.at(name, olu.page);
  }
  await olu.page.keyboard.press("0");
  await olu.click("button", "Show all now");
  await (await olu.page.waitForSelector("dialog[open] .button.primary"))?.click();
  await olu.reads("All feedback is visible since");
  await olu.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
  await look.at("debrief-revealed", olu.page, { whole: true });
  // The sheet stays until it was printed, and here nothing prints.
  await olu.page.evaluate(`window.print = () => undefined`);
  await olu.click("button", "Print");
  await olu.page.emulateMediaType("print");
  await olu.page.screenshot({ path: join(look.folder, "debrief-print.png") as `${string}.png`, fullPage: true });
  await olu.page.emulateMediaType();
  const share = await asked<Share>("POST", `/recordings/${id}/shares`, {
    label: "Kim",
    mayComment: true,
    mayDownload: false,
    expiresAt: null,
    passphrase: "open sesame",
  });
  await olu.page.goto(share.url);
  await olu.page.waitForSelector("#passphrase");
  await look.at("debrief-passphrase", olu.page);
  await asked("DELETE", `/shares/${share.id}`);
  await olu.page.reload();
  await olu.reads("This link has ended");
  await look.at("debrief-link-gone", olu.page);
  await olu.close();
}
