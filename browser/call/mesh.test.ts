import { afterEach, expect, test, vi } from "vitest";
import type { Participant, Signal } from "../../protocol/call.ts";
import type { Where } from "./addresses.ts";
import { Mesh } from "./mesh.ts";

/** What a mesh does to a connection, without a network: whose tracks it was given, and what it was told of the other side. */
class Connection extends EventTarget {
  connectionState = "connected";
  closed = false;
  readonly sctp = { transport: { state: "connected" } };
  onconnectionstatechange: (() => void) | null = null;
  readonly candidates: unknown[] = [];
  onicecandidate: ((event: { candidate: { toJSON(): unknown } }) => void) | null = null;
  signalingState = "stable";
  remoteDescription: unknown = null;
  readonly senders: { track: unknown }[] = [];
  ontrack: ((event: { streams: unknown[] }) => void) | null = null;
  addTrack(track: unknown): void {
    // Nothing is negotiated here, so there is nothing to set.
    const sender = { track, getParameters: () => ({}) };
    this.senders.push(sender);
  }
  removeTrack(sender: { track: unknown }): void {
    this.senders.splice(this.senders.indexOf(sender), 1);
  }
  readonly getSenders = () => [...this.senders];
  /** When the last of their sound was played. */
  played: number[] = [];
  readonly getReceivers = () => [{ track: {}, getSynchronizationSources: () => this.played.map((timestamp) => ({ timestamp })) }];
  readonly channel: { readyState: string; onmessage?: (event: { data: string }) => void } = { readyState: "connecting" };
  readonly createDataChannel = () => this.channel;
  readonly setConfiguration = () => undefined;
  /** Since anything came, ms. */
  silentMs = 0;
  readonly getStats = async () => {
    const pair = { type: "candidate-pair", timestamp: 9000, lastPacketReceivedTimestamp: 9000 - this.silentMs };
    return new Map([["pair", pair]]);
  };
  restarts = 0;
  restartIce(): void {
    this.restarts++;
  }
  localDescription: unknown = null;
  async setLocalDescription(): Promise<void> {
    this.localDescription = { type: "offer", sdp: "mine" };
  }
  async setRemoteDescription(description: unknown): Promise<void> {
    this.remoteDescription = description;
  }
  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
  }
  close(): void {
    this.closed = true;
  }
}

const made: Connection[] = [];

class Made extends Connection {
  constructor() {
    super();
    made.push(this);
  }
}

const stream = (id: string) => {
  const track = { id: `${id}-sound`, kind: "audio" };
  return {
    id,
    getTracks: () => [track],
    getAudioTracks: () => [track],
    getVideoTracks: () => [],
    onremovetrack: null,
  } as unknown as MediaStream;
};
const somebody = (id: string, instance = "a-page") =>
  ({ id, instance, name: id, role: "guest", screen: null, recorded: true, microphone: true, camera: true }) as unknown as Participant;

function mesh(...ids: string[]) {
  vi.stubGlobal("RTCPeerConnection", Made);
  made.length = 0;
  const said: Signal[] = [];
  const here = { joined: true, where: globalThis as Where, silent: 0 };
  const one = new Mesh({
    send: (_to, signal) => said.push(signal),
    onChange: () => undefined,
    onLinks: () => undefined,
    onSilent: () => here.silent++,
    where: () => Promise.resolve(here.where),
    joined: () => here.joined,
  });
  const meet = (...there: string[]) =>
    one.meet(
      "par_me",
      there.map((id) => somebody(id)),
      {},
    );
  meet(...ids);
  const sent = () => made.map(({ senders }) => senders.map(({ track }) => (track as { id: string }).id));
  return { one, sent, said, here, meet };
}

const candidate = (name: string) => ({ candidate: name, sdpMid: "0" });

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a whisper goes over the connection to the one it is for, and over no other, whoever comes later", () => {
  const { one, sent } = mesh("ben", "asha");
  const [camera, whisper] = [stream("camera"), stream("whisper")];
  one.share(camera);
  one.whisper("ben", whisper);
  expect(sent()).toEqual([["camera-sound", "whisper-sound"], ["camera-sound"]]);
  one.enter(somebody("late"));
  expect(sent()).toEqual([["camera-sound", "whisper-sound"], ["camera-sound"], ["camera-sound"]]);
  one.whisper("asha", whisper);
  expect(sent()).toEqual([["camera-sound"], ["camera-sound", "whisper-sound"], ["camera-sound"]]);
  one.whisper("asha", null);
  expect(sent().flat()).toEqual(["camera-sound", "camera-sound", "camera-sound"]);
  one.clear();
});

test("whoever comes back from another page is not whispered to until they are chosen anew, nor is anybody else", () => {
  const { one, sent } = mesh("ben", "asha");
  const whisper = stream("whisper");
  one.whisper("ben", whisper);
  one.enter(somebody("ben", "another-page"));
  expect(sent()).toEqual([["whisper-sound"], [], []]);
  one.whisper("nobody here", whisper);
  expect(sent().slice(1)).toEqual([[], []]);
  one.clear();
});

