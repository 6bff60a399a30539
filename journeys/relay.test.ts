// Two people who cannot reach each other directly: the call goes through coturn, with credentials made by the server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { place } from "./rig/place.ts";
import { poll } from "./rig/poll.ts";
import { freePort } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

const secret = "journey-turn-secret";

/** A relay on loopback. Only a test may let it relay to loopback: in the open that is a door into one's own network. */
async function openRelay(): Promise<number> {
  const port = await freePort();
  const folder = place("turn");
  const relay = spawn("/usr/bin/turnserver", [
    ...["-n", "--no-tls", "--no-dtls", "--no-cli", "--fingerprint", "--no-multicast-peers", "--allow-loopback-peers"],
    ...["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`, "--realm=doubletake.test"],
    ...["--use-auth-secret", `--static-auth-secret=${secret}`, "--log-file=stdout", "--simple-log"],
    ...[`--pidfile=${join(folder.path, "pid")}`, `--userdb=${join(folder.path, "db")}`],
  ]);
  let said = "";
  relay.stdout.on("data", (data) => {
    said += data;
  });
  relay.stderr.on("data", (data) => {
    said += data;
  });
  onTestFinished(async () => {
    const gone = once(relay, "exit");
    relay.kill("SIGTERM");
    if (relay.exitCode === null) await gone;
    folder.close();
  });
  await poll(() => accepts(port), { what: `turnserver listens on ${port}` }).catch((cause: unknown) => {
    throw new Error(`turnserver: ${said}`, { cause });
  });
  return port;
}

/** It takes TCP on the port that it takes UDP on. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  return true;
}

test("a call that may only use the relay is made, and its picture arrives", async () => {
  const port = await openRelay();
  const stage = await Stage.open({
    DOUBLETAKE_TURN_URLS: `turn:127.0.0.1:${port}?transport=udp`,
    DOUBLETAKE_TURN_SECRET: secret,
    DOUBLETAKE_RELAY_ONLY: "true",
  });
  const room = await stage.api.createRoom("Relay");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  const ben = await stage.person(browser, 2, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.watches("Ben");
  await ben.watches("Asha");
  for (const person of [asha, ben]) {
    const routes = await poll(
      async () => {
        const found = await person.routes();
        return found.length > 0 && found;
      },
      { what: "a nominated pair" },
    );
    expect(new Set(routes)).toEqual(new Set(["relay"]));
  }
});
