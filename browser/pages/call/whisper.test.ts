import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Fitting } from "./equipment.ts";
import { Whisper } from "./whisper.ts";

class Track {
  enabled = true;
  stopped = false;
  readonly clones: Track[] = [];
  clone(): Track {
    const made = new Track();
    this.clones.push(made);
    return made;
  }
  stop(): void {
    this.stopped = true;
  }
}

/** A call's microphone, people who are told, and a device that opens when it is let. */
function setting(fitting: Fitting | null) {
  const own = fitting === null ? null : new Track();
  const opened: Track[] = [];
  const said: [string, boolean, boolean][] = [];
  const state = { there: true, muted: false, fails: false };
  const microphone = signal<Fitting>(fitting ?? "none");
  if (own) own.enabled = fitting === "on";
  const streamOf = (track: Track) => ({ getAudioTracks: () => [track], getTracks: () => [track] });
  const errors: unknown[] = [];
  /** As whoever keeps whispers is told: to whom, and whether its track lives and is open. */
  const kept: string[] = [];
  const heard = ({ to, stream }: { to: string; stream: MediaStream }) => {
    const [track] = stream.getTracks() as unknown as Track[];
    return `${to} ${track?.enabled ? "open" : "silent"}`;
  };
  const whisper = new Whisper({
    microphone: {
      fitting: microphone,
      turn: (on) => {
        if (own) own.enabled = on;
        microphone.value = on ? "on" : "off";
      },
      track: () => own as never,
    },
    muted: () => state.muted,
    send: (to, stream, on) => {
      if (state.there) said.push([to, stream !== null, on]);
      return state.there;
    },
    open: async () => {
      if (state.fails) throw new Error("denied");
      opened.push(new Track());
      return streamOf(opened.at(-1)!) as never;
    },
    streamOf: streamOf as never,
    onError: (error) => errors.push(error),
    onChosen: (chosen) =>
      kept.push(chosen ? `chosen ${heard(chosen)}` : `over, ${opened.some(({ stopped }) => stopped) ? "ended" : "live"}`),
    onSpoken: (spoken) => kept.push(spoken ? `spoken ${heard(spoken)}` : "silent"),
  });
  /** What the others hear, and what the one hears. */
  const open = () => ({
    call: own?.enabled ?? false,
    whisper: [...(own?.clones ?? []), ...opened].some((one) => one.enabled && !one.stopped),
  });
  return { whisper, said, state, own, opened, open, microphone, errors, kept };
}

test("whoever keeps it hears of it before the first word and before its track ends, and of every press", async () => {
  const { whisper, kept } = setting(null);
  await whisper.choose("ben");
  whisper.press();
  whisper.release();
  whisper.press();
  whisper.close();
  expect(kept).toEqual(["chosen ben silent", "spoken ben open", "silent", "spoken ben open", "silent", "over, live"]);
});

test("while a host whispers the call's microphone is off, and comes back after", async () => {
  const { whisper, said, open, own } = setting("on");
  await whisper.choose("ben");
  expect(open()).toEqual({ call: true, whisper: false });
  whisper.press();
  expect(open()).toEqual({ call: false, whisper: true });
  whisper.release();
  expect(open()).toEqual({ call: true, whisper: false });
  whisper.close();
  expect(said).toEqual([
    ["ben", true, false],
    ["ben", true, true],
    ["ben", true, false],
    ["ben", false, false],
  ]);
  expect([own?.stopped, own?.clones.every(({ stopped }) => stopped)]).toEqual([false, true]);
});

test("a microphone that was off before, or was muted by a host meanwhile, stays off", async () => {
  const silent = setting("off");
  await silent.whisper.choose("ben");
  silent.whisper.press();
  silent.whisper.release();
  expect(silent.open()).toEqual({ call: false, whisper: false });
  const muted = setting("on");
  await muted.whisper.choose("ben");
  muted.whisper.press();
  muted.state.muted = true;
  muted.whisper.release();
  expect(muted.open()).toEqual({ call: false, whisper: false });
});

test("whoever opens the call's microphone while they whisper speaks to all, and whispers no more", async () => {
  const { whisper, open, own, microphone } = setting("off");
  await whisper.choose("ben");
  whisper.press();
  own!.enabled = true;
  microphone.value = "on";
  expect(open()).toEqual({ call: true, whisper: false });
  expect(whisper.state.value).toBe("ready");
});

test("an observer's microphone is opened for it, silent until pressed, and given back", async () => {
  const { whisper, opened, open, said } = setting(null);
  await whisper.choose("ben");
  expect(open()).toEqual({ call: false, whisper: false });
  whisper.press();
  expect(open()).toEqual({ call: false, whisper: true });
  await whisper.choose("asha");
  expect([opened[0]?.stopped, open()]).toEqual([true, { call: false, whisper: false }]);
  expect(said.slice(-3)).toEqual([
    ["ben", true, false],
    ["ben", false, false],
    ["asha", true, false],
  ]);
  whisper.present(["ben"]);
  expect([whisper.to.value, opened.every(({ stopped }) => stopped)]).toEqual([null, true]);
});

test("nothing is spoken that they were not told of, and a refused microphone is no whisper", async () => {
  const { whisper, open, state, errors } = setting(null);
  await whisper.choose("ben");
  state.there = false;
  whisper.press();
  expect([whisper.state.value, open().whisper]).toEqual(["ready", false]);
  await whisper.choose(null);
  state.fails = true;
  await whisper.choose("asha");
  expect([whisper.to.value, whisper.state.value, errors.length]).toEqual([null, "off", 1]);
});
