import { expect, test } from "vitest";
import { Spoken, Stopped, type Way } from "./spoken.ts";

/** What is being sent, and how the other end goes on with it. */
function rig() {
  const spoken = new Spoken({ kind: "voice", durationMs: 3000, blob: new Blob(["voice"]) });
  const ways: (Way & { arrive: (id: string) => void; fail: (error: Error) => void })[] = [];
  const post = () =>
    spoken.send(
      (_, way) =>
        new Promise((resolve, reject) => {
          way.signal.addEventListener("abort", () => reject(way.signal.reason as Error));
          ways.push({ ...way, arrive: (id) => resolve({ id }), fail: reject });
        }),
    );
  return { spoken, ways, post };
}

test("it says how much of it has left, and nothing once it is there or was refused", async () => {
  const { spoken, ways, post } = rig();
  expect([spoken.bytes, spoken.sent.value]).toEqual([5, null]);
  const refused = post();
  expect(spoken.sent.value).toBe(0);
  ways[0]!.onSent(0.4);
  expect(spoken.sent.value).toBe(0.4);
  ways[0]!.fail(new Error("down"));
  await expect(refused).rejects.toThrow("down");
  expect(spoken.sent.value).toBeNull();
  const there = post();
  ways[1]!.onSent(1);
  ways[1]!.arrive("att_1");
  expect([await there, spoken.sent.value]).toEqual(["att_1", null]);
});

test("stopped, it is still here, and is sent from its start when posted again", async () => {
  const { spoken, ways, post } = rig();
  const stopped = post();
  ways[0]!.onSent(0.9);
  spoken.stop();
  await expect(stopped).rejects.toBeInstanceOf(Stopped);
  expect(spoken.sent.value).toBeNull();
  const there = post();
  expect(spoken.sent.value).toBe(0);
  ways[1]!.arrive("att_2");
  expect(await there).toBe("att_2");
  // Too late: it is there, and is not sent once more.
  spoken.stop();
  expect(await post()).toBe("att_2");
  expect(ways).toHaveLength(2);
});

test("thrown away while it is sent, it is not sent on", async () => {
  const { spoken, ways, post } = rig();
  const gone = post();
  spoken.close();
  await expect(gone).rejects.toBeInstanceOf(Stopped);
  expect(ways[0]!.signal.aborted).toBe(true);
});
