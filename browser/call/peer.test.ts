import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Signal } from "../../protocol/call.ts";
import { Peer } from "./peer.ts";

/** The negotiation of an RTCPeerConnection and nothing else: signalling states as JSEP has them, every step asynchronous. */
class FakeConnection {
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  localDescription: { type: RTCSdpType; sdp: string } | null = null;
  remoteDescription: { type: RTCSdpType; sdp: string } | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: { toJSON(): unknown } | null }) => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  readonly candidates: unknown[] = [];
  restarts = 0;
  rollbacks = 0;
  #made = 0;

  constructor(readonly name: string) {}

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.#made++;
    const sdp = type === "answer" ? `answer to ${this.remoteDescription?.sdp}` : `${this.name} ${this.#made}`;
    this.localDescription = { type, sdp };
    this.signalingState = type === "answer" ? "stable" : "have-local-offer";
  }

  async setRemoteDescription(description: { type: RTCSdpType; sdp: string }): Promise<void> {
    await Promise.resolve();
    if (description.type === "offer") {
      if (this.signalingState === "have-local-offer") this.rollbacks++;
      else if (this.signalingState !== "stable") throw new DOMException("offer", "InvalidStateError");
      this.signalingState = "have-remote-offer";
    } else {
      if (this.signalingState !== "have-local-offer" || description.sdp !== `answer to ${this.localDescription?.sdp}`)
        throw new DOMException("answer", "InvalidStateError");
      this.signalingState = "stable";
    }
    this.remoteDescription = description;
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    if (!this.remoteDescription) throw new DOMException("no description", "InvalidStateError");
    this.candidates.push(candidate);
  }

  restartIce(): void {
    this.restarts++;
    this.onnegotiationneeded?.();
  }

  close(): void {
    this.signalingState = "closed";
  }
}

interface Side {
  connection: FakeConnection;
  peer: Peer;
  sent: Signal[];
}

