// A real coturn for one test, on one address of this machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { place } from "./place.ts";
import { poll } from "./poll.ts";
import { freePort } from "./server.ts";

export const turnSecret = "journey-turn-secret";

export interface Relay {
  port: number;
  /** `turn:…` for one transport. */
  url: (over: "udp" | "tcp") => string;
}

/** `args`: more of its command line. On loopback only a test may let it relay to loopback: in the open that is a door into one's own network. */
export async function openRelay(address = "127.0.0.1", args = ["--allow-loopback-peers"]): Promise<Relay> {
  const port = await freePort();
  const folder = place("turn");
  const relay = spawn("/usr/bin/turnserver", [
    // "-n": no configuration file, also not the machine's own.
    ...(args.includes("-c") ? [] : ["-n"]),
    ...["--no-tls", "--no-dtls", "--no-cli", "--fingerprint", "--no-multicast-peers", "--realm=doubletake.test"],
    ...[`--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${port}`],
    ...["--use-auth-secret", `--static-auth-secret=${turnSecret}`, "--log-file=stdout", "--simple-log"],
    ...[`--pidfile=${join(folder.path, "pid")}`, `--userdb=${join(folder.path, "db")}`],
    ...args,
  ]);
  let said = "";
  for (const stream of [relay.stdout, relay.stderr])
    stream.on("data", (data) => {
      said += data;
    });
  onTestFinished(async () => {
    const gone = once(relay, "exit");
    relay.kill("SIGTERM");
    if (relay.exitCode === null) await gone;
    folder.close();
  });
  await poll(() => accepts(address, port), { what: `turnserver listens on ${port}` }).catch((cause: unknown) => {
    throw new Error(`turnserver: ${said}`, { cause });
  });
  return { port, url: (over) => `turn:${address}:${port}?transport=${over}` };
}

/** It takes TCP on the port that it takes UDP on. */
async function accepts(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address);
  await once(socket, "connect");
  socket.destroy();
  return true;
}
