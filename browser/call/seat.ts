// One place in the mesh: somebody else, the connection to them, and what is done to it that needs nothing else.
import type { Participant } from "../../protocol/call.ts";
import type { Where } from "./addresses.ts";
import type { LinkReader, Way } from "./link.ts";
import type { Path } from "./path.ts";
import type { Peer } from "./peer.ts";
import type { Other, Shown } from "./plane.ts";
import type { encodingOf, Steps } from "./quality.ts";

export interface Seat {
  participant: Participant;
  peer: Peer;
  path: Path;
  connection: RTCPeerConnection;
  where: Where;
  /** See `Signal`. */
  round: number;
  /** It was connected once. */
  worked: boolean;
  /** How many connections before this one carried nothing for so long that they were given up. */
  givenUp: number;
  /** Since when it carries nothing although both of us are in the call; null: it does, or that is not so. */
  darkMs: number | null;
  /** Two people without camera and microphone connect as well; and a page with an open channel is not frozen in the background. */
  channel: RTCDataChannel;
  /** In the order they came: the first is the camera. */
  streams: Map<string, MediaStream>;
  /** Runs while the server does not know of this participant: after a restart people come back one by one. */
  absent: ReturnType<typeof setTimeout> | null;
  reader: LinkReader;
  link: Way | null;
  steps: Steps;
  /** How large I show them, and how large they show me; null: not said yet. */
  shown: Shown | null;
  wanted: Shown | null;
  /** The id of the stream that they whisper with. */
  whisper: string | null;
}

/** Of what is being played of them. */
export function sources({ connection }: Seat): RTCRtpSynchronizationSource[] {
  return connection.getReceivers().flatMap((receiver) => receiver.getSynchronizationSources());
}

export function send(connection: RTCPeerConnection, stream: MediaStream): void {
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
}

export function withdraw(connection: RTCPeerConnection, stream: MediaStream): void {
  const tracks = new Set<MediaStreamTrack | null>(stream.getTracks());
  for (const sender of connection.getSenders()) if (sender.track && tracks.has(sender.track)) connection.removeTrack(sender);
}

export function tell({ channel, shown }: Seat): void {
  if (channel.readyState === "open" && shown) channel.send(JSON.stringify({ type: "shows", ...shown }));
}

/** Nothing is said to a sender that goes on as it was. */
export async function encoded(sender: RTCRtpSender, wanted: ReturnType<typeof encodingOf>): Promise<void> {
  const parameters = sender.getParameters();
  const [first] = parameters.encodings ?? [];
  // Before it was negotiated there is nothing to set.
  if (!first || (first.maxBitrate === wanted.maxBitrate && first.scaleResolutionDownBy === wanted.scaleResolutionDownBy)) return;
  Object.assign(first, wanted);
  try {
    await sender.setParameters(parameters);
  } catch (error) {
    // A negotiation came in between: the next look sets it.
    console.info("call: encoding", error);
  }
}

export async function replaced(sender: RTCRtpSender, fresh: MediaStreamTrack): Promise<void> {
  try {
    await sender.replaceTrack(fresh);
  } catch (error) {
    // The connection was closed meanwhile; whoever comes next is sent the new track from the start.
    console.warn("call: replacing a track", error);
  }
}

export function close(seat: Seat): void {
  if (seat.absent !== null) clearTimeout(seat.absent);
  seat.connection.ontrack = null;
  seat.connection.onconnectionstatechange = null;
  seat.path.close();
  seat.peer.close();
}

export function state(connection: RTCPeerConnection): Other["connection"] {
  if (connection.connectionState === "connected") return "connected";
  return connection.connectionState === "new" || connection.connectionState === "connecting" ? "connecting" : "lost";
}
