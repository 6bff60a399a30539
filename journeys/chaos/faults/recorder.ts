// What happens to MediaRecorder and to what it hands over, done to the page's own recorder from within.
import { setTimeout as lasts } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/** Half a minute of a film in one piece, as after a page that was blocked for long. */
const hugeBytes = 50_000_000;

/** To be run in the page before its scripts: `recorders`, oldest first. */
export const reachRecorders = `{
  const Native = MediaRecorder;
  globalThis.recorders = [];
  globalThis.MediaRecorder = class extends Native {
    constructor(stream, options) {
      super(stream, options);
      recorders.push(this);
    }
  };
}`;

/** An EBML Void element: media that says nothing, of which a container may hold as much as it likes. */
const handOverHuge = `{
  const bytes = new Uint8Array(${hugeBytes});
  bytes.set([0xec, 0x01, ...[6, 5, 4, 3, 2, 1, 0].map((at) => Math.floor((${hugeBytes} - 9) / 256 ** at) % 256)]);
  recorders.at(-1).dispatchEvent(new BlobEvent("dataavailable", { data: new Blob([bytes]) }));
}`;

const readBlobsLate = `{
  const native = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = async function () {
    const bytes = await native.call(this);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2500));
    return bytes;
  };
  globalThis.readBlobsInTime = () => {
    Blob.prototype.arrayBuffer = native;
  };
  const recorder = recorders.at(-1);
  globalThis.empties = setInterval(() => recorder.dispatchEvent(new BlobEvent("dataavailable", { data: new Blob([]) })), 300);
}`;

export const recorder: readonly Fault[] = [
  {
    number: 11,
    kind: "client",
    what: "the recorder stalls and says nothing",
    strike: async ({ tab }) => void (await tab.person.page.evaluate("recorders.at(-1).pause()")),
  },
  {
    number: 15,
    kind: "client",
    what: "the recorder ends with an error",
    strike: async ({ tab }) => {
      // Recorded streams must not change: the specification ends such a recorder with an error.
      await tab.person.page.evaluate("recorders.at(-1).stream.addTrack(recorders.at(-1).stream.getVideoTracks()[0].clone())");
    },
  },
  {
    number: 17,
    kind: "client",
    what: "a chunk of 50 MB",
    strike: async ({ tab }) => void (await tab.person.page.evaluate(handOverHuge)),
  },
  {
    number: 18,
    kind: "client",
    what: "empty chunks, and blobs that are read late and out of order",
    strike: async ({ tab }, random) => {
      await tab.person.page.evaluate(readBlobsLate);
      await lasts(random.between(4000, 6000));
      await tab.person.page.evaluate("readBlobsInTime(); clearInterval(empties)");
    },
  },
  {
    number: 19,
    kind: "client",
    last: "device",
    what: "the device has no room left",
    strike: async ({ tab, network }) => {
      const session = await tab.person.page.createCDPSession();
      const { usage } = await session.send("Storage.getUsageAndQuota", { origin: network.url });
      await session.send("Storage.overrideQuotaForOrigin", { origin: network.url, quotaSize: usage + 100_000 });
      await tab.person.reads("cannot keep the recording on this device", 60_000);
      await session.detach();
    },
  },
  {
    number: 21,
    kind: "client",
    last: "device",
    what: "the tab is closed and opened again where nothing can be kept",
    strike: async ({ tab }) => {
      await tab.lose();
      await tab.join({ keeps: false });
    },
  },
];
