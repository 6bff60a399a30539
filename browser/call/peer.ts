// My connection to one other participant: perfect negotiation as WebRTC 1.0 section 10.7 has it, with its three booleans, and nothing else.
// Promise: whatever crosses on the wire or is lost with a socket, both ends come to agree, and nobody has to hang up for it.
import type { Signal } from "../../protocol/call.ts";

export interface PeerOptions {
  connection: RTCPeerConnection;
  /** Gives way when two offers cross. Of two peers exactly one is polite. */
  polite: boolean;
  send: (signal: Signal) => void;
}

/** Offers that cross do so within the time of a way through the server; beyond this one of them was lost. */
const crossingMs = 2000;

export class Peer {
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  #closed = false;
  /** When the last description was sent. */
  #saidMs = 0;
  /** Signals are taken one after the other: a candidate must not overtake its description. */
  #queue: Promise<void> = Promise.resolve();

  constructor(readonly options: PeerOptions) {
    const { connection } = options;
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) =>
      options.send({ candidate: candidate ? (candidate.toJSON() as Signal["candidate"]) : null });
    connection.oniceconnectionstatechange = () => {
      if (connection.iceConnectionState === "failed") connection.restartIce();
    };
  }

  /** Resolves when it was taken. */
  receive(signal: Signal): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        if (signal.description) await this.#describe(signal.description);
        else if (signal.candidate !== undefined) await this.#candidate(signal.candidate);
      } catch (error) {
        if (!this.#closed) console.warn("call: signal could not be taken", error);
      }
    });
    return this.#queue;
  }

  /** After the signalling socket was away: what was said meanwhile is lost, so say again what still waits for an answer. */
  resume(): void {
    const { connection } = this.options;
    if (connection.signalingState === "have-local-offer") this.#sendDescription();
    else if (connection.connectionState !== "connected" && connection.connectionState !== "new") connection.restartIce();
  }

  close(): void {
    this.#closed = true;
    const { connection } = this.options;
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
    connection.oniceconnectionstatechange = null;
    connection.close();
  }

  async #offer(): Promise<void> {
    const { connection } = this.options;
    try {
      this.#makingOffer = true;
      await connection.setLocalDescription();
      if (this.#closed) return;
      // An offer of the other side may have come in between: then this is the answer to it, and is sent below.
      if (connection.localDescription?.type === "offer" && connection.signalingState === "have-local-offer") this.#sendDescription();
    } catch (error) {
      if (!this.#closed) console.warn("call: offer", error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #describe(description: NonNullable<Signal["description"]>): Promise<void> {
    const { connection, polite } = this.options;
    // The answer to an offer that was sent twice: the first one settled it.
    if (description.type === "answer" && connection.signalingState === "stable") return;
    const ready = !this.#makingOffer && (connection.signalingState === "stable" || this.#settingAnswer);
    const collision = description.type === "offer" && !ready;
    this.#ignoringOffer = !polite && collision;
    if (this.#ignoringOffer) {
      // The other side offers although ours should have reached it long ago: it was lost with a socket, and must be said again.
      const lost = connection.signalingState === "have-local-offer" && performance.now() - this.#saidMs > crossingMs;
      if (lost) this.#sendDescription();
      return;
    }
    this.#settingAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.#settingAnswer = false;
    }
    if (this.#closed || description.type !== "offer") return;
    await connection.setLocalDescription();
    if (this.#closed) return;
    this.#sendDescription();
  }

  async #candidate(candidate: NonNullable<Signal["candidate"]> | null): Promise<void> {
    try {
      await this.options.connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.#ignoringOffer) throw error;
    }
  }

  #sendDescription(): void {
    const description = this.options.connection.localDescription;
    this.#saidMs = performance.now();
    if (description) this.options.send({ description: { type: description.type, sdp: description.sdp } });
  }
}