/** Two peers with a mailbox in each direction: nothing arrives before the test carries it over. */
function pair(): { polite: Side; rude: Side; carry: () => Promise<void>; lose: () => void } {
  const make = (name: string, polite: boolean): Side => {
    const connection = new FakeConnection(name);
    const sent: Signal[] = [];
    const peer = new Peer({ connection: connection as unknown as RTCPeerConnection, polite, send: (signal) => sent.push(signal) });
    return { connection, peer, sent };
  };
  const polite = make("polite", true);
  const rude = make("rude", false);
  const carry = async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      await settle();
      const toRude = polite.sent.splice(0);
      const toPolite = rude.sent.splice(0);
      if (toRude.length + toPolite.length > 0) quiet = 0;
      for (const signal of toRude) void rude.peer.receive(signal);
      for (const signal of toPolite) void polite.peer.receive(signal);
    }
  };
  const lose = () => {
    polite.sent.length = 0;
    rude.sent.length = 0;
  };
  return { polite, rude, carry, lose };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function agreed(polite: Side, rude: Side): void {
  expect(polite.connection.signalingState).toBe("stable");
  expect(rude.connection.signalingState).toBe("stable");
  const answered = [polite, rude].find((side) => side.connection.localDescription?.type === "offer");
  const answering = answered === polite ? rude : polite;
  expect(answering.connection.remoteDescription?.sdp).toBe(answered?.connection.localDescription?.sdp);
  expect(answered?.connection.remoteDescription?.sdp).toBe(answering.connection.localDescription?.sdp);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What the polite side says first, when nobody spoke before it. */
function speakFirst(side: Side): void {
  side.connection.onnegotiationneeded?.();
  vi.advanceTimersByTime(2000);
}

test("the polite side leaves the first word to the other", async () => {
  const { polite, rude, carry } = pair();
  polite.connection.onnegotiationneeded?.();
  rude.connection.onnegotiationneeded?.();
  await carry();
  agreed(polite, rude);
  expect(polite.connection.rollbacks).toBe(0);
  // Nor has it anything to add when its time comes.
  vi.advanceTimersByTime(10_000);
  await carry();
  expect(polite.connection.localDescription?.type).toBe("answer");
});

test("the polite side speaks when the other does not", async () => {
  const { polite, rude, carry } = pair();
  speakFirst(polite);
  await carry();
  agreed(polite, rude);
  expect(polite.connection.localDescription?.type).toBe("offer");
});

test("the polite side speaks at once when the other one is known to have nothing to say, and never a second time for that", async () => {
  const { polite, rude, carry } = pair();
  polite.connection.onnegotiationneeded?.();
  polite.peer.speak();
  await carry();
  agreed(polite, rude);
  const { localDescription } = polite.connection;
  polite.peer.speak();
  vi.advanceTimersByTime(10_000);
  await carry();
  expect(polite.connection.localDescription).toBe(localDescription);
});

test("one offer and one answer make an agreement", async () => {
  const { polite, rude, carry } = pair();
  rude.connection.onnegotiationneeded?.();
  await carry();
  agreed(polite, rude);
});

test("of two offers that cross the polite side takes back its own", async () => {
  const { polite, rude, carry } = pair();
  speakFirst(polite);
  rude.connection.onnegotiationneeded?.();
  await carry();
  agreed(polite, rude);
  expect(rude.connection.localDescription?.type).toBe("offer");
  expect([polite.connection.rollbacks, rude.connection.rollbacks]).toEqual([1, 0]);
});

test("of its very first offer the polite side knows that another crosses it, already while it is being made, and of a later one it is no matter", async () => {
  const { polite, rude, carry } = pair();
  const offer: Signal = { description: { type: "offer", sdp: "rude 1" } };
  expect(polite.peer.crossed(offer)).toBe(false);
  polite.peer.speak();
  expect([polite.peer.crossed(offer), polite.peer.crossed({ candidate: { candidate: "x", sdpMid: "0" } })]).toEqual([true, false]);
  await settle();
  expect(polite.peer.crossed(offer)).toBe(true);
  await carry();
  agreed(polite, rude);
  polite.connection.onnegotiationneeded?.();
  expect(polite.peer.crossed(offer)).toBe(false);
  rude.peer.speak();
  expect(rude.peer.crossed(offer)).toBe(false);
});

test("of two offers that cross, one of which was lost, the other one has it said again at once", async () => {
  const { polite, rude, carry, lose } = pair();
  rude.connection.onnegotiationneeded?.();
  await settle();
  lose();
  polite.peer.speak();
  await carry();
  agreed(polite, rude);
  expect(rude.connection.localDescription).toEqual({ type: "offer", sdp: "rude 1" });
});

test("whoever spoke first into the void says it again when the other is known not to have heard it", async () => {
  const { polite, rude, carry, lose } = pair();
  rude.peer.speak();
  await settle();
  lose();
  rude.peer.speak();
  await carry();
  agreed(polite, rude);
  expect(rude.connection.localDescription).toEqual({ type: "offer", sdp: "rude 1" });
});

test("an offer that arrives while an own one is being made counts as crossing", async () => {
  const { polite, rude } = pair();
  rude.connection.onnegotiationneeded?.();
  const taken = rude.peer.receive({ description: { type: "offer", sdp: "polite 1" } });
  await taken;
  await settle();
  expect(rude.connection.remoteDescription).toBeNull();
  expect(polite.connection.remoteDescription).toBeNull();
  expect(rude.connection.signalingState).toBe("have-local-offer");
});

test("candidates of an offer that was passed over are no error", async () => {
  const { rude } = pair();
  rude.connection.onnegotiationneeded?.();
  await settle();
  await rude.peer.receive({ description: { type: "offer", sdp: "polite 1" } });
  await rude.peer.receive({ candidate: { candidate: "x", sdpMid: "0" } });
  expect(console.warn).not.toHaveBeenCalled();
});

test("a candidate waits for the description that it belongs to", async () => {
  const { polite, rude } = pair();
  rude.connection.onnegotiationneeded?.();
  await settle();
  const [offer] = rude.sent;
  if (!offer) throw new Error("no offer");
  void polite.peer.receive(offer);
  await polite.peer.receive({ candidate: { candidate: "x", sdpMid: "0" } });
  expect(polite.connection.candidates).toEqual([{ candidate: "x", sdpMid: "0" }]);
});

test("an offer lost with a socket is said again by whoever made it", async () => {
  const { polite, rude, carry, lose } = pair();
  speakFirst(polite);
  await settle();
  lose();
  polite.peer.resume();
  await carry();
  agreed(polite, rude);
});

test("an answer lost with a socket ends in agreement, whichever side comes back", async () => {
  for (const side of ["polite", "rude"] as const) {
    const { polite, rude, carry, lose } = pair();
    rude.connection.onnegotiationneeded?.();
    await settle();
    for (const signal of rude.sent.splice(0)) await polite.peer.receive(signal);
    lose();
    polite.connection.connectionState = "connecting";
    rude.connection.connectionState = "connecting";
    (side === "polite" ? polite : rude).peer.resume();
    await carry();
    vi.advanceTimersByTime(3000);
    await carry();
    agreed(polite, rude);
  }
});

test("an offer is said again until it is answered, and no longer", async () => {
  const { polite, rude, carry, lose } = pair();
  rude.connection.onnegotiationneeded?.();
  for (let time = 0; time < 3; time++) {
    await settle();
    expect(rude.sent.length).toBe(1);
    lose();
    vi.advanceTimersByTime(3000);
  }
  await carry();
  agreed(polite, rude);
  vi.advanceTimersByTime(60_000);
  expect(rude.sent).toEqual([]);
});

test("an answer that comes twice changes nothing", async () => {
  const { polite, rude, carry } = pair();
  rude.connection.onnegotiationneeded?.();
  await carry();
  await rude.peer.receive({ description: { type: "answer", sdp: polite.connection.localDescription?.sdp ?? "" } });
  agreed(polite, rude);
  expect(console.warn).not.toHaveBeenCalled();
});

test("a failed path is sought anew", () => {
  const { rude } = pair();
  rude.connection.iceConnectionState = "failed";
  rude.connection.oniceconnectionstatechange?.();
  expect(rude.connection.restarts).toBe(1);
});

test("a connection that carries is left alone when the socket comes back", () => {
  const { rude } = pair();
  rude.connection.connectionState = "connected";
  rude.peer.resume();
  expect(rude.connection.restarts).toBe(0);
  expect(rude.sent).toEqual([]);
});

test("after close nothing is taken or sent", async () => {
  const { polite, rude } = pair();
  rude.peer.close();
  await rude.peer.receive({ description: { type: "offer", sdp: "polite 1" } });
  expect(rude.sent).toEqual([]);
  expect(polite.sent).toEqual([]);
  expect(rude.connection.remoteDescription).toBeNull();
});

test("whatever is lost, doubled or overtaken on the way, both ends agree once words come through again", async () => {
  const moves = fc.array(fc.constantFrom("polite offers", "rude offers", "lose", "double", "reverse", "carry one", "time", "resume"), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(moves, async (done) => {
      const { polite, rude, carry, lose } = pair();
      for (const move of done) {
        if (move === "polite offers") polite.connection.onnegotiationneeded?.();
        else if (move === "rude offers") rude.connection.onnegotiationneeded?.();
        else if (move === "lose") lose();
        else if (move === "double") for (const { sent } of [polite, rude]) sent.push(...sent);
        else if (move === "reverse") for (const { sent } of [polite, rude]) sent.reverse();
        else if (move === "time") vi.advanceTimersByTime(3000);
        else if (move === "resume") for (const { peer } of [polite, rude]) peer.resume();
        else {
          const [toRude, toPolite] = [polite.sent.shift(), rude.sent.shift()];
          if (toRude) void rude.peer.receive(toRude);
          if (toPolite) void polite.peer.receive(toPolite);
        }
        await settle();
      }
      // The network is whole again, and something is to be agreed upon.
      rude.connection.onnegotiationneeded?.();
      for (let round = 0; round < 4; round++) {
        await carry();
        vi.advanceTimersByTime(3000);
        for (const { peer } of [polite, rude]) peer.resume();
      }
      await carry();
      expect([polite.connection.signalingState, rude.connection.signalingState]).toEqual(["stable", "stable"]);
    }),
    { numRuns: 200 },
  );
});
