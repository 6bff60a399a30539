import { afterEach, expect, test, vi } from "vitest";
import { speakThrough } from "./picture.tsx";

// What a browser can is asked once, when its page is read.
vi.hoisted(() => vi.stubGlobal("HTMLMediaElement", { prototype: { setSinkId: null } }));
afterEach(() => vi.unstubAllGlobals());

test("a speaker that is unplugged gives way to the browser's own, and is taken up again when it is back", async () => {
  let plugged = ["built-in", "headset"];
  class Element {
    sinkId = "";
    async setSinkId(id: string): Promise<void> {
      if (id !== "" && !plugged.includes(id)) throw new DOMException("gone", "NotFoundError");
      this.sinkId = id;
    }
  }
  vi.stubGlobal("window", { isSecureContext: true });
  const enumerateDevices = async () => plugged.map((deviceId) => ({ kind: "audiooutput", deviceId }));
  vi.stubGlobal("navigator", { mediaDevices: { enumerateDevices } });
  const element = new Element();
  const sinks: string[] = [];
  for (const now of [["built-in", "headset"], ["built-in"], ["built-in", "headset"]]) {
    plugged = now;
    await speakThrough(element, "headset");
    sinks.push(element.sinkId);
  }
  expect(sinks).toEqual(["headset", "", "headset"]);
});
