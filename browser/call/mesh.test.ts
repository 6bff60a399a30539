import { afterEach, expect, test, vi } from "vitest";
import type { Participant } from "../../protocol/call.ts";
import { Mesh } from "./mesh.ts";

/** What a mesh does to a connection, without a network: whose tracks it was given. */
class Connection extends EventTarget {
  readonly connectionState = "connected";
  readonly signalingState = "stable";
  readonly senders: { track: unknown }[] = [];
  ontrack: ((event: { streams: unknown[] }) => void) | null = null;
  addTrack(track: unknown): void {
    this.senders.push({ track });
  }
  removeTrack(sender: { track: unknown }): void {
    this.senders.splice(this.senders.indexOf(sender), 1);
  }
  readonly getSenders = () => [...this.senders];
  readonly getReceivers = () => [];
  readonly createDataChannel = () => ({ readyState: "connecting" });
  readonly setConfiguration = () => undefined;
  readonly close = () => undefined;
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
  const one = new Mesh({ send: () => undefined, onChange: () => undefined, onLinks: () => undefined });
  one.meet(
    "par_me",
    ids.map((id) => somebody(id)),
    {},
  );
  const sent = () => made.map(({ senders }) => senders.map(({ track }) => (track as { id: string }).id));
  return { one, sent };
}

afterEach(() => vi.unstubAllGlobals());

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
