// What the connection check tries, one after the other where they would disturb each other. Each trial ends in a verdict, whatever happens.
import type { Ice } from "../../../protocol/api.ts";
import { lacking } from "../able.ts";
import { Api, sentence } from "../api.ts";
import { speedVerdict, type Verdict } from "../lobby/checks.tsx";
import { keeping } from "../lobby/keeping.ts";
import { uploadSpeed } from "../lobby/speed.ts";
import { crossRelay, findWays } from "../lobby/ways.ts";
import { t } from "../words.ts";

export interface Finding extends Verdict {
  name: string;
}

/** Later than this a conversation feels it, ms there and back. */
const slowMs = 250;
const patienceMs = 8000;

/** `room` null: what needs a room's link is left out, and said. `tell` is called with all findings, after each. */
export async function tryAll(room: { id: string; key: string } | null, tell: (findings: Finding[]) => void): Promise<void> {
  const findings: Finding[] = [];
  const add = (name: string, verdict: Verdict) => {
    findings.push({ name, ...verdict });
    tell([...findings]);
  };
  const attempt = async (name: string, trial: () => Promise<Verdict>) => add(name, await settled(trial));
  const missing = lacking();
  add(
    t("check:browser.name"),
    missing.length ? { look: "warn", words: t("check:browser.old", { missing: missing.join(", ") }) } : ok(t("check:browser.ok")),
  );
  add(t("check:secure.name"), window.isSecureContext ? ok(t("check:secure.ok")) : { look: "warn", words: t("check:secure.no") });
  await attempt(t("check:device.name"), keeping);
  await attempt(t("check:server.name"), server);
  await attempt(t("check:socket.name"), socket);
  if (!room) return add(t("check:room.name"), { look: "note", words: t("check:room.words") });
  const api = new Api(room.key);
  await attempt(t("check:speed.name"), async () => speedVerdict(await uploadSpeed((body) => api.probe(room.id, body))));
  let ice: Ice | null = null;
  await attempt(t("check:stun.name"), async () => {
    ice = await api.ice(room.id);
    const { stun } = await findWays({ iceServers: ice.iceServers, relayOnly: false });
    return stun ? ok(t("check:stun.ok")) : { look: "warn", words: t("check:stun.no") };
  });
  if (ice) for (const found of await relays(ice)) add(found.name, found);
}

async function relays({ iceServers }: Ice): Promise<Finding[]> {
  const name = t("check:relay.name");
  const each = iceServers.flatMap(({ urls, ...rest }) => [urls].flat().map((url) => ({ ...rest, urls: url })));
  const turns = each.filter(({ urls }) => urls.startsWith("turn"));
  if (turns.length === 0) return [{ name, look: "note", words: t("check:relay.none") }];
  const found = await Promise.all(
    turns.map(async (server): Promise<Finding> => {
      const url = server.urls;
      const { relay, over } = await findWays({ iceServers: [server], relayOnly: true });
      if (relay === "works") return { name, ...ok(t("check:relay.ok", { url, over: over.join(", ") || "?" })) };
      return { name, look: "warn", words: t(relay === "refused" ? "check:relay.refused" : "check:relay.silent", { url }) };
    }),
  );
  if (!found.some(({ look }) => look === "ok")) return found;
  const through = await settled(async () => {
    try {
      return ok(t("check:through.ok", { ms: Math.round(await crossRelay({ iceServers: turns, relayOnly: true })) }));
    } catch (error) {
      console.warn("check: through the relay", error);
      return { look: "warn", words: t("check:through.no") };
    }
  });
  return [...found, { name: t("check:through.name"), ...through }];
}

const ok = (words: string): Verdict => ({ look: "ok", words });

async function settled(trial: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await trial();
  } catch (error) {
    return { look: "warn", words: t("check:failed", { why: sentence(error) }) };
  }
}

/** The best of three: the first one may have to connect. */
async function server(): Promise<Verdict> {
  let ms = Number.POSITIVE_INFINITY;
  try {
    for (let round = 0; round < 3; round++) {
      const startMs = performance.now();
      const { ok: alive } = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
      if (alive) ms = Math.min(ms, Math.round(performance.now() - startMs));
    }
  } catch (error) {
    console.warn("check: server", error);
  }
  if (!Number.isFinite(ms)) return { look: "warn", words: t("check:server.no") };
  return ms > slowMs ? { look: "warn", words: t("check:server.slow", { ms }) } : ok(t("check:server.ok", { ms }));
}

/** Nothing is said on it: the server only sees somebody come and go. */
async function socket(): Promise<Verdict> {
  const ws = new WebSocket(`${window.location.origin.replace(/^http/, "ws")}/ws/call`);
  const opened = await new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), patienceMs);
    ws.onopen = () => resolve(true);
    ws.onerror = () => resolve(false);
  });
  ws.close();
  return opened ? ok(t("check:socket.ok")) : { look: "warn", words: t("check:socket.no") };
}
