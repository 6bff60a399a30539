// What a page's calls carry, by the browser's own statistics: put into a page before it loads anything, asked as often as somebody likes.
import type { Person } from "../../journeys/rig/person.ts";

/** Of one connection, since it began. Bytes are payload, without headers. */
export interface Way {
  videoSent: number;
  audioSent: number;
  /** Of the video that goes out now: pixels, and why it is not finer; "none", "cpu", "bandwidth". */
  sentHeight: number;
  limitedBy: string;
  availableBps: number | null;
  roundTripMs: number | null;
  /** Of mine, on their way to the other: packets sent and those that the other missed. */
  packetsSent: number;
  packetsLost: number;
  /** Pictures of theirs that were decoded here, how high they are now, and for how long they stood still in all. */
  picturesSeen: number;
  seenHeight: number;
  frozenMs: number;
  /** Of theirs, bytes of video that came, and the id of the MediaStreamTrack that they became. */
  videoSeen: number;
  track: string;
}

const watchSource = `{
  const connections = [];
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration) {
      super(configuration);
      connections.push(this);
    }
  };
  const wayOf = async (connection) => {
    const all = [...(await connection.getStats()).values()];
    const of = (type, kind) => all.filter((report) => report.type === type && (kind === undefined || report.kind === kind));
    const sum = (reports, key) => reports.reduce((total, report) => total + (report[key] ?? 0), 0);
    const most = (reports, key) => Math.max(0, ...reports.map((report) => report[key] ?? 0));
    const [video, audio, seen] = [of("outbound-rtp", "video"), of("outbound-rtp", "audio"), of("inbound-rtp", "video")];
    const pair = of("candidate-pair").find(({ nominated, state }) => nominated && state === "succeeded");
    const back = of("remote-inbound-rtp");
    const trip = back.find(({ roundTripTime }) => roundTripTime !== undefined)?.roundTripTime;
    return {
      videoSent: sum(video, "bytesSent"),
      audioSent: sum(audio, "bytesSent"),
      sentHeight: most(video, "frameHeight"),
      limitedBy: video.map((report) => report.qualityLimitationReason).find((reason) => reason && reason !== "none") ?? "none",
      availableBps: pair?.availableOutgoingBitrate ?? null,
      roundTripMs: trip === undefined ? null : trip * 1000,
      packetsSent: sum([...video, ...audio], "packetsSent"),
      packetsLost: sum(back, "packetsLost"),
      picturesSeen: sum(seen, "framesDecoded"),
      seenHeight: most(seen, "frameHeight"),
      frozenMs: sum(seen, "totalFreezesDuration") * 1000,
      videoSeen: sum(seen, "bytesReceived"),
      track: seen[0]?.trackIdentifier ?? "",
    };
  };
  globalThis.benchWays = () => Promise.all(connections.filter(({ connectionState }) => connectionState === "connected").map(wayOf));
}`;

/** Before the person opens any page. */
export async function watchTraffic(person: Person): Promise<void> {
  await person.page.evaluateOnNewDocument(watchSource);
}

/** One for each connection that carries, oldest first. */
export async function waysOf(person: Person): Promise<Way[]> {
  return (await person.page.evaluate("benchWays()")) as Way[];
}