test("what is whispered to me is no camera and is not listened to for the clocks, whatever comes first", () => {
  const { one } = mesh("cleo");
  one.whispered("cleo", "whisper");
  made[0]?.ontrack?.({ streams: [stream("whisper")] });
  expect(one.list()).toMatchObject([{ stream: null, whisper: { id: "whisper" } }]);
  made[0]?.ontrack?.({ streams: [stream("camera")] });
  expect(one.list()).toMatchObject([{ stream: { id: "camera" }, whisper: { id: "whisper" } }]);
  expect(one.ears()).toEqual([]);
  one.clear();
});

test("a connection that worked and whose DTLS failed is made anew at once, or after the next welcome, and the first word is said", async () => {
  vi.useFakeTimers();
  const { one, said, here, meet } = mesh("ben");
  const fails = (connection: Connection | undefined) => {
    connection!.sctp.transport.state = "failed";
    connection!.connectionState = "failed";
    connection!.onconnectionstatechange?.();
  };
  // One that never worked waits its time.
  fails(made[0]);
  expect(made.length).toBe(1);
  Object.assign(made[0]!, { connectionState: "connected", sctp: { transport: { state: "connected" } } });
  made[0]!.onconnectionstatechange?.();
  fails(made[0]);
  await vi.advanceTimersByTimeAsync(0);
  expect([made.length, made[0]?.closed, said.at(-1)?.round]).toEqual([2, true, 1]);
  expect(said.at(-1)?.description?.type).toBe("offer");
  made[1]!.onconnectionstatechange?.();
  // Nobody would hear of it now.
  here.joined = false;
  fails(made[1]);
  expect(made.length).toBe(2);
  meet("ben");
  await vi.advanceTimersByTimeAsync(0);
  expect([made.length, made[1]?.closed, said.at(-1)?.round]).toEqual([3, true, 2]);
  one.clear();
});

test("a connection that stays dark for twenty seconds in the call is given up for a fresh one, which is waited for longer", async () => {
  vi.useFakeTimers();
  const { one, sent, here, said } = mesh("ben", "asha");
  const [camera, whisper] = [stream("camera"), stream("whisper")];
  one.share(camera);
  one.whisper("ben", whisper);
  one.whispered("ben", "theirs");
  made[0]!.connectionState = "failed";
  here.joined = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(made.length).toBe(2);
  here.joined = true;
  await vi.advanceTimersByTimeAsync(19_000);
  expect(made.length).toBe(2);
  await vi.advanceTimersByTimeAsync(4000);
  expect(made.map(({ closed }) => closed)).toEqual([true, false, false]);
  expect(sent()[2]).toEqual(["camera-sound", "whisper-sound"]);
  made[2]!.ontrack?.({ streams: [stream("theirs")] });
  expect(one.list()).toMatchObject([{ whisper: { id: "theirs" } }, { participant: { id: "asha" } }]);
  made[2]!.onicecandidate?.({ candidate: { toJSON: () => candidate("mine") } });
  expect(said).toEqual([{ candidate: candidate("mine"), round: 1 }]);
  expect(one.list().map(({ givenUp }) => givenUp)).toEqual([1, 0]);
  made[2]!.connectionState = "connecting";
  await vi.advanceTimersByTimeAsync(30_000);
  expect(made.length).toBe(3);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(made.length).toBe(4);
  one.clear();
});

