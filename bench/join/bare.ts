// The bare page that joining is compared with: one RTCPeerConnection and no more, on the same signalling socket, in sixty lines.
// The string runs in a page of the same origin; `bareJoin()` is what the press of Join is to the real one.
import type { Person } from "../../journeys/rig/person.ts";
import { callVersion } from "../../protocol/call.ts";

/** What its `bareJoin` is given. */
export const bareEntry = (room: string, key: string, name: string) => JSON.stringify({ version: callVersion, room, key, name });

/** In a page of this origin that has no policy and loads nothing. Its camera is open, as it is in a lobby. */
export async function bareOpened(person: Person, origin: string): Promise<Person> {
  await person.page.goto(`${origin}/healthz`);
  await person.page.evaluate(bareSource);
  await person.page.evaluate("bareOpen()");
  return person;
}

const bareSource = `
{
  const peers = new Map();
  let stream, socket, me, configuration;
  const say = (message) => socket.send(JSON.stringify(message));
  const peerOf = (id) => {
    const known = peers.get(id);
    if (known) return known;
    const peer = new RTCPeerConnection(configuration);
    peers.set(id, peer);
    peer.onicecandidate = ({ candidate }) => candidate && say({ type: "signal", to: id, signal: { candidate: candidate.toJSON() } });
    peer.ontrack = ({ streams: [remote], track }) => {
      if (track.kind !== "video") return;
      const video = document.createElement("video");
      video.autoplay = true;
      video.srcObject = remote;
      document.body.append(video);
    };
    for (const track of stream.getTracks()) peer.addTrack(track, stream);
    return peer;
  };
  const describe = async (id, peer) => {
    await peer.setLocalDescription();
    const { type, sdp } = peer.localDescription;
    say({ type: "signal", to: id, signal: { description: { type, sdp } } });
  };
  let turn = Promise.resolve();
  const take = async (message) => {
    if (message.type === "welcome") {
      me = message.me.id;
      configuration = { iceServers: message.iceServers };
      globalThis.bareJoined = true;
      // Whoever comes calls those who are here.
      for (const { id } of message.participants) if (id !== me) await describe(id, peerOf(id));
    } else if (message.type === "signal") {
      const peer = peerOf(message.from);
      const { description, candidate } = message.signal;
      if (candidate) await peer.addIceCandidate(candidate);
      if (!description) return;
      await peer.setRemoteDescription(description);
      if (description.type === "offer") await describe(message.from, peer);
    } else if (message.type === "left") {
      peers.get(message.id)?.close();
      peers.delete(message.id);
    }
  };
  globalThis.bareOpen = async () => {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  };
  globalThis.bareJoin = (join) => {
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws/call");
    socket.onopen = () => say({ type: "join", instance: crypto.randomUUID(), consent: false, microphone: true, camera: true, ...join });
    socket.onmessage = ({ data }) => {
      turn = turn.then(() => take(JSON.parse(data)));
    };
  };
  globalThis.bareLeave = () => say({ type: "leave" });
}
`;

/** Notes when the first picture of somebody else is on the screen; one's own is muted. Both pages are watched by these same lines. */
export const watchSource = `
globalThis.firstPicture = new Promise((resolve) => {
  const seen = new Set();
  const look = setInterval(() => {
    for (const video of document.querySelectorAll("video")) {
      if (video.muted || !video.srcObject || seen.has(video)) continue;
      seen.add(video);
      video.requestVideoFrameCallback((now) => {
        clearInterval(look);
        resolve(now);
      });
    }
  }, 4);
});
// Not the promise itself: whoever evaluates this would wait for it.
undefined;
`;
