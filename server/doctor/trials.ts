// What `npm run doctor` tries on the machine that the server is to run on. Each trial ends in a finding, in the operator's words.
// Promise: nothing that was there is changed; what is written to try the disk is taken away again.
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { mkdir, open, rm, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { iceServersFor } from "../call/ice.ts";
import type { Config } from "../config.ts";
import { allocates, answersBinding, peersAllowed, targetOf } from "./stun.ts";

export interface Finding {
  /** "bad": Doubletake does not work like this. "warn": something of it does not, or not for everybody. */
  look: "ok" | "warn" | "bad";
  words: string;
}

const ok = (words: string): Finding => ({ look: "ok", words });
const warn = (words: string): Finding => ({ look: "warn", words });
const bad = (words: string): Finding => ({ look: "bad", words });
const why = (error: unknown) => (error instanceof Error ? error.message : String(error));
const patienceMs = 5000;
/** This machine, the two usual home networks, and where clouds keep their machines' secrets. */
const privateAddresses = ["127.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254"];

/** What an hour of four people takes: their tracks, about 1.2 GB an hour each, and the film. */
const hourBytes = 4 * 1.2e9 + 1.2e9;
/** From here on an ack takes long enough to hold up an upload, ms. */
const slowSyncMs = 50;

export function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough ? ok(`Node ${process.versions.node}.`) : bad(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`);
}

/** In a process of its own: a library that does not fit the machine may take its process down. */
export async function ffmpeg(): Promise<Finding> {
  const program = `import("node-av/lib").then(({ Codec }) => {
    const lacking = ["libx264", "aac"].filter((name) => !Codec.findEncoderByName(name));
    if (lacking.length) throw new Error("it lacks " + lacking.join(", "));
  })`;
  try {
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", `await ${program}`], {
      cwd: join(import.meta.dirname, "../.."),
      timeout: 60_000,
    });
    return ok("FFmpeg loads, and has what the film is made with.");
  } catch (error) {
    const last =
      why(error)
        .trim()
        .split("\n")
        .find((line) => /Error/.test(line)) ?? why(error).split("\n")[0];
    return bad(
      `FFmpeg does not load, so no film can be made: ${last}. Run "npm ci" again on this machine; its platform packages must be installed.`,
    );
  }
}

/** In a process of its own, as above: what the whisper filter cannot work with takes its process down. Nothing is said where no model is named. */
export async function captions({ whisperModel, whisperProgram }: Config): Promise<Finding[]> {
  if (whisperModel === undefined) return [];
  if (!existsSync(whisperModel)) return [warn(`Captions: there is no file ${whisperModel}.`)];
  if (whisperProgram !== undefined)
    return [
      existsSync(whisperProgram) ? ok("Captions: model and program are there.") : warn(`Captions: there is no program ${whisperProgram}.`),
    ];
  const program = `import("node-av/lib").then(({ FilterGraph }) => {
    const graph = new FilterGraph();
    graph.alloc();
    const model = process.argv[1].replace(/[\\':]/g, "\\$&").replace(/[\\'[],;]/g, "\\$&");
    const source = "abuffer=time_base=1/16000:sample_rate=16000:sample_fmt=s16:channel_layout=mono,aformat=sample_fmts=fltp";
    process.exitCode = graph.parsePtr(source + ",whisper=model=" + model + ":use_gpu=false,abuffersink") < 0 ? 1 : 0;
  })`;
  const failure = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", `await ${program}`, whisperModel], {
    cwd: join(import.meta.dirname, "../.."),
    env: { ...process.env, GGML_NO_BACKTRACE: "1" },
    timeout: 10 * 60_000,
  }).then(
    () => null,
    (error: { signal?: string }) => error,
  );
  if (!failure) return [ok("Captions: FFmpeg's whisper filter takes the model.")];
  return [
    failure.signal
      ? warn(
          `Captions: FFmpeg's whisper filter dies of this model (${failure.signal}). It needs libvulkan.so.1 (Debian: apt-get install libvulkan1), or a whisper.cpp program.`,
        )
      : warn("Captions: FFmpeg's whisper filter cannot read this model."),
  ];
}

