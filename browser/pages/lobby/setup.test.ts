import { afterEach, expect, test, vi } from "vitest";
import { Setup } from "./setup.ts";

afterEach(() => vi.unstubAllGlobals());

/** A browser that asks the person, and is answered when the test says so. */
function browser() {
  const answers: (() => void)[] = [];
  const getUserMedia = ({ video }: { video: unknown }) =>
    new Promise((resolve) => {
      const tracks = video ? ["video", "audio"] : ["audio"];
      answers.push(() => resolve(streamOf(tracks)));
    });
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("HTMLMediaElement", class {});
  const listens = { addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal("navigator", { userAgent: "Chrome/156", mediaDevices: { ...listens, getUserMedia, enumerateDevices: async () => [] } });
  return answers;
}

function streamOf(kinds: string[]) {
  const tracks = kinds.map((kind) => ({
    kind,
    stopped: false,
    addEventListener: () => undefined,
    stop() {
      this.stopped = true;
    },
  }));
  return { getTracks: () => tracks, getAudioTracks: () => tracks.filter(({ kind }) => kind === "audio") };
}

test("whoever joins while the browser asks waits for the answer", async () => {
  const [setup, answers] = [new Setup(), browser()];
  void setup.open();
  const joining = setup.settled().then(() => setup.handOver());
  answers[0]!();
  expect((await joining)?.getTracks().map(({ kind }) => kind)).toEqual(["video", "audio"]);
});

test("a question that is never answered keeps nobody from joining by another choice", async () => {
  const [setup, answers] = [new Setup(), browser()];
  void setup.open();
  const joining = setup.settled().then(() => setup.handOver());
  void setup.choose({ camera: false });
  answers[1]!();
  expect((await joining)?.getTracks().map(({ kind }) => kind)).toEqual(["audio"]);
  const without = new Setup();
  void without.open();
  const going = without.settled().then(() => without.handOver());
  void without.without({ camera: false, microphone: false });
  expect(await going).toBeNull();
});
