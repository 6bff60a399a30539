import { afterEach, expect, test, vi } from "vitest";
import { Spare } from "./spare.ts";

class FakeStream {
  constructor(readonly tracks: { kind: string }[]) {}
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
}

afterEach(() => vi.unstubAllGlobals());

const stream = (...kinds: string[]) => new FakeStream(kinds.map((kind) => ({ kind }))) as unknown as MediaStream;

test("with room for everything the stream itself is recorded", () => {
  const one = stream("audio", "video");
  expect(new Spare().of(one, "everything")).toBe(one);
});

test("with room for sound only it is one other stream, the same each time", () => {
  vi.stubGlobal("MediaStream", FakeStream);
  const spare = new Spare();
  const one = stream("audio", "video");
  const sound = spare.of(one, "sound");
  expect((sound as unknown as FakeStream).tracks.map(({ kind }) => kind)).toEqual(["audio"]);
  expect(spare.of(one, "sound")).toBe(sound);
  expect(spare.of(one, "everything")).toBe(one);
});

test("a picture without sound is not recorded until there is room again", () => {
  expect(new Spare().of(stream("video"), "sound")).toBeNull();
  expect(new Spare().of(null, "sound")).toBeNull();
});