export async function data({ data: folder }: Config): Promise<Finding[]> {
  const path = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const times: number[] = [];
    const file = await open(path, "w", 0o600);
    try {
      for (let turn = 0; turn < 20; turn++) {
        const startMs = performance.now();
        await file.write(Buffer.alloc(64 * 1024, turn));
        await file.datasync();
        times.push(performance.now() - startMs);
      }
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    const sorted = times.toSorted((a, b) => a - b);
    const [median, worst] = [sorted[10] ?? 0, sorted.at(-1) ?? 0].map((ms) => ms.toFixed(1));
    const words = `${folder} can be written; the disk takes ${median} ms to make 64 kB safe, ${worst} ms at worst.`;
    const sync =
      (sorted[10] ?? 0) < slowSyncMs
        ? ok(words)
        : warn(`${words} That is slow: uploads wait for it. A local disk is better than a network's.`);
    return [sync, await room(folder), await secrets(folder)];
  } catch (error) {
    return [bad(`${folder} cannot be written: ${why(error)}. Give it to the user who runs the server, or name another folder as "data".`)];
  }
}

async function room(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const hours = (bavail * bsize) / hourBytes;
  const words = `${((bavail * bsize) / 1e9).toFixed(1)} GB are free: about ${hours < 10 ? hours.toFixed(1) : Math.round(hours)} hours with four people.`;
  return hours >= 5 ? ok(words) : hours >= 0.5 ? warn(words) : bad(words);
}

async function secrets(folder: string): Promise<Finding> {
  const open: string[] = [];
  for (const name of ["master.key", "admin.key"]) {
    const path = join(folder, name);
    if (existsSync(path) && (await stat(path)).mode & 0o077) open.push(path);
  }
  return open.length === 0
    ? ok("Nobody else can read the secrets.")
    : bad(`Others on this machine can read ${open.join(" and ")}: chmod 600 them.`);
}

/** Whether this very server answers there already. */
async function running({ host, port }: Config): Promise<boolean> {
  try {
    const address = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
    const response = await fetch(`http://${address}:${port}/healthz`, { signal: AbortSignal.timeout(patienceMs) });
    return response.ok && ((await response.json()) as { status?: string }).status === "ok";
  } catch {
    // Nobody there, or somebody else.
    return false;
  }
}

export async function ports(config: Config): Promise<Finding[]> {
  const { host, port, stunPort } = config;
  if (await running(config)) return [ok(`Doubletake is running on port ${port}.`), await stun(config)];
  const found: Finding[] = [];
  const tcp = createServer();
  const taken = await new Promise<string | null>((resolve) => {
    tcp.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    tcp.listen(port, host, () => tcp.close(() => resolve(null)));
  });
  found.push(
    taken
      ? bad(`Port ${port} on ${host} is not to be had: ${taken}. Another program may use it; "port" takes another number.`)
      : ok(`Port ${port} on ${host} is free.`),
  );
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
  const udpTaken = await new Promise<string | null>((resolve) => {
    udp.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    udp.bind(stunPort, host, () => resolve(null));
  });
  udp.close();
  found.push(
    udpTaken
      ? warn(
          `UDP port ${stunPort} (STUN) is not to be had: ${udpTaken}. Calls work where people reach each other directly; "stun-port" takes another number.`,
        )
      : ok(`UDP port ${stunPort} (STUN) is free.`),
  );
  return found;
}

async function stun({ host, stunPort }: Config): Promise<Finding> {
  if (stunPort === 0) return warn("STUN answers on a port of the system's choice, which no firewall can be told of: set stun-port.");
  try {
    const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    if (await answersBinding({ host: address, port: stunPort, over: "udp" })) return ok(`STUN answers on UDP port ${stunPort}.`);
    return warn(`Something answers on UDP port ${stunPort}, but it is no STUN server.`);
  } catch (error) {
    return warn(`STUN does not answer on UDP port ${stunPort}: ${why(error)}.`);
  }
}

