// My connection to one other participant: perfect negotiation as WebRTC 1.0 section 10.7 has it, with its three booleans, and nothing else.
// Promise: whatever crosses on the wire or is lost with a socket, both ends come to agree, and nobody has to hang up for it.
import type { Signal } from "../../protocol/call.ts";

export interface PeerOptions {
  connection: RTCPeerConnection;
  /** Gives way when two offers cross, and lets the other side speak first. Of two peers exactly one is polite. */
  polite: boolean;
  send: (signal: Signal) => void;
}

/** An offer without an answer is said again: one of them was lost with a socket. Longer than any way through the server and back. */
const repeatMs = 3000;
/** How long the polite side leaves the first word to the other: Chromium 156 may gather no candidates at all after taking back a
 * connection's very first offer (1 of 10 joins), and both would offer as soon as they see each other. */
const firstWordMs = 2000;

export class Peer {
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Signals are taken one after the other: a candidate must not overtake its description. */
  #queue: Promise<void> = Promise.resolve();

  constructor(readonly options: PeerOptions) {
    const { connection, polite, send } = options;
    connection.onnegotiationneeded = () => {
      if (polite && !connection.remoteDescription) this.#later(firstWordMs, () => this.speak());
      else void this.#offer();
    };
    // The null at the end says nothing of which attempt has ended, and could end the wrong one.
    connection.onicecandidate = ({ candidate }) => candidate && send({ candidate: candidate.toJSON() as Signal["candidate"] });
    connection.oniceconnectionstatechange = () => connection.iceConnectionState === "failed" && connection.restartIce();
  }

  /** This would have me take back the very first offer, see `firstWordMs`: another connection takes it better. */
  crossed({ description }: Signal): boolean {
    const { connection, polite } = this.options;
    const offered = this.#makingOffer || connection.signalingState !== "stable";
    return polite && description?.type === "offer" && !connection.remoteDescription && offered;
  }

  /** Resolves when it was taken. */
  receive(signal: Signal): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        if (signal.description) await this.#describe(signal.description);
        else if (signal.candidate) await this.options.connection.addIceCandidate(signal.candidate);
      } catch (error) {
        const ignored = this.#ignoringOffer && signal.candidate;
        if (!this.#closed && !ignored) console.warn("call: signal", error);
      }
    });
    return this.#queue;
  }

  /** After the signalling socket was away: what was said meanwhile may be lost. */
  resume(): void {
    const { connection } = this.options;
    if (!this.#again() && connection.remoteDescription && connection.connectionState !== "connected") connection.restartIce();
  }

  /** The first word is nobody else's: the other side does not know of this connection, has had its time, or what was said was lost. */
  speak(): void {
    if (!this.options.connection.remoteDescription && !this.#again()) void this.#offer();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { connection } = this.options;
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
    connection.oniceconnectionstatechange = null;
    connection.close();
  }

  get #closed(): boolean {
    return this.options.connection.signalingState === "closed";
  }

  async #offer(): Promise<void> {
    const { connection } = this.options;
    if (this.#closed || connection.signalingState !== "stable") return;
    try {
      this.#makingOffer = true;
      await connection.setLocalDescription();
      this.#say();
    } catch (error) {
      if (!this.#closed) console.warn("call: offer", error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #describe(description: NonNullable<Signal["description"]>): Promise<void> {
    const { connection, polite } = this.options;
    // The answer to an offer that was said twice: the first one settled it.
    if (description.type === "answer" && connection.signalingState === "stable") return;
    const ready = !this.#makingOffer && (connection.signalingState === "stable" || this.#settingAnswer);
    this.#ignoringOffer = !polite && description.type === "offer" && !ready;
    // Whoever offers here may not have heard of mine: both had lost their sockets.
    if (this.#ignoringOffer) return void this.#again();
    this.#settingAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.#settingAnswer = false;
    }
    if (description.type !== "offer") return;
    await connection.setLocalDescription();
    this.#say();
  }

  /** Sends the local description, and an offer again until it is answered. */
  #say(): void {
    const { connection, send } = this.options;
    const description = connection.localDescription;
    if (!description || this.#closed) return;
    send({ description: { type: description.type, sdp: description.sdp } });
    if (description.type === "offer") this.#later(repeatMs, () => this.#again());
  }

  /** False when no offer of mine waits for its answer. */
  #again(): boolean {
    const open = this.options.connection.signalingState === "have-local-offer";
    if (open) this.#say();
    return open;
  }

  #later(ms: number, action: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }
}
