// Two people who cannot reach each other directly: the call goes through coturn, with credentials made by the server that expire.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { iceServersFor } from "../server/call/ice.ts";
import { allocates, peersAllowed, targetOf } from "../server/doctor/stun.ts";
import { Api } from "./rig/api.ts";
import type { Person } from "./rig/person.ts";
import { place, root } from "./rig/place.ts";
import { poll } from "./rig/poll.ts";
import { openRelay, turnSecret } from "./rig/relay.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";
import { Wire } from "./rig/wire.ts";

const small = { width: 320, height: 180 };

async function seesOnlyRelays(person: Person): Promise<void> {
  const routes = await poll(
    async () => {
      const found = await person.routes();
      return found.length > 0 && found;
    },
    { what: "a nominated pair" },
  );
  expect(new Set(routes)).toEqual(new Set(["relay"]));
}

/** As the server makes them, at another moment or with another secret. */
function credentials(secret: string, url: string, nowSeconds: number): [string, string] {
  const options = { fixed: [], turnUrls: [url], turnSecret: secret, turnSeconds: 600, stunPort: null };
  const [server] = iceServersFor(options, "par_journey", "localhost", nowSeconds);
  return [server?.username ?? "", server?.credential ?? ""];
}

test("over UDP, and for whoever comes when the first credentials have expired: a call that may only use the relay is made", async () => {
  const relay = await openRelay();
  const turnSeconds = 8;
  const stage = await Stage.open({
    DOUBLETAKE_TURN_URLS: relay.url("udp"),
    DOUBLETAKE_TURN_SECRET: turnSecret,
    DOUBLETAKE_TURN_SECONDS: String(turnSeconds),
    DOUBLETAKE_RELAY_ONLY: "true",
  });
  const room = await stage.api.createRoom("Relay");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const ben = await stage.person(browser, 2, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  const joinedMs = Date.now();
  await ben.page.goto(room.guestUrl);
  await ben.reads("The others can be reached, if need be through a relay.");
  // Asha's own credentials for Ben must be newer than those she came in with.
  await poll(() => Date.now() > joinedMs + turnSeconds * 1000 + 500, { what: "Asha's first credentials have expired" });
  await ben.fill("Your name", "Ben");
  await ben.click("button", "Join");
  await asha.watches("Ben");
  await ben.watches("Asha");
  for (const person of [asha, ben]) await seesOnlyRelays(person);
});

test("over TCP, Chromium and Firefox, in networks that cannot reach each other", async () => {
  const wire = await Wire.open();
  onTestFinished(() => wire.close());
  const relay = await openRelay(wire.address, []);
  const stage = await Stage.open({
    DOUBLETAKE_HOST: "0.0.0.0",
    DOUBLETAKE_TURN_URLS: relay.url("tcp"),
    DOUBLETAKE_TURN_SECRET: turnSecret,
  });
  const origin = wire.origin(stage.server.port);
  const room = await new Api(origin, adminKey).createRoom("Apart");
  const [here, there] = [await wire.site("asha", { delayMs: 10 }), await wire.site("ben", { delayMs: 10 })];
  await here.namespace.ip("route", "add", "blackhole", `${there.address}/32`);
  await there.namespace.ip("route", "add", "blackhole", `${here.address}/32`);
  const asha = await stage.person(await stage.browser("chromium", { at: { site: here, origin } }), 1, small);
  const ben = await stage.person(await stage.browser("firefox", { at: { site: there, origin } }), 2, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.watches("Ben");
  await ben.watches("Asha");
  // One relayed end is enough, and the other may know it only from the packets that came from there.
  expect([...(await asha.routes()), ...(await ben.routes())]).toContain("relay");
});

test("coturn takes fresh credentials over UDP and TCP, and refuses forged and expired ones; the lobby then says so", async () => {
  const relay = await openRelay();
  const nowSeconds = Date.now() / 1000;
  for (const over of ["udp", "tcp"] as const) {
    const target = targetOf(relay.url(over))!;
    await allocates(target, ...credentials(turnSecret, relay.url(over), nowSeconds));
    await expect(allocates(target, ...credentials("another secret", relay.url(over), nowSeconds))).rejects.toThrow("401");
    await expect(allocates(target, ...credentials(turnSecret, relay.url(over), nowSeconds - 700))).rejects.toThrow("401");
  }
  const stage = await Stage.open({ DOUBLETAKE_TURN_URLS: relay.url("udp"), DOUBLETAKE_TURN_SECRET: "another secret" });
  const room = await stage.api.createRoom("Forged");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.page.goto(room.guestUrl);
  await asha.reads("The relay does not let you in.");
  await asha.sees("button", "Join");
});

test("with the configuration that is shipped the relay is no door into private networks", async () => {
  const folder = place("coturn");
  onTestFinished(() => folder.close());
  const shipped = readFileSync(join(root, "packaging/turnserver.conf"), "utf8");
  const file = join(folder.path, "turnserver.conf");
  // The port is the test's own; everything else is as people run it.
  writeFileSync(
    file,
    shipped.replace(/^(listening-port|log-file|simple-log|no-cli|fingerprint|no-multicast-peers|use-auth-secret)\b.*$/gm, ""),
  );
  const relay = await openRelay("127.0.0.1", ["-c", file]);
  const target = targetOf(relay.url("udp"))!;
  const inside = ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"];
  const asked = await peersAllowed(target, ...credentials(turnSecret, relay.url("udp"), Date.now() / 1000), [...inside, "8.8.8.8"]);
  expect(asked).toEqual(["8.8.8.8"]);
});
