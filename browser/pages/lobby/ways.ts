// Which ways out of this network a browser finds with what the server offers it: its own address, the one that STUN sees, and a relay.
// Promise: an answer within `patienceMs`, and nothing left open.
import type { Ice } from "../../../protocol/api.ts";

export interface Ways {
  /** An address of its own that is no loopback. */
  direct: boolean;
  /** Null: no STUN server is offered. */
  stun: boolean | null;
  /** "none": no relay is offered. "refused": it answered and did not take the credentials. */
  relay: "none" | "works" | "silent" | "refused";
  /** What a relay was reached by: "udp", "tcp", "tls". */
  over: string[];
}

/** A relay over TCP through a slow line answers within a second or two. */
const patienceMs = 7000;
/** STUN error codes (RFC 8489, 8656) that say "not with these credentials": unauthorized, forbidden, stale, wrong ones. */
const refusals = new Set([401, 403, 431, 437, 438, 441]);

const urlsOf = ({ urls }: Ice["iceServers"][number]) => (typeof urls === "string" ? [urls] : urls);

export async function findWays({ iceServers, relayOnly }: Ice): Promise<Ways> {
  const urls = iceServers.flatMap(urlsOf);
  const ways: Ways = { direct: false, stun: null, relay: "none", over: [] };
  if (urls.some((url) => url.startsWith("stun"))) ways.stun = false;
  if (urls.some((url) => url.startsWith("turn"))) ways.relay = "silent";
  const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: relayOnly ? "relay" : "all" });
  try {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, patienceMs);
      connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
      connection.onicecandidateerror = ({ errorCode, url }) => {
        if (url.startsWith("turn") && refusals.has(errorCode) && ways.relay === "silent") ways.relay = "refused";
      };
      connection.onicecandidate = ({ candidate }) => candidate && note(ways, candidate);
      connection.createDataChannel("ways");
      void connection.setLocalDescription();
    });
  } finally {
    connection.close();
  }
  return ways;
}

function note(ways: Ways, candidate: RTCIceCandidate): void {
  if (candidate.type === "host") ways.direct = true;
  if (candidate.type === "srflx") ways.stun = true;
  if (candidate.type !== "relay") return;
  ways.relay = "works";
  const { relayProtocol } = candidate as RTCIceCandidate & { relayProtocol?: string | null };
  if (relayProtocol && !ways.over.includes(relayProtocol)) ways.over.push(relayProtocol);
}

/** Sends a word to itself through the relay and nothing else. Rejects after `patienceMs`. Milliseconds until it came. */
export async function crossRelay({ iceServers }: Ice): Promise<number> {
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" })) as [
    RTCPeerConnection,
    RTCPeerConnection,
  ];
  const [near, far] = ends;
  const startMs = performance.now();
  try {
    return await new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error("no word came through the relay")), patienceMs);
      near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate).catch(reject);
      far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate).catch(reject);
      const channel = near.createDataChannel("relay");
      channel.onopen = () => channel.send("?");
      far.ondatachannel = ({ channel: other }) => {
        other.onmessage = () => resolve(performance.now() - startMs);
      };
      void agree(near, far).catch(reject);
    });
  } finally {
    for (const end of ends) end.close();
  }
}

async function agree(near: RTCPeerConnection, far: RTCPeerConnection): Promise<void> {
  const description = ({ localDescription }: RTCPeerConnection) => localDescription ?? { type: "rollback" as const };
  await near.setLocalDescription();
  await far.setRemoteDescription(description(near));
  await far.setLocalDescription();
  await near.setRemoteDescription(description(far));
}