test("whoever hears of a later connection makes theirs anew, and passes over what is about the one before", async () => {
  const { one } = mesh("ben");
  one.signal("ben", { candidate: candidate("first") });
  one.signal("ben", { candidate: candidate("later"), round: 1 });
  one.signal("ben", { candidate: candidate("too late"), round: 0 });
  one.signal("ben", { candidate: candidate("last"), round: 1 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(made.map(({ closed }) => closed)).toEqual([true, false]);
  expect(made[1]!.candidates).toEqual([candidate("later"), candidate("last")]);
  one.clear();
});

test("where the very first offers cross, whoever gives way takes the other's with a fresh connection, and later ones with the same", async () => {
  const { one, said } = mesh("zoe", "ben");
  for (const connection of made) connection.signalingState = "have-local-offer";
  const theirs = { type: "offer", sdp: "theirs" } as const;
  for (const id of ["zoe", "ben"]) one.signal(id, { description: theirs, round: 0 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  // Between Ben and me it is he who gives way.
  expect(made.map(({ closed, remoteDescription }) => [closed, remoteDescription])).toEqual([
    [true, null],
    [false, null],
    [false, theirs],
  ]);
  expect(said.map(({ round }) => round)).toEqual([0]);
  made[2]!.signalingState = "have-local-offer";
  one.signal("zoe", { description: theirs, round: 0 });
  expect(made).toHaveLength(3);
  one.clear();
});

test("an offer for an earlier connection is answered by one for this", async () => {
  const { one, said } = mesh("ben");
  one.signal("ben", { candidate: candidate("later"), round: 1 });
  one.signal("ben", { candidate: candidate("too late"), round: 0 });
  expect(said).toEqual([]);
  one.signal("ben", { description: { type: "offer", sdp: "of before" }, round: 0 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(said).toEqual([{ description: { type: "offer", sdp: "mine" }, round: 1 }]);
  one.clear();
});

test("after everything was forgotten the next connection to the same page is a later one", () => {
  const { one, said, meet } = mesh("ben");
  one.clear();
  meet("ben");
  made[1]!.onicecandidate?.({ candidate: { toJSON: () => candidate("mine") } });
  one.enter(somebody("ben", "another-page"));
  made[2]!.onicecandidate?.({ candidate: { toJSON: () => candidate("mine") } });
  expect(said.map(({ round }) => round)).toEqual([1, 0]);
  one.clear();
});

test("whom the server does not name any more stays for as long as they are seen", async () => {
  vi.useFakeTimers();
  const { one, meet } = mesh("ben", "asha");
  made[1]!.connectionState = "disconnected";
  meet();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(one.list().map(({ participant }) => participant.id)).toEqual(["ben"]);
  made[0]!.connectionState = "disconnected";
  await vi.advanceTimersByTimeAsync(15_000);
  expect(one.list()).toEqual([]);
  one.clear();
});

test("after a move a silent connection is made anew where the address is known, with all that was sent over it, and one that carries stays", async () => {
  const { one, said, here, meet, sent } = mesh("ben", "asha");
  one.share(stream("camera"));
  one.whisper("ben", stream("whisper"));
  class Elsewhere extends Made {}
  here.where = { RTCPeerConnection: Elsewhere as unknown as typeof RTCPeerConnection };
  made[0]!.silentMs = 600;
  meet("ben", "asha");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(made.map(({ closed }) => closed)).toEqual([true, false, false]);
  expect(made[2]).toBeInstanceOf(Elsewhere);
  expect(sent()[2]).toEqual(["camera-sound", "whisper-sound"]);
  expect(said).toEqual([{ description: { type: "offer", sdp: "mine" }, round: 1 }]);
  // Nothing was given up for want of a way: nobody is told that there is none.
  expect(one.list().map(({ givenUp }) => givenUp)).toEqual([0, 0]);
  // Whoever comes now is connected to from there, too.
  one.enter(somebody("late"));
  expect(made[3]).toBeInstanceOf(Elsewhere);
  one.clear();
});

test("whom the server has forgotten while this machine moved is connected to anew where the address is known", async () => {
  const { one, here, meet, said } = mesh("ben");
  class Elsewhere extends Made {}
  here.where = { RTCPeerConnection: Elsewhere as unknown as typeof RTCPeerConnection };
  one.clear();
  meet("ben");
  made[1]!.connectionState = "new";
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(made.map(({ closed }) => closed)).toEqual([true, true, false]);
  expect(made[2]).toBeInstanceOf(Elsewhere);
  expect(said.at(-1)).toEqual({ description: { type: "offer", sdp: "mine" }, round: 2 });
  one.clear();
});

test("another connection to the same person is another way", async () => {
  vi.useFakeTimers();
  const { one } = mesh("ben");
  await vi.advanceTimersByTimeAsync(1000);
  const [before] = one.links().keys();
  one.signal("ben", { candidate: candidate("later"), round: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  const ways = [...one.links().keys()];
  expect([ways.length, ways[0] === before]).toEqual([1, false]);
  one.clear();
});

test("of a way there is told what its pictures ask for: as large as they are shown, and nothing while a camera is off", async () => {
  vi.useFakeTimers();
  const { one } = mesh("ben");
  const picture = { id: "picture", kind: "video", enabled: true, getSettings: () => ({ width: 640, height: 360 }) };
  const camera = { ...stream("camera"), getTracks: () => [picture] } as unknown as MediaStream;
  one.share(camera);
  const asked = async () => {
    await vi.advanceTimersByTimeAsync(1000);
    return [...one.links().values()].map(({ askedBps }) => askedBps);
  };
  // Bits by pixels: the whole of it, half as high, and none.
  expect(await asked()).toEqual([640 * 360 * 2.4]);
  made[0]?.channel.onmessage?.({ data: JSON.stringify({ type: "shows", camera: 180, screen: 0 }) });
  expect(await asked()).toEqual([320 * 180 * 2.4]);
  picture.enabled = false;
  expect(await asked()).toEqual([0]);
  one.clear();
});

test("without a move a silent connection seeks another way and stays", async () => {
  const { one, meet } = mesh("ben");
  made[0]!.silentMs = 3000;
  meet("ben");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([made.length, made[0]!.restarts]).toEqual([1, 1]);
  one.clear();
});

test("when nobody is heard any more the call is told, once", async () => {
  vi.useFakeTimers();
  const { one, here } = mesh("ben", "asha");
  for (let at = 1; at <= 20; at++) {
    made[0]!.played = [at];
    await vi.advanceTimersByTimeAsync(125);
  }
  expect(here.silent).toBe(0);
  await vi.advanceTimersByTimeAsync(5000);
  expect(here.silent).toBe(1);
  one.clear();
});