export async function relay(config: Config): Promise<Finding[]> {
  const { turnUrls, turnSecret, turnSeconds, relayOnly } = config;
  if (turnUrls.length === 0) {
    const words = "No relay is set (turn-urls): people behind strict firewalls will not see each other. Recordings do not need it.";
    return [relayOnly ? bad(`relay-only is set, and there is no relay: nobody can see anybody.`) : warn(words)];
  }
  if (!turnSecret) return [bad("turn-urls is set without turn-secret: no credentials can be made.")];
  const options = { fixed: [], turnUrls, turnSecret, turnSeconds, stunPort: null };
  const [server] = iceServersFor(options, "par_doctor", "localhost", Date.now() / 1000);
  const { username = "", credential = "" } = server ?? {};
  return await Promise.all(
    turnUrls.map(async (url) => {
      const target = targetOf(url);
      if (!target) return bad(`${url} is no address of a relay: it looks like turn:turn.example.org:3478?transport=udp.`);
      try {
        await allocates(target, username, credential);
        const open = await peersAllowed(target, username, credential, privateAddresses);
        const words = `${url} takes the credentials, over ${target.over.toUpperCase()}`;
        if (open.length === 0) return ok(`${words}, and leads into no private network.`);
        return warn(
          `${words}, but people can reach ${open.join(", ")} through it: deny private networks as packaging/turnserver.conf does.`,
        );
      } catch (error) {
        const hint = /40[13]|437|441/.test(why(error))
          ? "Compare turn-secret with coturn's static-auth-secret, and the clocks of both machines."
          : "Is coturn running, and is the port open from here?";
        return bad(`${url}: ${why(error)}. ${hint}`);
      }
    }),
  );
}

export async function address({ publicUrl, host, stunPort }: Config): Promise<Finding[]> {
  const loopback = /^(127\.|localhost$|::1$)/.test(host);
  if (!publicUrl) {
    if (loopback) return [ok("Only this machine is served (http://localhost), where browsers lend out cameras without a certificate.")];
    return [
      warn(
        `Others on the network reach port ${host}, but over plain http, and browsers lend no camera to that. Put a proxy with a certificate in front and set public-url.`,
      ),
    ];
  }
  const found: Finding[] = [];
  const url = new URL(publicUrl);
  if (url.protocol !== "https:" && url.hostname !== "localhost")
    found.push(bad(`${publicUrl} is not https, so browsers lend it no camera.`));
  try {
    const response = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(patienceMs), redirect: "manual" });
    if (!response.ok)
      found.push(
        bad(`${publicUrl} answers with ${response.status} instead of this server. Does the proxy point to it, and is it running?`),
      );
    else found.push(ok(`${publicUrl} leads here.`), await sockets(url), clock(response.headers.get("date")));
  } catch (error) {
    found.push(bad(`${publicUrl} does not answer: ${tls(error)}`));
  }
  if (loopback && stunPort !== 0)
    found.push(
      warn(
        `STUN answers on ${host} only, so nobody outside can ask it for their address. Set host to 0.0.0.0 and let UDP ${stunPort} through, or name another STUN server in ice-servers.`,
      ),
    );
  return found;
}

function tls(error: unknown): string {
  const code = String(((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? "");
  if (code === "CERT_HAS_EXPIRED") return "its certificate has expired.";
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return "its certificate is signed by nobody that is known here. People's browsers will warn of it.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "its certificate is for another name.";
  if (code === "ENOTFOUND") return "its name is not known. Is the DNS entry there?";
  return `${code || why(error)}.`;
}

async function sockets(url: URL): Promise<Finding> {
  const ws = new WebSocket(new URL("/ws/call", url.href.replace(/^http/, "ws")), { origin: url.origin, handshakeTimeout: patienceMs });
  const failure = await new Promise<string | null>((resolve) => {
    ws.once("open", () => resolve(null));
    ws.once("error", (error) => resolve(error.message));
  });
  ws.terminate();
  return failure
    ? bad(`The proxy lets no WebSocket through (${failure}): calls need /ws/call and /ws/upload, with the Host header passed on.`)
    : ok("WebSockets come through the proxy.");
}

/** TURN credentials carry a time, so the clocks of relay and server must agree. */
function clock(date: string | null): Finding {
  const offMs = date ? Math.abs(Date.parse(date) - Date.now()) : 0;
  if (!(offMs > 30_000)) return ok("The clock agrees with the proxy's.");
  return warn(
    `The clock is ${Math.round(offMs / 1000)} s off the proxy's. Switch time synchronisation on: credentials for the relay carry a time.`,
  );
}
