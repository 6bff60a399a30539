// The way that a connection between two people takes: sought anew soon after nothing comes over it any more, which WebRTC itself calls a failure
// only after half a minute. Promise: a way that carries is left alone.

export interface PathOptions {
  connection: RTCPeerConnection;
  /** Of two ends the polite one waits longer, so that they do not both start over at the same moment. */
  polite: boolean;
  /** Nothing comes any more, says the browser: the network may have changed under everything else as well. */
  onSilent: () => void;
}

/** A call is never silent for this long while it carries: sound alone comes fifty times a second. Where nobody sends anything, seeking anew is
 * cheap and takes nothing down. Asked only where the socket to the room was lost as well. */
const silentMs = 1200;
/** A path that is merely bad often comes back by itself. */
const patienceMs = 500;
const politePatienceMs = 2500;

export class Path {
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly options: PathOptions) {
    options.connection.addEventListener("iceconnectionstatechange", this.#see);
  }

  /** The network may have changed under it. */
  async check(): Promise<void> {
    const { connection } = this.options;
    if (connection.connectionState !== "connected") return;
    const silent = silenceOf(await connection.getStats());
    if (silent === null || connection.connectionState !== "connected") return;
    if (silent >= silentMs) connection.restartIce();
    else if (silent > patienceMs) this.#later(silentMs - silent, () => void this.check());
  }

  /** It carries nothing now, as far as the browser says. */
  async silent(): Promise<boolean> {
    const { connection } = this.options;
    return connection.connectionState !== "connected" || (silenceOf(await connection.getStats()) ?? 0) > patienceMs;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.options.connection.removeEventListener("iceconnectionstatechange", this.#see);
  }

  readonly #see = (): void => {
    const { connection, polite, onSilent } = this.options;
    // Everything goes over one transport, the same one for good.
    if (connection.sctp) connection.sctp.transport.iceTransport.onselectedcandidatepairchange = this.#refresh;
    if (connection.iceConnectionState !== "disconnected") return;
    onSilent();
    this.#later(polite ? politePatienceMs : patienceMs, () => {
      if (connection.iceConnectionState === "disconnected") connection.restartIce();
    });
  };

  /** What was sent into the old way is lost, and a decoder asks for a whole picture only after three seconds of waiting for the parts (libwebrtc). */
  readonly #refresh = (): void => {
    for (const sender of this.options.connection.getSenders()) if (sender.track?.kind === "video") wholePicture(sender);
  };

  #later(ms: number, action: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }
}

/** In Chromium; Firefox does not know the option, and nothing changes. Where it is refused the decoder asks later. */
function wholePicture(sender: RTCRtpSender): void {
  const parameters = sender.getParameters();
  const options = { encodingOptions: parameters.encodings.map(() => ({ keyFrame: true })) };
  const set = sender.setParameters as (parameters: RTCRtpSendParameters, options: object) => Promise<void>;
  set.call(sender, parameters, options).catch(() => undefined);
}

/** Milliseconds since anything came; null where the browser does not say. */
function silenceOf(stats: RTCStatsReport): number | null {
  let least: number | null = null;
  for (const report of stats.values() as Iterable<{ type: string; timestamp: number; lastPacketReceivedTimestamp?: number }>) {
    const { type, timestamp, lastPacketReceivedTimestamp: last } = report;
    if (type === "candidate-pair" && last) least = Math.min(least ?? Number.POSITIVE_INFINITY, timestamp - last);
  }
  return least;
}
