import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Equipment } from "./equipment.ts";
import { CallScreen } from "./screen.ts";
import type { Visit } from "./visit.ts";

class Track extends EventTarget {
  enabled = true;
  readyState = "live";
  constructor(readonly kind: "audio" | "video") {
    super();
  }
  readonly getSettings = () => ({ deviceId: "built-in" });
  stop(): void {
    this.readyState = "ended";
  }
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

class Stream {
  constructor(readonly tracks: Track[] = []) {}
  readonly getTracks = () => [...this.tracks];
  readonly getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
  readonly getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
  readonly addTrack = (track: Track) => void this.tracks.push(track);
  readonly removeTrack = (track: Track) => void this.tracks.splice(this.tracks.indexOf(track), 1);
}

/** Of every microphone that was asked for: lets the browser hand it out. */
let asked: (() => void)[] = [];
let opened: Track[] = [];
let plugged: { kind: string; deviceId: string }[] = [];

beforeEach(() => {
  asked = [];
  opened = [];
  plugged = [{ kind: "audioinput", deviceId: "built-in" }];
  const mediaDevices = {
    enumerateDevices: async () => plugged,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    getUserMedia: () =>
      new Promise((resolve) => {
        asked.push(() => {
          const track = new Track("audio");
          opened.push(track);
          resolve(new Stream([track]));
        });
      }),
  };
  // Nothing is measured: this one never runs.
  class AudioContext {
    readonly state = "suspended";
    readonly createAnalyser = () => ({});
    readonly createMediaStreamSource = () => ({ connect: () => undefined });
    readonly close = async () => undefined;
  }
  const heard = { addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal("AudioContext", AudioContext);
  vi.stubGlobal("document", heard);
  vi.stubGlobal("MediaStream", Stream);
  vi.stubGlobal("HTMLMediaElement", class {});
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("navigator", { mediaDevices });
});
afterEach(() => vi.unstubAllGlobals());

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function call(...tracks: Track[]) {
  const stream = new Stream(tracks) as unknown as MediaStream;
  const equipment = new Equipment({ stream, swap: () => undefined, onChange: () => undefined });
  const view = { value: { me: { role: "guest" }, others: [] } };
  const screen = new CallScreen({ equipment, view } as unknown as Visit, () => undefined);
  return { equipment, screen };
}

test("Space opens no microphone where there is none, and leaves none open", async () => {
  const { equipment, screen } = call();
  screen.do("talk");
  screen.hush();
  await settle();
  for (const hand of asked) hand();
  await settle();
  expect(asked.length).toBe(0);
  expect(equipment.microphone.value).toBe("none");
  equipment.close();
});

test("Space opens a muted microphone for as long as it is held", () => {
  const track = new Track("audio");
  track.enabled = false;
  const { equipment, screen } = call(track);
  screen.do("talk");
  expect(track.enabled).toBe(true);
  screen.hush();
  expect(track.enabled).toBe(false);
  expect(equipment.microphone.value).toBe("off");
  equipment.close();
});

test("a microphone that goes away while Space is held comes back muted once the key was let go", async () => {
  const track = new Track("audio");
  track.enabled = false;
  const { equipment, screen } = call(track);
  screen.do("talk");
  track.unplug();
  await settle();
  screen.hush();
  asked[0]?.();
  await settle();
  expect(opened.map(({ enabled }) => enabled)).toEqual([false]);
  expect(equipment.microphone.value).toBe("off");
  equipment.close();
});

test("a microphone that is muted while it is being opened comes muted, and one that was asked for comes open", async () => {
  const { equipment } = call();
  equipment.turn("microphone", true);
  await settle();
  expect(equipment.microphone.value).toBe("opening");
  equipment.turn("microphone", false);
  asked[0]?.();
  await settle();
  expect(opened.map(({ enabled }) => enabled)).toEqual([false]);
  expect(equipment.microphone.value).toBe("off");
  opened[0]?.unplug();
  await settle();
  equipment.turn("microphone", true);
  asked[1]?.();
  await settle();
  expect(equipment.microphone.value).toBe("on");
  equipment.close();
});
